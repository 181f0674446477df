//! What a room tells of itself to whoever sends agents into it. It must not know workers.

use livekit_protocol::{ParticipantInfo, Room, RoomAgentDispatch};
use livekit_wire::{Identity, RoomName};

/// The attribute of a participant that a worker sent (pkg/agent/worker.go).
pub const AGENT_NAME_ATTRIBUTE: &str = "lk.agent_name";

/// Takes what rooms tell, in order.
pub type TellAgents = dyn Fn(AgentNews) + Send + Sync;

/// Something happened that may begin or end the work of an agent.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentNews {
    /// A room is open.
    Opened {
        /// As it is now.
        room: Box<Room>,
        /// Whom it wants; empty means every agent without a name.
        agents: Vec<RoomAgentDispatch>,
    },
    /// Somebody is in the room.
    Joined {
        /// As it is now.
        room: Box<Room>,
        /// Who.
        participant: Box<ParticipantInfo>,
        /// An agent or a recorder: nobody works for it.
        dependent: bool,
    },
    /// A participant's first track is published.
    Published {
        /// As it is now.
        room: Box<Room>,
        /// Who.
        participant: Box<ParticipantInfo>,
        /// An agent or a recorder: nobody works for it.
        dependent: bool,
    },
    /// A participant has left.
    Left {
        /// The room.
        room: RoomName,
        /// Who.
        identity: Identity,
    },
    /// The room ends. Told before those who are in it leave.
    Closed {
        /// The room.
        room: RoomName,
    },
}
