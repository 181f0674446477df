//! Why something is not done to a live room, and how that is answered.

use http::StatusCode;
use thiserror::Error;

use crate::{
    accounts::NotAName,
    db::DbError,
    http::Problem,
    livekit::{LiveKitError, error::media_refused},
    rooms::EndRoomError,
};

/// Why something is not done to a live room.
#[derive(Debug, Error)]
pub enum LiveRoomError {
    #[error("no such room is live")]
    NotLive,
    #[error("no such track is published")]
    NoTrack,
    /// The site decides about its own rooms.
    #[error("this is a room of the site")]
    OwnRoom,
    /// People in the site's rooms have names like everybody's there.
    #[error(transparent)]
    NotAName(NotAName),
    /// The site keeps something in this attribute.
    #[error("the attribute {0} is the site's")]
    ReservedAttribute(&'static str),
    #[error("the payload is no base64")]
    NotBase64,
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    End(#[from] EndRoomError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<LiveRoomError> for Problem {
    fn from(error: LiveRoomError) -> Problem {
        match error {
            LiveRoomError::NotLive => Problem::not_found("live room"),
            LiveRoomError::NoTrack => Problem::not_found("track"),
            LiveRoomError::OwnRoom => Problem::new(
                StatusCode::CONFLICT,
                "own_room",
                "This is a room of this site, which decides that itself: use the room's own routes.",
            ),
            LiveRoomError::NotAName(cause) => {
                Problem::invalid_field("name", "invalid", cause.to_string())
            }
            LiveRoomError::ReservedAttribute(name) => Problem::invalid_field(
                "attributes",
                "site_attribute",
                format!("The site itself keeps the attribute {name}."),
            ),
            LiveRoomError::NotBase64 => {
                Problem::invalid_field("payload", "invalid", "This is no base64.")
            }
            LiveRoomError::Media(cause) => match cause.of_request() {
                Some(message) => media_refused(message),
                None => cause.into(),
            },
            LiveRoomError::End(cause) => cause.into(),
            LiveRoomError::Internal(cause) => cause.into(),
        }
    }
}
