//! The kinds of live events and what each tells; ids and names only, pages fetch the rest.

use serde::Serialize;
use utoipa::ToSchema;

use super::EventKind;
use crate::{clock::Timestamp, livekit::identity::Identity};

/// The stream's `data`.
#[derive(Serialize, ToSchema)]
pub struct Told<'a> {
    /// The room's id, which stays when its link changes; absent where an event concerns no room.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a str>,
    #[serde(flatten)]
    body: &'a EventBody,
}

/// The stream's `data` for what happened in this room.
pub(super) fn data(room_id: Option<&str>, body: &EventBody) -> String {
    // Texts and numbers under names that are texts are always JSON.
    serde_json::to_string(&Told { room_id, body }).unwrap_or_default()
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
    /// `recording.started`: it records from now on.
    RecordingStarted {
        room: String,
        recording_id: String,
        started_at: Timestamp,
    },
    /// `recording.stopped`: no more is recorded.
    RecordingStopped { room: String, recording_id: String },
    /// `recording.composing`: the recorder makes the film, or has a first version to look at.
    RecordingComposing { room: String, recording_id: String },
    /// `recording.processing`: the recorder is done, the film is being stored.
    RecordingProcessing { room: String, recording_id: String },
    /// `recording.completed`: the film can be watched.
    RecordingCompleted { room: String, recording_id: String },
    /// `recording.failed`: there is no film.
    RecordingFailed {
        room: String,
        recording_id: String,
        /// Why; see `RecordingFault`.
        fault: &'static str,
    },
    /// `recording.deleted`
    RecordingDeleted { room: String, recording_id: String },
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
            EventBody::RecordingStarted { .. } => EventKind::RecordingStarted,
            EventBody::RecordingStopped { .. } => EventKind::RecordingStopped,
            EventBody::RecordingComposing { .. } => EventKind::RecordingComposing,
            EventBody::RecordingProcessing { .. } => EventKind::RecordingProcessing,
            EventBody::RecordingCompleted { .. } => EventKind::RecordingCompleted,
            EventBody::RecordingFailed { .. } => EventKind::RecordingFailed,
            EventBody::RecordingDeleted { .. } => EventKind::RecordingDeleted,
            EventBody::MediaStatus { .. } => EventKind::MediaStatus,
        }
    }

    /// Who in the call it is about.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            EventBody::ParticipantJoined { identity, .. }
            | EventBody::ParticipantLeft { identity, .. }
            | EventBody::ParticipantUpdated { identity, .. }
            | EventBody::HandChanged { identity, .. } => Some(identity),
            EventBody::RoomUpdated { .. }
            | EventBody::RoomDeleted { .. }
            | EventBody::MeetingStarted { .. }
            | EventBody::MeetingEnded { .. }
            | EventBody::RecordingStarted { .. }
            | EventBody::RecordingStopped { .. }
            | EventBody::RecordingComposing { .. }
            | EventBody::RecordingProcessing { .. }
            | EventBody::RecordingCompleted { .. }
            | EventBody::RecordingFailed { .. }
            | EventBody::RecordingDeleted { .. }
            | EventBody::MediaStatus { .. } => None,
        }
    }
}
