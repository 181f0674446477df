//! What the built-in media server tells of each participant's connection: totals since they came, as JSON. Two answers
//! give what was between them. LiveKit's own server has nothing of the kind.

use serde::{Deserialize, Serialize};

/// Where it is told, to whoever may list rooms.
pub const PATH: &str = "/quality";

/// One participant's connection. Up is from them to the server, down from the server to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTotals {
    /// LiveKit's name of the participant, `PA_…`.
    pub sid: String,
    /// When these were counted, in milliseconds on a clock that the participant's room began with.
    pub counted_at: u64,
    /// RTP that they sent and that arrived.
    pub up: StreamTotals,
    /// RTP that was sent to them; what got lost, and the bytes, are those of its first sending.
    pub down: StreamTotals,
    /// Round trip time in milliseconds, of the worst track; `None`: not known yet.
    pub rtt: Option<u64>,
    /// Interarrival jitter of what they send in milliseconds, of the worst track; `None`: they send nothing.
    pub jitter: Option<u64>,
}

/// Packets one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamTotals {
    /// Without those that got lost.
    pub packets: u64,
    /// Lost.
    pub lost: u64,
    /// Payload of the packets.
    pub bytes: u64,
}
