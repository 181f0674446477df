//! Every answer that is not the good one, and its HTTP status. All carry an empty `X-Lk-Mock-Region`: no region served.

use std::{borrow::Cow, collections::BTreeMap};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use livekit_wire::TokenError;
use serde::Serialize;

use crate::{
    body::BodyError, control::ControlError, message::NotTheMessage, permission::Missing,
    region::REGION_HEADER, sip::SipStatus,
};

/// Why a call, or the list of regions, is not answered as wished.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request's control cannot be read.
    Control(ControlError),
    /// The request's body cannot be read.
    Body(BodyError),
    /// No token, or none that holds.
    Token(TokenError),
    /// The token lacks a grant.
    Missing(Missing),
    /// The project is pinned to other regions.
    PinnedElsewhere,
    /// The call failed, as asked.
    Sip(SipStatus),
    /// The region failed, as asked: the status, and the Twirp code where one was given.
    Asked(StatusCode, Option<String>),
    /// The list of regions failed, as asked.
    Regions(StatusCode),
    /// The body is not the method's request.
    Request(NotTheMessage),
    /// The wished response is not the method's.
    Response(NotTheMessage),
    /// An answer that cannot be written.
    Encoding(serde_json::Error),
}

/// A Twirp error: unlike a real server's, any status with any code.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct TwirpFailure {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) msg: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) meta: BTreeMap<&'static str, String>,
}

impl TwirpFailure {
    fn new(status: StatusCode, code: &'static str, msg: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            msg: msg.into(),
            meta: BTreeMap::new(),
        }
    }

    fn with(mut self, key: &'static str, value: &impl ToString) -> Self {
        self.meta.insert(key, value.to_string());
        self
    }

    fn malformed(problem: &impl ToString) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            format!("mock: {}", problem.to_string()),
        )
    }
}

impl IntoResponse for TwirpFailure {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (REGION_HEADER, HeaderValue::from_static("")),
        ];
        (self.status, headers, body).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let blank = [(REGION_HEADER, HeaderValue::from_static(""))];
        let twirp = match self {
            // The body is the gateway's own text: clients go by the status.
            Self::PinnedElsewhere => {
                let status = StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;
                return (status, blank, "project not allowed in this region.").into_response();
            }
            Self::Regions(status) => return (status, blank).into_response(),
            Self::Control(error) => TwirpFailure::malformed(&error),
            Self::Body(error @ BodyError::TooLarge) => TwirpFailure::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "resource_exhausted",
                format!("mock: {error}"),
            ),
            Self::Body(error @ BodyError::Slow) => TwirpFailure::new(
                StatusCode::REQUEST_TIMEOUT,
                "deadline_exceeded",
                format!("mock: {error}"),
            ),
            Self::Body(error @ BodyError::Broken) => TwirpFailure::malformed(&error),
            Self::Token(error) => TwirpFailure::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "mock: unauthenticated",
            )
            .with("reason", &error),
            Self::Missing(missing) => TwirpFailure::new(
                StatusCode::FORBIDDEN,
                "permission_denied",
                "mock: permission_denied",
            )
            .with("missing", &missing),
            Self::Sip(status) => status.failure(),
            Self::Asked(status, code) => TwirpFailure {
                code: code.map_or_else(|| code_of(status).into(), Cow::Owned),
                ..TwirpFailure::new(
                    status,
                    "",
                    format!("mock failure (status {})", status.as_u16()),
                )
            },
            Self::Request(error) => TwirpFailure::malformed(&format!("the body is {error}")),
            Self::Response(error) => {
                TwirpFailure::malformed(&format!("the wished response is {error}"))
            }
            Self::Encoding(error) => TwirpFailure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                format!("mock: the answer cannot be written as JSON: {error}"),
            ),
        };
        twirp.into_response()
    }
}

/// The Twirp code a failure of this status gets when none is wished.
fn code_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "invalid_argument",
        401 => "unauthenticated",
        403 => "permission_denied",
        404 => "not_found",
        429 => "resource_exhausted",
        500.. => "unavailable",
        _ => "internal",
    }
}
