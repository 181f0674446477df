//! The kinds of live events and what each tells; ids and names only, pages fetch the rest.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock::Timestamp, livekit::identity::Identity};

/// The room an event belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRoom {
    /// The room's id, as LiveKit's room name.
    pub id: String,
    /// What links show.
    pub slug: String,
}

/// Something that just happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where; `None` concerns everybody.
    pub room: Option<EventRoom>,
    /// What.
    pub body: EventBody,
}

/// What happened, as the stream's `data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventBody {
    /// `room.updated`: settings, lock, members or bans changed; fetch the room again.
    RoomUpdated { room: String },
    /// `room.deleted`
    RoomDeleted { room: String },
    /// `meeting.started`
    MeetingStarted {
        room: String,
        meeting_id: String,
        started_at: Timestamp,
    },
    /// `meeting.ended`
    MeetingEnded {
        room: String,
        meeting_id: String,
        ended_at: Timestamp,
    },
    /// `participant.joined`
    ParticipantJoined {
        room: String,
        identity: Identity,
        name: String,
        joined_at: Timestamp,
    },
    /// `participant.left`
    ParticipantLeft {
        room: String,
        identity: Identity,
        left_at: Timestamp,
    },
    /// `participant.updated`: tracks or permissions changed; fetch the participants again.
    ParticipantUpdated { room: String, identity: Identity },
    /// `hand.changed`
    HandChanged {
        room: String,
        identity: Identity,
        hand_raised_at: Option<Timestamp>,
    },
    /// `media.status`
    MediaStatus {
        /// `starting`, `ready` or `down`.
        status: &'static str,
    },
}

impl EventBody {
    /// The stream's `event` field.
    pub fn kind(&self) -> &'static str {
        match self {
            EventBody::RoomUpdated { .. } => "room.updated",
            EventBody::RoomDeleted { .. } => "room.deleted",
            EventBody::MeetingStarted { .. } => "meeting.started",
            EventBody::MeetingEnded { .. } => "meeting.ended",
            EventBody::ParticipantJoined { .. } => "participant.joined",
            EventBody::ParticipantLeft { .. } => "participant.left",
            EventBody::ParticipantUpdated { .. } => "participant.updated",
            EventBody::HandChanged { .. } => "hand.changed",
            EventBody::MediaStatus { .. } => "media.status",
        }
    }

    /// Whether it names people: only those in the room or on its list of members may know.
    pub fn names_people(&self) -> bool {
        match self {
            EventBody::ParticipantJoined { .. }
            | EventBody::ParticipantLeft { .. }
            | EventBody::ParticipantUpdated { .. }
            | EventBody::HandChanged { .. } => true,
            EventBody::RoomUpdated { .. }
            | EventBody::RoomDeleted { .. }
            | EventBody::MeetingStarted { .. }
            | EventBody::MeetingEnded { .. }
            | EventBody::MediaStatus { .. } => false,
        }
    }
}
