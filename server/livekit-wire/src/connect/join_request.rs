//! The `join_request` parameter: base64url of a `WrappedJoinRequest`, whose inside may be compressed.

use std::io::Read;

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::GzDecoder;
use livekit_protocol::{JoinRequest, WrappedJoinRequest, wrapped_join_request::Compression};
use prost::Message;

/// Bytes a join request may have when unpacked: Go's largest HTTP header, as in the original.
pub const MAX_JOIN_REQUEST: usize = 1 << 20;

/// SDKs differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a join request cannot be read; the texts are the original's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinRequestError {
    /// Not base64url.
    #[error("cannot base64 decode wrapped join request")]
    Base64,
    /// Not a `WrappedJoinRequest`.
    #[error("cannot unmarshal wrapped join request")]
    Wrapper,
    /// A compression of the future.
    #[error("unknown compression of join request")]
    Compression,
    /// Not gzip, or cut short.
    #[error("cannot read decompressed join request")]
    Gzip,
    /// More than [`MAX_JOIN_REQUEST`] bytes when unpacked.
    #[error("join request too large")]
    TooLarge,
    /// Not a `JoinRequest`.
    #[error("cannot unmarshal join request")]
    Inner,
}

/// Unpacks the parameter; never holds more than [`MAX_JOIN_REQUEST`] unpacked bytes.
pub fn decode_join_request(param: &str) -> Result<JoinRequest, JoinRequestError> {
    let wrapped = BASE64.decode(param).map_err(|_| JoinRequestError::Base64)?;
    let wrapped = WrappedJoinRequest::decode(&*wrapped).map_err(|_| JoinRequestError::Wrapper)?;
    let packed = wrapped.join_request;
    let bytes = match Compression::try_from(wrapped.compression) {
        Ok(Compression::None) if packed.len() > MAX_JOIN_REQUEST => {
            return Err(JoinRequestError::TooLarge);
        }
        Ok(Compression::None) => packed,
        Ok(Compression::Gzip) => inflate(&packed)?,
        Err(_) => return Err(JoinRequestError::Compression),
    };
    JoinRequest::decode(&*bytes).map_err(|_| JoinRequestError::Inner)
}

/// Packs a join request without compression, padded, for clients.
pub fn encode_join_request(request: &JoinRequest) -> String {
    let wrapped = WrappedJoinRequest {
        compression: Compression::None.into(),
        join_request: request.encode_to_vec(),
    };
    BASE64.encode(wrapped.encode_to_vec())
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>, JoinRequestError> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(MAX_JOIN_REQUEST)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    GzDecoder::new(packed)
        .take(bound)
        .read_to_end(&mut bytes)
        .map_err(|_| JoinRequestError::Gzip)?;
    if bytes.len() > MAX_JOIN_REQUEST {
        Err(JoinRequestError::TooLarge)
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression as Level, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn wrap(compression: i32, join_request: Vec<u8>) -> String {
        BASE64.encode(
            WrappedJoinRequest {
                compression,
                join_request,
            }
            .encode_to_vec(),
        )
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn request() -> JoinRequest {
        JoinRequest {
            metadata: "hello".to_owned(),
            participant_sid: "PA_1".to_owned(),
            ..JoinRequest::default()
        }
    }

    #[test]
    fn plain_and_gzip_are_read_padded_or_not() {
        for packed in [
            wrap(0, request().encode_to_vec()),
            wrap(1, gzip(&request().encode_to_vec())),
        ] {
            assert_eq!(decode_join_request(&packed), Ok(request()));
            assert_eq!(
                decode_join_request(packed.trim_end_matches('=')),
                Ok(request())
            );
        }
        assert_eq!(
            decode_join_request(&encode_join_request(&request())),
            Ok(request())
        );
    }

    #[test]
    fn a_zip_bomb_is_refused() {
        let bomb = gzip(&vec![0; 64 * MAX_JOIN_REQUEST]);
        assert!(bomb.len() < 100 * 1024);
        assert_eq!(
            decode_join_request(&wrap(1, bomb)),
            Err(JoinRequestError::TooLarge)
        );
        assert_eq!(
            decode_join_request(&wrap(0, vec![0; MAX_JOIN_REQUEST + 1])),
            Err(JoinRequestError::TooLarge)
        );
    }

    #[test]
    fn every_layer_that_is_broken_is_named() {
        assert_eq!(decode_join_request("%%"), Err(JoinRequestError::Base64));
        assert_eq!(
            decode_join_request(&BASE64.encode([0xff; 4])),
            Err(JoinRequestError::Wrapper)
        );
        assert_eq!(
            decode_join_request(&wrap(9, vec![])),
            Err(JoinRequestError::Compression)
        );
        assert_eq!(
            decode_join_request(&wrap(1, vec![1, 2, 3])),
            Err(JoinRequestError::Gzip)
        );
        let whole = gzip(&request().encode_to_vec());
        assert_eq!(
            decode_join_request(&wrap(1, whole[..whole.len() - 9].to_vec())),
            Err(JoinRequestError::Gzip)
        );
        assert_eq!(
            decode_join_request(&wrap(0, vec![0xff; 4])),
            Err(JoinRequestError::Inner)
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..3) {
            let _ = decode_join_request(&text);
            let _ = decode_join_request(&wrap(kind, bytes.clone()));
            let _ = decode_join_request(&wrap(kind, gzip(&bytes)));
        }
    }
}
