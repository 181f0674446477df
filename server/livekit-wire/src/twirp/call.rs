//! One Twirp call: the request from its bytes, the answer into a response, both in the caller's encoding.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use prost::Message;
use serde::de::DeserializeOwned;

use super::{AsJson, Code, TwirpError, TwirpJson};
use crate::Encoding;

/// The encoding the caller speaks, by its content type.
pub fn reply_encoding(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Encoding, TwirpError> {
    if method != Method::POST {
        let msg = format!(
            "unsupported method {:?} (only POST is allowed)",
            method.as_str()
        );
        return Err(TwirpError::bad_route(msg, method, path));
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Ok(Encoding::Json)
    } else if media_type.eq_ignore_ascii_case("application/protobuf") {
        Ok(Encoding::Protobuf)
    } else {
        Err(TwirpError::bad_route(
            format!("unexpected Content-Type: {content_type:?}"),
            method,
            path,
        ))
    }
}

/// The request message in a call's body.
pub fn decode_request<M>(encoding: Encoding, body: &[u8]) -> Result<M, TwirpError>
where
    M: Message + Default + DeserializeOwned,
{
    encoding.decode(body).map_err(|_| {
        let name = match encoding {
            Encoding::Protobuf => "protobuf",
            Encoding::Json => "json",
        };
        TwirpError::new(
            Code::Malformed,
            format!("the {name} request could not be decoded"),
        )
    })
}

/// An answer on its way to the caller.
pub struct Reply<M> {
    /// What the caller speaks.
    pub encoding: Encoding,
    /// What it gets.
    pub message: M,
}

impl<M: Message + TwirpJson> IntoResponse for Reply<M> {
    fn into_response(self) -> Response {
        let body = match self.encoding {
            Encoding::Protobuf => self.message.encode_to_vec(),
            Encoding::Json => match serde_json::to_vec(&AsJson(&self.message)) {
                Ok(body) => body,
                Err(error) => {
                    tracing::error!(%error, "an answer cannot be written as JSON");
                    return TwirpError::new(Code::Internal, "failed to marshal json response")
                        .into_response();
                }
            },
        };
        (
            StatusCode::OK,
            [(
                CONTENT_TYPE,
                HeaderValue::from_static(self.encoding.content_type()),
            )],
            body,
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::ListRoomsRequest;
    use proptest::prelude::*;

    use super::*;

    fn headers(content_type: &str) -> HeaderMap {
        [(CONTENT_TYPE, content_type.parse().unwrap())]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_content_type_decides_and_its_parameters_do_not_matter() {
        let of = |content_type| reply_encoding(&Method::POST, "/p", &headers(content_type));
        assert_eq!(of("application/json; charset=utf-8"), Ok(Encoding::Json));
        assert_eq!(of("Application/Protobuf"), Ok(Encoding::Protobuf));
        assert_eq!(
            of("text/plain").unwrap_err().msg,
            r#"unexpected Content-Type: "text/plain""#
        );
        let get = reply_encoding(&Method::GET, "/p", &headers("application/json")).unwrap_err();
        assert_eq!(
            get.msg,
            r#"unsupported method "GET" (only POST is allowed)"#
        );
    }

    #[test]
    fn a_body_that_is_not_the_request_is_malformed() {
        for (encoding, body) in [
            (Encoding::Json, "{"),
            (Encoding::Json, ""),
            (Encoding::Json, r#"{"names":7}"#),
        ] {
            let error = decode_request::<ListRoomsRequest>(encoding, body.as_bytes()).unwrap_err();
            assert_eq!(
                error,
                TwirpError::new(Code::Malformed, "the json request could not be decoded")
            );
        }
        assert!(decode_request::<ListRoomsRequest>(Encoding::Protobuf, b"{}").is_err());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode_request::<ListRoomsRequest>(Encoding::Json, &body);
            let _ = decode_request::<ListRoomsRequest>(Encoding::Protobuf, &body);
        }
    }
}
