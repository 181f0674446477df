//! The names of live events, once: for the stream, and for its description, from which the page's come.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! kinds {
    ($($kind:ident = $name:literal,)*) => {
        /// Which event it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventKind {
            $(#[doc = $name] $kind,)*
        }

        impl EventKind {
            const NAMES: &[&str] = &[$($name,)*];

            /// The kind with this name; a newer server may tell others.
            pub fn named(name: &str) -> Option<EventKind> {
                match name {
                    $($name => Some(EventKind::$kind),)*
                    _ => None,
                }
            }

            /// The stream's `event` field.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(EventKind::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    RoomUpdated = "room.updated",
    RoomDeleted = "room.deleted",
    MeetingStarted = "meeting.started",
    MeetingEnded = "meeting.ended",
    ParticipantJoined = "participant.joined",
    ParticipantLeft = "participant.left",
    ParticipantUpdated = "participant.updated",
    HandChanged = "hand.changed",
    MediaStatus = "media.status",
    RecordingStarted = "recording.started",
    RecordingStopped = "recording.stopped",
    RecordingComposing = "recording.composing",
    RecordingProcessing = "recording.processing",
    RecordingCompleted = "recording.completed",
    RecordingFailed = "recording.failed",
    RecordingDeleted = "recording.deleted",
}

/// Who may hear of something in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever sees the room's door.
    Anybody,
    /// Those in the room or on its list of members: it names people.
    Insiders,
    /// Those who moderate the room.
    Moderators,
}

impl EventKind {
    /// Who may hear of it.
    pub fn audience(self) -> Audience {
        match self {
            EventKind::RoomUpdated
            | EventKind::RoomDeleted
            | EventKind::MeetingStarted
            | EventKind::MeetingEnded
            | EventKind::MediaStatus
            | EventKind::RecordingStarted
            | EventKind::RecordingStopped
            // In the call it is over by one of these, too, where it never began or broke.
            | EventKind::RecordingComposing
            | EventKind::RecordingProcessing
            | EventKind::RecordingFailed => Audience::Anybody,
            EventKind::ParticipantJoined
            | EventKind::ParticipantLeft
            | EventKind::ParticipantUpdated
            | EventKind::HandChanged => Audience::Insiders,
            EventKind::RecordingCompleted | EventKind::RecordingDeleted => Audience::Moderators,
        }
    }
}

impl PartialSchema for EventKind {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(EventKind::NAMES.iter().copied()))
            .description(Some(
                "The stream's `event` field; `reset` comes beside these.",
            ))
            .into()
    }
}

impl ToSchema for EventKind {}
