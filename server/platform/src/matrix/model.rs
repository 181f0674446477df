//! What is kept of a Matrix client's delayed leave event.

use std::time::Duration;

use crate::clock::Timestamp;

/// A leave event that a homeserver sends after `delay_timeout`, unless it is restarted before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelayedLeave {
    /// LiveKit room of the call.
    pub room: String,
    /// LiveKit identity whose leaving it tells; one event for each room and identity.
    pub identity: String,
    /// Matrix server name of the homeserver that holds it.
    pub server_name: String,
    /// The homeserver's name for it.
    pub delay_id: String,
    /// From one restart to the next.
    pub delay_timeout: Duration,
    /// When the homeserver last began to count from anew.
    pub restarted_at: Timestamp,
}
