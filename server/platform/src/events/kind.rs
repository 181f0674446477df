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
