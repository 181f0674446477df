//! The kinds of live events and what each tells; ids and names only, pages fetch the rest.

use serde::Serialize;
use utoipa::ToSchema;

use super::EventKind;
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
    /// Which of the events it is.
    pub fn kind(&self) -> EventKind {
        match self {
            EventBody::RoomUpdated { .. } => EventKind::RoomUpdated,
            EventBody::RoomDeleted { .. } => EventKind::RoomDeleted,
            EventBody::MeetingStarted { .. } => EventKind::MeetingStarted,
            EventBody::MeetingEnded { .. } => EventKind::MeetingEnded,
            EventBody::ParticipantJoined { .. } => EventKind::ParticipantJoined,
            EventBody::ParticipantLeft { .. } => EventKind::ParticipantLeft,
            EventBody::ParticipantUpdated { .. } => EventKind::ParticipantUpdated,
            EventBody::HandChanged { .. } => EventKind::HandChanged,
            EventBody::MediaStatus { .. } => EventKind::MediaStatus,
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
