//! How much of everything a listener gives; plain numbers.

use std::time::Duration;

/// The limits of one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time, in all.
    pub connections: usize,
    /// Connections at a time of one address; of IPv6 one /64.
    pub connections_per_address: usize,
    /// From the connection, or from the first byte of a request, to the end of its head. TLS has as long again.
    pub head_timeout: Duration,
    /// A connection without a request is closed after so long. Longer than proxies keep theirs (60 s), so that they
    /// close first.
    pub idle_timeout: Duration,
    /// A peer that sends nothing of a body, or takes nothing of an answer, for so long is gone.
    pub stall_timeout: Duration,
    /// The longest head, as the official server's (Go's `DefaultMaxHeaderBytes` and the slop it adds).
    pub largest_head: usize,
    /// Heads beyond [`SMALL_HEAD`] at a time, in all; each may cost a few times its size.
    pub large_heads: usize,
    /// Of them, those of one address.
    pub large_heads_per_address: usize,
}

/// What every connection may send before anything is known of it.
pub(super) const SMALL_HEAD: usize = 16 << 10;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 500,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(30),
            largest_head: (1 << 20) + 4096,
            large_heads: 32,
            large_heads_per_address: 8,
        }
    }
}
