//! TURN over TCP and TLS: where one message ends and the next begins. ChannelData is padded to four bytes there, and only
//! there (RFC 8656 section 12.5), which the `turn-types` crate does not know: it sees datagrams.

use bytes::{Buf, BytesMut};

/// No message of WebRTC is larger, whatever its header says.
const MAX_FRAME: usize = 4096;
const STUN_HEADER: usize = 20;
const CHANNEL_HEADER: usize = 4;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// What ChannelData begins with: the first byte of a channel's number.
const CHANNEL: std::ops::RangeInclusive<u8> = 0x40..=0x7f;

/// Whoever is there speaks something else, or wants us to wait for more than we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTurn;

/// Takes the first whole message off what was read; `None` when more is to come.
pub fn take_frame(read: &mut BytesMut) -> Result<Option<Vec<u8>>, NotTurn> {
    let [first, _, high, low, ..] = **read else {
        return match read.first() {
            Some(first) if *first > *CHANNEL.end() => Err(NotTurn),
            _ => Ok(None),
        };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (whole, padded) = if CHANNEL.contains(&first) {
        let whole = CHANNEL_HEADER + length;
        (whole, whole.next_multiple_of(4))
    } else if first < *CHANNEL.start() {
        let cookie = &read[4..read.len().min(8)];
        if length % 4 != 0 || !MAGIC_COOKIE.starts_with(cookie) {
            return Err(NotTurn);
        }
        (STUN_HEADER + length, STUN_HEADER + length)
    } else {
        return Err(NotTurn);
    };
    if padded > MAX_FRAME {
        return Err(NotTurn);
    }
    if read.len() < padded {
        return Ok(None);
    }
    let frame = read[..whole].to_vec();
    read.advance(padded);
    Ok(Some(frame))
}

/// Makes of a datagram what goes on a stream.
pub fn pad(mut datagram: Vec<u8>) -> Vec<u8> {
    datagram.resize(datagram.len().next_multiple_of(4), 0);
    datagram
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stun(length: usize) -> Vec<u8> {
        let mut message = vec![0, 3];
        message.extend(u16::try_from(length).unwrap().to_be_bytes());
        message.extend(MAGIC_COOKIE);
        message.resize(STUN_HEADER + length, 7);
        message
    }

    fn channel_data(length: usize) -> Vec<u8> {
        let mut message = vec![0x40, 1];
        message.extend(u16::try_from(length).unwrap().to_be_bytes());
        message.resize(CHANNEL_HEADER + length, 9);
        message
    }

    proptest! {
        #[test]
        fn messages_come_out_as_they_went_in_wherever_the_stream_is_cut(
            lengths in proptest::collection::vec((any::<bool>(), 0_usize..300), 1..8),
            step in 1_usize..50,
        ) {
            let messages: Vec<Vec<u8>> = lengths
                .into_iter()
                .map(|(is_stun, length)| if is_stun { stun(length * 4) } else { channel_data(length) })
                .collect();
            let stream: Vec<u8> = messages.iter().cloned().flat_map(pad).collect();
            let (mut read, mut taken) = (BytesMut::new(), Vec::new());
            for piece in stream.chunks(step) {
                read.extend_from_slice(piece);
                while let Some(frame) = take_frame(&mut read).unwrap() {
                    taken.push(frame);
                }
            }
            prop_assert_eq!(taken, messages);
            prop_assert!(read.is_empty());
        }

        #[test]
        fn garbage_never_panics_and_ends(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut read = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = take_frame(&mut read) {}
        }
    }

    #[test]
    fn other_protocols_and_giants_are_told_at_once() {
        let http = b"GET / HTTP/1.1\r\n".as_slice();
        let tls = &[0x16, 3, 1, 0, 200, 1, 0, 0];
        let (giant_data, giant_stun) = ([0x40, 1, 0xff, 0xff], [0, 3, 0xff, 0xfc, 0x21, 0x12]);
        for bytes in [http, tls, &giant_data, &giant_stun, &[0x80], &[0, 3, 0, 3]] {
            // HTTP begins like a channel: its length is what gives it away.
            assert_eq!(
                take_frame(&mut BytesMut::from(bytes)),
                Err(NotTurn),
                "{bytes:?}"
            );
        }
    }
}
