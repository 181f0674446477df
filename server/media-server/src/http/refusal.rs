//! Why a client is not let in, with the status and text of the original: livekit-client decides by them what to tell
//! the user and whether to try again.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use livekit_wire::connect::{AttributesError, JoinRequestError};

use crate::{app::Unauthorized, ground::JoinRefused};

/// Every refusal before a WebSocket exists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A bad token.
    #[error(transparent)]
    Token(#[from] Unauthorized),
    /// No token, or none about rooms, or one that forbids what is asked.
    #[error("no permissions to access the room")]
    NoPermission,
    /// The token does not allow to join.
    #[error("permissions denied")]
    MayNotJoin,
    /// v1 without its parameter.
    #[error("join_request is required")]
    JoinRequestRequired,
    /// A broken parameter.
    #[error(transparent)]
    JoinRequest(#[from] JoinRequestError),
    /// A broken parameter.
    #[error(transparent)]
    Attributes(#[from] AttributesError),
    /// The token names nobody.
    #[error("identity cannot be empty")]
    IdentityEmpty,
    /// Longer than configured.
    #[error("participant identity length exceeds limits: max length {0}")]
    IdentityTooLong(usize),
    /// The token names no room.
    #[error("no room name")]
    NoRoomName,
    /// Longer than configured.
    #[error("room name length exceeds limits: max length {0}")]
    RoomNameTooLong(usize),
    /// The rooms refuse.
    #[error(transparent)]
    Join(#[from] JoinRefused),
}

impl Refusal {
    /// The status livekit-client expects.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Token(_)
            | Self::NoPermission
            | Self::MayNotJoin
            | Self::Join(JoinRefused::TokenRevoked) => StatusCode::UNAUTHORIZED,
            Self::JoinRequestRequired
            | Self::JoinRequest(_)
            | Self::Attributes(_)
            | Self::IdentityEmpty
            | Self::IdentityTooLong(_)
            | Self::NoRoomName
            | Self::RoomNameTooLong(_)
            | Self::Join(JoinRefused::UnknownPreset | JoinRefused::TooLong(_)) => {
                StatusCode::BAD_REQUEST
            }
            Self::Join(JoinRefused::RoomNotFound) => StatusCode::NOT_FOUND,
            Self::Join(JoinRefused::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::info!(status = self.status().as_u16(), reason = %self, "request refused");
        (
            self.status(),
            [(CONTENT_TYPE, "text/plain; charset=utf-8")],
            self.to_string(),
        )
            .into_response()
    }
}
