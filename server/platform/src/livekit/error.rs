//! Why a call to the media server failed.

use std::time::Duration;

use http::StatusCode;
use livekit_client::{CallError, Code};
use livekit_wire::token::SignError;
use thiserror::Error;

use crate::http::Problem;

const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The closed list of failures of a call to LiveKit's API.
#[derive(Debug, Error)]
pub enum LiveKitError {
    /// No connection, it broke before the answer, or Twirp `unavailable` or a bare 502, 503 or 504.
    #[error("the media server cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time, or Twirp `deadline_exceeded`.
    #[error("the media server did not answer in time")]
    Timeout,
    /// Twirp `unauthenticated` or `permission_denied`, or a bare 401 or 403: the key or secret is wrong, or may not.
    #[error("the media server refuses the API key")]
    Unauthenticated,
    /// Twirp `not_found`: the room or participant is not there.
    #[error("not found on the media server")]
    NotFound,
    /// Any other Twirp error.
    #[error("the media server refused ({code}): {message}")]
    Refused {
        /// Twirp's code, for example `failed_precondition`.
        code: String,
        /// Its text.
        message: String,
    },
    /// An answer that is neither the expected message nor a Twirp error.
    #[error("the media server's answer makes no sense: {0}")]
    BadAnswer(String),
    /// The token for the call could not be signed.
    #[error(transparent)]
    Token(#[from] SignError),
}

impl From<CallError> for LiveKitError {
    fn from(error: CallError) -> LiveKitError {
        match error {
            CallError::Transport(cause) => LiveKitError::Unreachable(cause),
            CallError::Deadline => LiveKitError::Timeout,
            CallError::Refused(refusal) => match refusal.code() {
                Some(Code::Unauthenticated | Code::PermissionDenied) => {
                    LiveKitError::Unauthenticated
                }
                Some(Code::NotFound) => LiveKitError::NotFound,
                Some(Code::DeadlineExceeded) => LiveKitError::Timeout,
                Some(Code::Unavailable) => LiveKitError::Unreachable(refusal.message),
                _ => LiveKitError::Refused {
                    code: refusal.word,
                    message: refusal.message,
                },
            },
            CallError::Status { status, .. } => match status {
                // A wrong secret is answered in plain text, before Twirp sees the request.
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => LiveKitError::Unauthenticated,
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => LiveKitError::Unreachable(error.to_string()),
                _ => LiveKitError::BadAnswer(error.to_string()),
            },
            CallError::Nonsense(text) => LiveKitError::BadAnswer(text),
            CallError::Token(cause) => LiveKitError::Token(cause),
        }
    }
}

impl From<LiveKitError> for Problem {
    fn from(error: LiveKitError) -> Problem {
        match error {
            LiveKitError::NotFound => Problem::not_found("participant in this call"),
            LiveKitError::Unreachable(_) | LiveKitError::Timeout => {
                tracing::warn!(%error, "a call to the media server failed");
                media_unavailable()
            }
            LiveKitError::Unauthenticated => {
                tracing::error!(%error, "livekit.api_key and api_secret are not the media server's");
                media_unavailable()
            }
            LiveKitError::Refused { .. } | LiveKitError::BadAnswer(_) => {
                tracing::error!(%error, "a call to the media server failed");
                Problem::new(
                    StatusCode::BAD_GATEWAY,
                    "media_failed",
                    "The media server could not do this; the server's log says why.",
                )
            }
            LiveKitError::Token(_) => Problem::internal(&error),
        }
    }
}

impl LiveKitError {
    /// The media server's words, where they say something of what was asked for, and not of the server.
    pub fn of_request(&self) -> Option<&str> {
        let LiveKitError::Refused { code, message } = self else {
            return None;
        };
        let is_of_request = matches!(
            Code::from_word(code)?,
            Code::InvalidArgument
                | Code::Malformed
                | Code::OutOfRange
                | Code::AlreadyExists
                | Code::FailedPrecondition
                | Code::ResourceExhausted
        );
        is_of_request.then_some(message)
    }
}

/// Whether the media server has no such method at all; an answer from in front of its services says so, too.
pub fn is_unknown_method(error: &CallError) -> bool {
    match error {
        CallError::Status { status, .. } => *status == StatusCode::NOT_FOUND,
        error => error.code() == Some(Code::BadRoute),
    }
}

/// 422: see [`LiveKitError::of_request`].
pub fn media_refused(message: &str) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "media_refused",
        format!("The media server refuses this: {message}"),
    )
}

/// 503: no call can be made now.
pub fn media_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "media_unavailable",
        "The media server is not ready. Try again in a moment.",
    )
    .retry_after(RETRY_AFTER)
}
