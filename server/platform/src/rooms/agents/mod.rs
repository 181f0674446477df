//! Agents that come into every call of a room, from its beginning on: which, and who decides it. It must not know workers.

pub mod add;
pub mod list;
pub mod list_all;
pub mod remove;
#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

use super::{model::Slug, store::RoomAgentRow};
use crate::{clock::Timestamp, db::id};

id! {
    /// Names an agent's place in a room.
    RoomAgentId
}

/// An agent that comes into every call of a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomAgent {
    pub id: RoomAgentId,
    /// The room's link.
    pub room: Slug,
    /// What the room is called.
    pub room_name: String,
    /// As its worker registers; empty: workers without a name.
    pub agent_name: String,
    /// What the agent is told.
    pub metadata: String,
    pub added_at: Timestamp,
}

impl From<RoomAgentRow> for RoomAgent {
    fn from(row: RoomAgentRow) -> RoomAgent {
        RoomAgent {
            id: row.id,
            room: row.slug,
            room_name: row.name.to_string(),
            agent_name: row.agent_name,
            metadata: row.metadata,
            added_at: row.added_at,
        }
    }
}
