//! H.264 as Matroska has it, brought into the byte stream of Annex B that calls have. It must not know what is in a picture.

const START: [u8; 4] = [0, 0, 0, 1];

/// One track's pictures.
#[derive(Debug, PartialEq, Eq)]
pub struct ByteStream {
    /// Bytes of each unit's length.
    length_bytes: usize,
    /// The parameter sets, with start codes: a decoder that begins at a keyframe needs them.
    parameters: Vec<u8>,
}

impl ByteStream {
    /// From the track's `AVCDecoderConfigurationRecord` (ISO 14496-15); `None` where it is none.
    pub fn new(record: &[u8]) -> Option<ByteStream> {
        let [1, _, _, _, lengths, sets, rest @ ..] = record else {
            return None;
        };
        let mut parameters = Vec::new();
        let rest = take_sets(usize::from(sets & 0x1F), rest, &mut parameters)?;
        let (count, rest) = rest.split_first()?;
        take_sets(usize::from(*count), rest, &mut parameters)?;
        Some(ByteStream {
            length_bytes: usize::from(lengths & 3) + 1,
            parameters,
        })
    }

    /// A picture; one that is torn ends where it is.
    pub fn picture(&self, mut units: &[u8], keyframe: bool) -> Vec<u8> {
        let mut picture = Vec::with_capacity(units.len() + self.parameters.len() + 16);
        if keyframe {
            picture.extend_from_slice(&self.parameters);
        }
        while let Some((length, rest)) = units.split_at_checked(self.length_bytes) {
            let length = length
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            let Some((unit, rest)) = rest.split_at_checked(length) else {
                break;
            };
            picture.extend_from_slice(&START);
            picture.extend_from_slice(unit);
            units = rest;
        }
        picture
    }
}

fn take_sets<'a>(count: usize, mut rest: &'a [u8], into: &mut Vec<u8>) -> Option<&'a [u8]> {
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk()?;
        let (set, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        into.extend_from_slice(&START);
        into.extend_from_slice(set);
        rest = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &[u8] = &[1, 66, 0, 31, 0xFF, 0xE1, 0, 2, 0x67, 5, 1, 0, 1, 0x68];

    #[test]
    fn a_keyframe_brings_its_parameters() {
        let stream = ByteStream::new(RECORD).unwrap();
        let units = [0, 0, 0, 2, 0x65, 1, 0, 0, 0, 1, 0x65];
        let slices = [0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x65];
        assert_eq!(stream.picture(&units, false), slices);
        let parameters = [0, 0, 0, 1, 0x67, 5, 0, 0, 0, 1, 0x68];
        assert_eq!(
            stream.picture(&units, true),
            [&parameters[..], &slices].concat()
        );
    }

    #[test]
    fn what_is_torn_is_no_panic() {
        for end in 0..RECORD.len() {
            assert_eq!(ByteStream::new(&RECORD[..end]), None);
        }
        let stream = ByteStream::new(RECORD).unwrap();
        assert!(stream.picture(&[0, 0, 0, 9, 1], false).is_empty());
    }
}
