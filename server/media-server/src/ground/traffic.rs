//! What one shard has moved since the server started, for metrics. It must not know who reads it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// That many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many it were so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Level(AtomicU64);

impl Level {
    /// One more.
    pub fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One of them less.
    pub fn end(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many there are.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything that is counted.
#[derive(Debug, Clone, Default)]
pub struct AllTraffic {
    /// By each shard.
    pub shards: Vec<Arc<Traffic>>,
    /// By TURN.
    pub relayed: Arc<RelayTraffic>,
}

/// What TURN has relayed.
#[derive(Debug, Default)]
pub struct RelayTraffic {
    /// Relayed addresses of now.
    pub allocations: Level,
    /// Requests that were refused: beyond a limit, or for a peer that is not this media server.
    pub refused: Count,
    /// Bytes from clients to rooms.
    pub bytes_in: Count,
    /// Bytes to clients.
    pub bytes_out: Count,
    /// Datagrams to clients that were too slow to take them.
    pub dropped: Count,
}

/// Totals of one shard. Each shard has its own, so that threads do not wait for each other's cache lines.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Datagrams from clients (UDP, or frames of TCP): STUN, DTLS, RTP, RTCP.
    pub datagrams_in: Count,
    /// Their bytes.
    pub bytes_in: Count,
    /// Datagrams to clients.
    pub datagrams_out: Count,
    /// Their bytes.
    pub bytes_out: Count,
    /// RTP packets of publishers.
    pub rtp_in: Count,
    /// RTP packets to subscribers, without those that are sent again.
    pub rtp_out: Count,
    /// RTP packets of publishers that did not arrive, as each quality window ends.
    pub lost_in: Count,
    /// How often subscribers ask for packets again (NACK).
    pub nacks_in: Count,
    /// How often publishers are asked for packets again.
    pub nacks_out: Count,
    /// Keyframes that subscribers ask for (PLI and FIR).
    pub keyframe_requests_in: Count,
    /// Keyframes that publishers are asked for.
    pub keyframe_requests_out: Count,
    /// Participants that were let in.
    pub joins: Count,
}
