//! The two encodings of LiveKit's messages: protobuf and proto3 JSON. Signal frames use both directly: a binary
//! WebSocket frame is protobuf, a text frame is JSON.

use prost::Message;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Binary protobuf.
    #[default]
    Protobuf,
    /// Proto3 JSON: camelCase, defaults left out; both spellings of a field's name are read.
    Json,
}

/// Bytes that are not the message they should be.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not this message in protobuf.
    #[error("not the expected protobuf message: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// Not this message in JSON.
    #[error("not the expected JSON message: {0}")]
    Json(#[from] serde_json::Error),
}

impl Encoding {
    /// What Twirp's messages are called when they are written so.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/protobuf",
            Self::Json => "application/json",
        }
    }

    /// Reads a message. Depth is bounded (100 levels in protobuf, 128 in JSON); bound the size before.
    pub fn decode<M>(self, bytes: &[u8]) -> Result<M, DecodeError>
    where
        M: Message + Default + DeserializeOwned,
    {
        match self {
            Self::Protobuf => Ok(M::decode(bytes)?),
            Self::Json => {
                let mut value: Value = serde_json::from_slice(bytes)?;
                drop_nulls(&mut value);
                Ok(serde_json::from_value(value)?)
            }
        }
    }

    /// Writes a message; fails only for JSON of a message that holds an unknown enum number.
    pub fn encode<M>(self, message: &M) -> Result<Vec<u8>, serde_json::Error>
    where
        M: Message + Serialize,
    {
        match self {
            Self::Protobuf => Ok(message.encode_to_vec()),
            Self::Json => serde_json::to_vec(message),
        }
    }
}

/// Proto3 JSON takes `null` for an absent field; the generated readers do not.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{
        CreateRoomRequest, MuteTrackRequest, SignalRequest, SignalResponse, signal_request,
        signal_response,
    };
    use proptest::prelude::*;

    use super::*;

    fn mute() -> SignalRequest {
        let mute = MuteTrackRequest {
            sid: "TR_x".to_owned(),
            muted: true,
        };
        SignalRequest {
            message: Some(signal_request::Message::Mute(mute)),
        }
    }

    #[test]
    fn a_signal_request_survives_both_encodings() {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let bytes = encoding.encode(&mute()).unwrap();
            assert_eq!(encoding.decode::<SignalRequest>(&bytes).unwrap(), mute());
        }
    }

    #[test]
    fn json_takes_both_spellings_unknown_fields_nulls_and_numbers_as_text() {
        let read = |text: &str| {
            Encoding::Json
                .decode::<CreateRoomRequest>(text.as_bytes())
                .unwrap()
        };
        let wanted = CreateRoomRequest {
            max_participants: 3,
            ..CreateRoomRequest::default()
        };
        assert_eq!(read(r#"{"maxParticipants":3}"#), wanted);
        assert_eq!(
            read(r#"{"max_participants":"3","name":null,"nope":{"a":[1,null]}}"#),
            wanted
        );
    }

    #[test]
    fn a_pong_in_json_is_text_as_proto3_wants_64_bit_numbers() {
        let pong = SignalResponse {
            message: Some(signal_response::Message::Pong(1_700_000_000_123)),
        };
        assert_eq!(
            Encoding::Json.encode(&pong).unwrap(),
            br#"{"pong":"1700000000123"}"#
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
        assert!(
            Encoding::Json
                .decode::<SignalRequest>(deep.as_bytes())
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = Encoding::Protobuf.decode::<SignalRequest>(&bytes);
            let _ = Encoding::Json.decode::<SignalRequest>(&bytes);
        }
    }
}
