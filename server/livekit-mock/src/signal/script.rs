//! What a connection is asked to play: the JSON object in the token's attribute `lk.mock`. A browser cannot set headers
//! on a WebSocket, so it comes with the token. What is unknown or unreadable plays the happy path, as in LiveKit's own.

use livekit_protocol::leave_request::Action;
use livekit_wire::Claims;
use serde::Deserialize;
use serde_json::{Map, Value};

const ATTRIBUTE: &str = "lk.mock";

/// A mode, and what the modes that make the client leave tell it to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) mode: Mode,
    /// A `LeaveRequest.Action`, or a number that is none.
    pub(super) leave_action: i32,
}

/// How the socket behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Join, answer pings, close when the client leaves.
    #[default]
    Happy,
    /// Refused with 500.
    Validate500,
    /// Refused with 404, as where LiveKit is not.
    ValidateServiceNotFound,
    /// Refused with 404 and the text by which clients know it.
    RoomNotFound,
    /// Opened, and silent.
    NoFirstMessage,
    /// Join, and pings stay unanswered.
    NoPong,
    /// Opened, and closed with 1011.
    CloseBeforeJoin,
    /// Join, then closed with 1011.
    CloseWhenConnected,
    /// Join, then gone without a word.
    DropWhenConnected,
    /// Join, then the client is told to leave.
    LeaveWhenConnected,
    /// The client is told to leave before anything else.
    LeaveFirstMessage,
    /// The same, but only for a client that resumes.
    LeaveDuringReconnect,
    /// Happy, but the client's close is met by a connection that is gone.
    DropOnClose,
}

impl Script {
    /// What the token asks for.
    pub(super) fn of(claims: &Claims) -> Self {
        let Some(text) = claims
            .attributes
            .get(ATTRIBUTE)
            .filter(|text| !text.is_empty())
        else {
            return Self::default();
        };
        // Through a map: a list would be taken for the fields in their order.
        let read = serde_json::from_str::<Map<String, Value>>(text)
            .and_then(|object| serde_json::from_value::<Written>(object.into()));
        match read {
            Ok(written) => Self {
                mode: written.signal.as_deref().map_or(Mode::Happy, Mode::named),
                leave_action: written.leave_action.map_or(0, LeaveAction::number),
            },
            Err(error) => {
                tracing::warn!(%error, text, "cannot read {ATTRIBUTE}: playing the happy path");
                Self::default()
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    signal: Option<String>,
    leave_action: Option<LeaveAction>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LeaveAction {
    Number(i32),
    Name(String),
}

impl LeaveAction {
    fn number(self) -> i32 {
        match self {
            Self::Number(number) => number,
            Self::Name(name) => Action::from_str_name(&name.to_ascii_uppercase())
                .unwrap_or(Action::Disconnect)
                .into(),
        }
    }
}

impl Mode {
    fn named(name: &str) -> Self {
        match name {
            "" | "happy" => Self::Happy,
            "validate_500" => Self::Validate500,
            "validate_service_not_found" => Self::ValidateServiceNotFound,
            "room_not_found" => Self::RoomNotFound,
            "no_first_message" => Self::NoFirstMessage,
            "no_pong" => Self::NoPong,
            "close_before_join" => Self::CloseBeforeJoin,
            "close_when_connected" => Self::CloseWhenConnected,
            "drop_when_connected" => Self::DropWhenConnected,
            "leave_when_connected" => Self::LeaveWhenConnected,
            "leave_first_message" => Self::LeaveFirstMessage,
            "leave_during_reconnect" => Self::LeaveDuringReconnect,
            "drop_on_close" => Self::DropOnClose,
            unknown => {
                tracing::warn!(
                    mode = unknown,
                    "unknown mode in {ATTRIBUTE}: playing the happy path"
                );
                Self::Happy
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn script(attribute: &str) -> Script {
        Script::of(&Claims {
            attributes: [(ATTRIBUTE.to_owned(), attribute.to_owned())].into(),
            ..Claims::default()
        })
    }

    #[test]
    fn the_action_of_a_leave_is_a_number_or_a_name() {
        for action in ["2", r#""RECONNECT""#, r#""reconnect""#] {
            let text = format!(r#"{{"signal":"leave_first_message","leaveAction":{action}}}"#);
            let wanted = Script {
                mode: Mode::LeaveFirstMessage,
                leave_action: Action::Reconnect.into(),
            };
            assert_eq!(script(&text), wanted);
        }
        assert_eq!(script(r#"{"leaveAction":"FLY"}"#), Script::default());
    }

    #[test]
    fn what_cannot_be_read_is_happy() {
        let unreadable = [
            "",
            "{",
            "7",
            "null",
            r#"["no_pong"]"#,
            "{}",
            r#"{"signal":"dance"}"#,
            r#"{"signal":7}"#,
            r#"{"signal":"no_pong","leaveAction":[]}"#,
        ];
        for text in unreadable {
            assert_eq!(script(text), Script::default(), "{text}");
        }
        assert_eq!(Script::of(&Claims::default()), Script::default());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in ".{0,200}") {
            let _ = script(&text);
        }
    }
}
