//! How a request fails, and what the client is told: Matrix's error objects with the original service's words.

use std::{borrow::Cow, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::Serialize;

/// The closed list of refusals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// The body is not the request's JSON.
    #[error("Error reading request")]
    NotJson,
    /// The body is JSON, but not good enough.
    #[error("{0}")]
    BadJson(Cow<'static, str>),
    /// The homeserver did not vouch for the user, for whatever reason.
    #[error("The request could not be authorised.")]
    Unauthorized,
    /// Not for users of this homeserver.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The SFU did not open the room.
    #[error("Unable to create room on SFU")]
    RoomNotCreated,
    /// Our fault.
    #[error("Internal Server Error")]
    Internal,
    /// The service ends.
    #[error("Service is shutting down")]
    ShuttingDown,
    /// The service holds all that it can.
    #[error("{0}")]
    Overloaded(String),
    /// A body larger than any request.
    #[error("The request body is too large")]
    TooLarge,
    /// This client asks too often.
    #[error("Too many requests")]
    LimitExceeded(Duration),
}

#[derive(Serialize)]
struct Body<'a> {
    errcode: &'static str,
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl MatrixError {
    /// Words that never change.
    pub const fn bad_json(words: &'static str) -> Self {
        Self::BadJson(Cow::Borrowed(words))
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotJson => (StatusCode::BAD_REQUEST, "M_NOT_JSON"),
            Self::BadJson(_) => (StatusCode::BAD_REQUEST, "M_BAD_JSON"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "M_UNAUTHORIZED"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "M_FORBIDDEN"),
            Self::RoomNotCreated | Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN")
            }
            Self::ShuttingDown | Self::Overloaded(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "M_UNKNOWN")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "M_TOO_LARGE"),
            Self::LimitExceeded(_) => (StatusCode::TOO_MANY_REQUESTS, "M_LIMIT_EXCEEDED"),
        }
    }
}

impl IntoResponse for MatrixError {
    fn into_response(self) -> Response {
        let (status, errcode) = self.status_and_code();
        let pause = match self {
            Self::LimitExceeded(pause) => Some(pause),
            _ => None,
        };
        let body = Body {
            errcode,
            error: &self.to_string(),
            retry_after_ms: pause.map(|pause| pause.as_millis().try_into().unwrap_or(u64::MAX)),
        };
        let mut response = json_line(status, &body);
        if let Some(pause) = pause {
            let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// JSON with a final newline, as the original service ends its answers.
pub fn json_line(status: StatusCode, body: &impl Serialize) -> Response {
    let json = HeaderValue::from_static("application/json");
    match serde_json::to_string(body) {
        Ok(mut text) => {
            text.push('\n');
            (status, [(CONTENT_TYPE, json)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
