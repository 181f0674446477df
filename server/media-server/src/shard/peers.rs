//! Opens real peer connections and numbers them; nothing else knows both rooms and WebRTC.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crate::participant::{Connection, ConnectionFactory, IceLite};
use crate::peer::{LocalCandidate, Peer, PeerConfig, PeerId, PeerRole};

/// Tells where the server can be reached now: networks come, go and move.
pub type CandidateSource = Box<dyn Fn() -> Vec<LocalCandidate> + Send + Sync>;

/// The peer connections of one shard.
pub struct Peers {
    shard: u8,
    next: AtomicU32,
    config: PeerConfig,
    candidates: CandidateSource,
}

impl Peers {
    /// Connections numbered from 0; `config` decides whether ICE-lite is used with clients that know it.
    pub fn new(shard: u8, config: PeerConfig, candidates: CandidateSource) -> Self {
        Self {
            shard,
            next: AtomicU32::new(0),
            config,
            candidates,
        }
    }
}

impl ConnectionFactory for Peers {
    fn open(
        &self,
        role: PeerRole,
        ice_lite: IceLite,
        now: Instant,
    ) -> (PeerId, Box<dyn Connection>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = PeerId {
            shard: self.shard,
            number,
        };
        let config = PeerConfig {
            candidates: (self.candidates)(),
            ice_lite: match ice_lite {
                IceLite::Never => false,
                IceLite::AsSet => self.config.ice_lite,
                IceLite::Always => true,
            },
            ..self.config.clone()
        };
        (id, Box::new(Peer::new(role, id, &config, now)))
    }
}
