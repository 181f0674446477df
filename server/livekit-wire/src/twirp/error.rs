//! Twirp errors and their HTTP statuses.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value},
};

/// Twirp's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Somebody else changed the same thing.
    Aborted,
    /// The thing to be made is there.
    AlreadyExists,
    /// No such method, or not asked for as Twirp demands.
    BadRoute,
    /// Waiting for somebody else was given up.
    Canceled,
    /// Data is lost or broken for good.
    #[serde(rename = "dataloss")]
    DataLoss,
    /// A limit was hit while waiting for somebody else.
    DeadlineExceeded,
    /// The state of things does not allow it.
    FailedPrecondition,
    /// Our fault.
    Internal,
    /// A value in the request is not acceptable.
    InvalidArgument,
    /// The body is not the request message.
    Malformed,
    /// The thing asked for is not there.
    NotFound,
    /// Past the end of something.
    OutOfRange,
    /// The token is good and does not grant this; livekit-server itself says `unauthenticated`.
    PermissionDenied,
    /// Too much of something.
    ResourceExhausted,
    /// LiveKit's answer to missing and to insufficient grants alike.
    Unauthenticated,
    /// Not part of this server.
    Unimplemented,
    /// An error without a code of its own.
    Unknown,
    /// Nobody is there to answer now.
    Unavailable,
}

impl Code {
    /// The code of this word; `None` for one that Twirp does not have.
    pub fn from_word(word: &str) -> Option<Self> {
        let word: value::StrDeserializer<'_, value::Error> = word.into_deserializer();
        Self::deserialize(word).ok()
    }

    /// The HTTP status Twirp prescribes.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Aborted | Self::AlreadyExists => StatusCode::CONFLICT,
            Self::BadRoute | Self::NotFound => StatusCode::NOT_FOUND,
            Self::Canceled | Self::DeadlineExceeded => StatusCode::REQUEST_TIMEOUT,
            Self::FailedPrecondition => StatusCode::PRECONDITION_FAILED,
            Self::DataLoss | Self::Internal | Self::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidArgument | Self::Malformed | Self::OutOfRange => StatusCode::BAD_REQUEST,
            Self::PermissionDenied => StatusCode::FORBIDDEN,
            Self::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// An error as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code:?}: {msg}")]
pub struct TwirpError {
    /// What kind.
    pub code: Code,
    /// For people.
    pub msg: String,
    /// Further facts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<&'static str, String>,
}

impl TwirpError {
    /// An error without further facts.
    pub fn new(code: Code, msg: impl Into<String>) -> Self {
        Self {
            code,
            msg: msg.into(),
            meta: BTreeMap::new(),
        }
    }

    /// An error from LiveKit's domain: its interceptor turns these into Twirp errors with a prefix in the text
    /// (protocol `utils/xtwirp/errors.go`, `WithDetailsFrom`).
    pub fn domain(code: Code, msg: impl std::fmt::Display) -> Self {
        Self::new(code, format!("twirp error unknown: {msg}"))
    }

    /// Twirp's `InvalidArgumentError`.
    pub fn invalid_argument(argument: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        let argument = argument.into();
        let msg = format!("{argument} {problem}");
        Self {
            code: Code::InvalidArgument,
            msg,
            meta: [("argument", argument)].into(),
        }
    }

    /// Missing or insufficient grants.
    pub fn permission_denied() -> Self {
        Self::new(Code::Unauthenticated, "permissions denied")
    }

    /// A request Twirp cannot route.
    pub fn bad_route(msg: impl Into<String>, method: &http::Method, path: &str) -> Self {
        let meta = [("twirp_invalid_route", format!("{method} {path}"))].into();
        Self {
            code: Code::BadRoute,
            msg: msg.into(),
            meta,
        }
    }
}

impl IntoResponse for TwirpError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self)
            .unwrap_or_else(|_| br#"{"code":"internal","msg":""}"#.to_vec());
        let json = HeaderValue::from_static("application/json");
        (self.code.status(), [(CONTENT_TYPE, json)], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_by_its_word() {
        for (word, code) in [
            ("not_found", Some(Code::NotFound)),
            ("dataloss", Some(Code::DataLoss)),
            ("a code of the future", None),
        ] {
            assert_eq!(Code::from_word(word), code);
        }
    }

    #[test]
    fn errors_look_like_those_of_the_real_server() {
        let json = |error: &TwirpError| serde_json::to_string(error).unwrap();
        assert_eq!(
            json(&TwirpError::domain(
                Code::NotFound,
                "requested room does not exist"
            )),
            r#"{"code":"not_found","msg":"twirp error unknown: requested room does not exist"}"#
        );
        assert_eq!(
            json(&TwirpError::bad_route(
                r#"unexpected Content-Type: "x""#,
                &http::Method::POST,
                "/twirp/a.B/C"
            )),
            r#"{"code":"bad_route","msg":"unexpected Content-Type: \"x\"","meta":{"twirp_invalid_route":"POST /twirp/a.B/C"}}"#
        );
        assert_eq!(
            json(&TwirpError::invalid_argument(
                "metadata size exceeds limits",
                512
            )),
            r#"{"code":"invalid_argument","msg":"metadata size exceeds limits 512","meta":{"argument":"metadata size exceeds limits"}}"#
        );
        assert_eq!(
            TwirpError::permission_denied().code.status(),
            StatusCode::UNAUTHORIZED
        );
    }
}
