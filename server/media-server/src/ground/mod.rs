//! The words that doors, shards and rooms share: time, settings, sessions, refusals. It must not know any of those who use
//! them.

mod agents;
mod egress;
mod error;
mod session;
mod settings;
mod traffic;

use std::time::{Instant, SystemTime};

pub use agents::{AGENT_NAME_ATTRIBUTE, AgentNews, TellAgents};
pub use egress::{EgressRequest, EgressWish};
pub use error::{JoinRefused, RoomError};
pub use session::{JoinRequest, Joined, Resume, SessionId, SignalMode, SignalOut};
pub use settings::{IceServers, NodeInfo, RoomDefaults, Settings};
pub use traffic::{AllTraffic, Count, Level, RelayTraffic, Traffic};

/// The moment an input arrived; the core never asks a clock itself.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For timers.
    pub instant: Instant,
    /// For what is written down: join times, tokens, webhooks.
    pub system: SystemTime,
}
