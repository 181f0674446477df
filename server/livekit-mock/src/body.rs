//! A call's body: read within bounds, turned into the method's request, and the answer turned into bytes. It must not
//! know which method it is.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use prost::Message;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor};
use serde_json::Value;
use tokio::time::timeout;

/// LiveKit's own bound of a request.
pub(crate) const MAX_BODY: usize = 10 << 20;
/// Clients are newer than the descriptors, as often as not.
const LENIENT: DeserializeOptions = DeserializeOptions::new().deny_unknown_fields(false);
/// A client that sends its body slower than this is not served.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Why there is no request message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// More than [`MAX_BODY`] bytes.
    #[error("the body is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// Not all there within [`READ_TIMEOUT`].
    #[error("the body did not arrive within {} seconds", READ_TIMEOUT.as_secs())]
    Slow,
    /// The client hung up, or broke HTTP's rules.
    #[error("the body ended early")]
    Broken,
}

/// Reads a body to its end.
pub(crate) async fn read(body: Body) -> Result<Bytes, BodyError> {
    match timeout(READ_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::Broken),
        Err(_) => Err(BodyError::Slow),
    }
}

/// Bytes or JSON that are not the message they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {message} in {encoding}: {problem}")]
pub(crate) struct NotTheMessage {
    message: String,
    encoding: &'static str,
    problem: String,
}

impl NotTheMessage {
    fn new(message: &MessageDescriptor, encoding: &'static str, problem: &impl ToString) -> Self {
        Self {
            message: message.full_name().to_owned(),
            encoding,
            problem: problem.to_string(),
        }
    }

    fn json(message: &MessageDescriptor, problem: &serde_json::Error) -> Self {
        Self::new(message, "JSON", problem)
    }
}

/// How a call's messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Whatever is not JSON.
    Protobuf,
    /// Proto3 JSON: camelCase, defaults left out; both spellings of a field's name are read.
    Json,
}

impl Encoding {
    /// As LiveKit's own mock: a content type that speaks of JSON, else protobuf.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers
            .get(CONTENT_TYPE)
            .map_or(&b""[..], |value| value.as_bytes());
        if content_type.windows(4).any(|part| part == b"json") {
            Self::Json
        } else {
            Self::Protobuf
        }
    }

    /// The media type of an answer.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/protobuf",
            Self::Json => "application/json",
        }
    }

    /// Reads a message; fields it does not have are passed over, and no bytes at all are a message of defaults.
    pub(crate) fn decode(
        self,
        message: &MessageDescriptor,
        bytes: &[u8],
    ) -> Result<DynamicMessage, NotTheMessage> {
        match self {
            Self::Json if bytes.is_empty() => Ok(DynamicMessage::new(message.clone())),
            Self::Json => from_text(message, bytes),
            Self::Protobuf => DynamicMessage::decode(message.clone(), bytes)
                .map_err(|error| NotTheMessage::new(message, "protobuf", &error)),
        }
    }

    /// Writes a message.
    pub(crate) fn encode(self, message: &DynamicMessage) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Protobuf => Ok(message.encode_to_vec()),
            Self::Json => serde_json::to_vec(message),
        }
    }
}

/// Reads a message from JSON.
pub(crate) fn from_value(
    message: &MessageDescriptor,
    json: Value,
) -> Result<DynamicMessage, NotTheMessage> {
    DynamicMessage::deserialize_with_options(message.clone(), json, &LENIENT)
        .map_err(|error| NotTheMessage::json(message, &error))
}

fn from_text(message: &MessageDescriptor, json: &[u8]) -> Result<DynamicMessage, NotTheMessage> {
    let mut json = serde_json::Deserializer::from_slice(json);
    DynamicMessage::deserialize_with_options(message.clone(), &mut json, &LENIENT)
        .and_then(|read| json.end().map(|()| read))
        .map_err(|error| NotTheMessage::json(message, &error))
}
