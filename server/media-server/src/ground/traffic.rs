//! What one shard has moved since the server started, for metrics. It must not know who reads it.

use std::sync::atomic::{AtomicU64, Ordering};

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
