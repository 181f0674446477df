//! Takes the primary block out of a redundant audio payload (RFC 2198), for subscribers that lack RED.

/// Redundant blocks accepted in one packet; senders use one to three.
const MAX_BLOCKS: usize = 32;

/// Why a RED payload could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedError {
    /// Headers or blocks run past the end.
    #[error("RED payload is too short")]
    Short,
    /// More redundant blocks than any sender uses.
    #[error("RED payload has too many blocks")]
    TooManyBlocks,
}

/// The newest audio frame in a RED payload; it may be empty.
pub fn primary(payload: &[u8]) -> Result<&[u8], RedError> {
    let mut headers = payload;
    let mut redundant = 0usize;
    for _ in 0..=MAX_BLOCKS {
        match headers {
            [first, rest @ ..] if first & 0x80 == 0 => {
                return rest.get(redundant..).ok_or(RedError::Short);
            }
            [_, _, third, fourth, rest @ ..] => {
                redundant += usize::from(u16::from_be_bytes([third & 0x03, *fourth]));
                headers = rest;
            }
            _ => return Err(RedError::Short),
        }
    }
    Err(RedError::TooManyBlocks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use str0m::rtp::{RedDecoder, RedEncoder, RedundantBlock};

    use super::*;

    #[test]
    fn the_primary_block_follows_all_redundant_ones() {
        let block = |payload: &[u8]| RedundantBlock {
            pt: 111,
            timestamp_offset: 960,
            payload: payload.to_vec(),
        };
        let payload = RedEncoder::encode(111, b"new", &[block(b"oldest"), block(b"old")]);
        assert_eq!(primary(&payload), Ok(b"new".as_slice()));
    }

    #[test]
    fn a_payload_without_redundancy_is_its_primary_block() {
        assert_eq!(primary(&[111, 1, 2]), Ok([1, 2].as_slice()));
    }

    #[test]
    fn lengths_past_the_end_are_refused() {
        assert_eq!(primary(&[0xef, 0, 0, 9, 111, 1]), Err(RedError::Short));
        assert_eq!(primary(&[0xef, 0]), Err(RedError::Short));
        assert_eq!(primary(&[0x80; 400]), Err(RedError::TooManyBlocks));
    }

    proptest! {
        #[test]
        fn we_accept_nothing_that_str0m_reads_differently(
            bytes in proptest::collection::vec(any::<u8>(), 0..64)
        ) {
            if let (Ok(ours), Ok(theirs)) = (primary(&bytes), RedDecoder::decode(&bytes)) {
                prop_assert_eq!(Some(ours), theirs.last().map(|block| block.payload));
            }
        }
    }
}
