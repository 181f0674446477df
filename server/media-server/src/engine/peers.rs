//! Opens real peer connections and numbers them; nothing else knows both rooms and WebRTC.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crate::participant::{Connection, ConnectionFactory};
use crate::peer::{Peer, PeerConfig, PeerId, PeerRole};

/// The peer connections of one shard.
pub struct Peers {
    shard: u8,
    next: AtomicU32,
    lite: PeerConfig,
    full: PeerConfig,
}

impl Peers {
    /// Connections numbered from 0; `config` decides whether ICE-lite is used with clients that know it.
    pub fn new(shard: u8, config: &PeerConfig) -> Self {
        Self {
            shard,
            next: AtomicU32::new(0),
            lite: config.clone(),
            full: PeerConfig {
                ice_lite: false,
                ..config.clone()
            },
        }
    }
}

impl ConnectionFactory for Peers {
    fn open(&self, role: PeerRole, ice_lite: bool, now: Instant) -> (PeerId, Box<dyn Connection>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = PeerId {
            shard: self.shard,
            number,
        };
        let config = if ice_lite { &self.lite } else { &self.full };
        (id, Box::new(Peer::new(role, id, config, now)))
    }
}
