//! The SIP status a call failed with, and the error LiveKit makes of it (protocol `livekit/sip.go` and
//! `utils/xtwirp/errors.go`).

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::StatusCode;
use livekit_protocol::SipStatusCode;
use prost::Message;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::TwirpFailure;

/// A final SIP status other than success.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct SipStatus {
    code: i32,
    reason: String,
}

/// Not a SIP status that a call can fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a SIP status that a call fails with (100 to 199, 300 to 699)")]
pub struct SipStatusError(i64);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: i64,
    #[serde(default)]
    status: Option<String>,
}

impl TryFrom<Map<String, Value>> for SipStatus {
    type Error = String;

    /// From a map: a list would be taken for the fields in their order.
    fn try_from(object: Map<String, Value>) -> Result<Self, Self::Error> {
        let written: Written =
            serde_json::from_value(object.into()).map_err(|error| error.to_string())?;
        let refused = SipStatusError(written.code);
        let code = u16::try_from(written.code).map_err(|_| refused.to_string())?;
        Self::new(code, written.status.unwrap_or_default()).map_err(|error| error.to_string())
    }
}

impl SipStatus {
    /// A status code with its reason phrase; an empty one stands for the code's own name.
    pub fn new(code: u16, reason: impl Into<String>) -> Result<Self, SipStatusError> {
        match code {
            100..=199 | 300..=699 => Ok(Self {
                code: code.into(),
                reason: reason.into(),
            }),
            _ => Err(SipStatusError(code.into())),
        }
    }

    /// The Twirp error in which a client finds the status.
    pub(crate) fn failure(&self) -> TwirpFailure {
        let outcome = Outcome::of(self.code);
        let name = SipStatusCode::try_from(self.code).map_or_else(
            |_| self.code.to_string(),
            |code| code.as_str_name().to_owned(),
        );
        let short_name = name.trim_start_matches("SIP_STATUS_");
        let (named, msg) = if self.reason.is_empty() {
            (
                name.as_str(),
                format!("sip status: {} ({short_name})", self.code),
            )
        } else {
            (
                self.reason.as_str(),
                format!("sip status: {}: {}", self.code, self.reason),
            )
        };
        let meta = BTreeMap::from([
            ("sip_status_code", self.code.to_string()),
            ("sip_status", named.to_owned()),
            ("error_details", self.details(outcome, short_name)),
        ]);
        TwirpFailure {
            status: outcome.http_status(),
            code: outcome.twirp_code().into(),
            msg,
            meta,
        }
    }

    /// Base64 of a `google.rpc.Status` that carries the SIP status.
    fn details(&self, outcome: Outcome, short_name: &str) -> String {
        let reason = if self.reason.is_empty() {
            short_name
        } else {
            &self.reason
        };
        let sip_status = livekit_protocol::SipStatus {
            code: self.code,
            status: self.reason.clone(),
        };
        let status = RpcStatus {
            code: outcome.grpc_code(),
            message: format!("sip status {}: {reason}", self.code),
            details: vec![Any {
                type_url: "type.googleapis.com/livekit.SIPStatus".to_owned(),
                value: sip_status.encode_to_vec(),
            }],
        };
        BASE64_STANDARD.encode(status.encode_to_vec())
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// What a SIP status means to a caller of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unauthenticated,
}

impl Outcome {
    fn of(sip_code: i32) -> Self {
        match sip_code {
            301 | 302 | 404 | 410 | 481 | 604 => Self::NotFound,
            401..=403 | 433 | 470 | 603 | 607 | 608 => Self::PermissionDenied,
            407 | 428 | 436..=438 | 494 => Self::Unauthenticated,
            408 | 504 => Self::DeadlineExceeded,
            416 => Self::OutOfRange,
            440 | 600 => Self::ResourceExhausted,
            487 | 491 => Self::Aborted,
            409 | 412 | 480 | 482 | 483 | 486 | 500..=503 | 506..=512 | 514..=599 => {
                Self::FailedPrecondition
            }
            300..=699 => Self::InvalidArgument,
            // Not a final response: something is wrong.
            _ => Self::Unknown,
        }
    }

    /// gRPC's number.
    fn grpc_code(self) -> i32 {
        match self {
            Self::Unknown => 2,
            Self::InvalidArgument => 3,
            Self::DeadlineExceeded => 4,
            Self::NotFound => 5,
            Self::PermissionDenied => 7,
            Self::ResourceExhausted => 8,
            Self::FailedPrecondition => 9,
            Self::Aborted => 10,
            Self::OutOfRange => 11,
            Self::Unauthenticated => 16,
        }
    }

    fn twirp_code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::InvalidArgument => "invalid_argument",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::NotFound => "not_found",
            Self::PermissionDenied => "permission_denied",
            Self::ResourceExhausted => "resource_exhausted",
            Self::FailedPrecondition => "failed_precondition",
            Self::Aborted => "aborted",
            Self::OutOfRange => "out_of_range",
            Self::Unauthenticated => "unauthenticated",
        }
    }

    /// Twirp's status of the code.
    fn http_status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidArgument | Self::OutOfRange => StatusCode::BAD_REQUEST,
            Self::DeadlineExceeded => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::PermissionDenied => StatusCode::FORBIDDEN,
            Self::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Self::FailedPrecondition => StatusCode::PRECONDITION_FAILED,
            Self::Aborted => StatusCode::CONFLICT,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
        }
    }
}
