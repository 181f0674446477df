//! A call's messages, which are known by their descriptors only: from bytes, from JSON, and into bytes.

use http::{HeaderMap, header::CONTENT_TYPE};
use livekit_wire::Encoding;
use prost::Message;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor};
use serde_json::Value;

/// Clients are newer than the descriptors, as often as not.
const LENIENT: DeserializeOptions = DeserializeOptions::new().deny_unknown_fields(false);

/// Bytes or JSON that are not the message they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {message} in {encoding}: {problem}")]
pub(crate) struct NotTheMessage {
    message: String,
    encoding: &'static str,
    problem: String,
}

impl NotTheMessage {
    fn protobuf(message: &MessageDescriptor, problem: &prost::DecodeError) -> Self {
        Self {
            message: message.full_name().to_owned(),
            encoding: "protobuf",
            problem: problem.to_string(),
        }
    }

    fn json(message: &MessageDescriptor, problem: &serde_json::Error) -> Self {
        Self {
            message: message.full_name().to_owned(),
            encoding: "JSON",
            problem: problem.to_string(),
        }
    }
}

/// As LiveKit's own mock: JSON where the content type speaks of it, else protobuf.
pub(crate) fn encoding(headers: &HeaderMap) -> Encoding {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    if content_type.windows(4).any(|part| part == b"json") {
        Encoding::Json
    } else {
        Encoding::Protobuf
    }
}

/// The content type of an answer.
pub(crate) fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Protobuf => "application/protobuf",
        Encoding::Json => "application/json",
    }
}

/// Reads a message; fields it does not have are passed over, and no bytes at all are a message of defaults.
pub(crate) fn decode(
    encoding: Encoding,
    message: &MessageDescriptor,
    bytes: &[u8],
) -> Result<DynamicMessage, NotTheMessage> {
    match encoding {
        Encoding::Json if bytes.is_empty() => Ok(DynamicMessage::new(message.clone())),
        Encoding::Json => {
            let mut json = serde_json::Deserializer::from_slice(bytes);
            DynamicMessage::deserialize_with_options(message.clone(), &mut json, &LENIENT)
                .and_then(|read| json.end().map(|()| read))
                .map_err(|error| NotTheMessage::json(message, &error))
        }
        Encoding::Protobuf => DynamicMessage::decode(message.clone(), bytes)
            .map_err(|error| NotTheMessage::protobuf(message, &error)),
    }
}

/// Reads a message from JSON.
pub(crate) fn from_json(
    message: &MessageDescriptor,
    json: Value,
) -> Result<DynamicMessage, NotTheMessage> {
    DynamicMessage::deserialize_with_options(message.clone(), json, &LENIENT)
        .map_err(|error| NotTheMessage::json(message, &error))
}

/// Writes a message; JSON has camelCase names and no defaults.
pub(crate) fn encode(
    encoding: Encoding,
    message: &DynamicMessage,
) -> Result<Vec<u8>, serde_json::Error> {
    match encoding {
        Encoding::Protobuf => Ok(message.encode_to_vec()),
        Encoding::Json => serde_json::to_vec(message),
    }
}
