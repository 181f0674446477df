//! Finds keyframe starts in H.264 (RFC 6184) and H.265 (RFC 7798) payloads; headers stay readable under E2EE.

/// What a packet says about keyframes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NalKeyframe {
    /// No part of a keyframe starts here.
    No,
    /// Parameter sets: a keyframe starts with this packet.
    ParameterSets,
    /// A keyframe's picture starts here; its parameter sets may have come in an earlier packet.
    Picture,
}

/// Looks at an H.264 payload.
pub fn h264_keyframe(payload: &[u8]) -> NalKeyframe {
    const STAP_A: u8 = 24;
    const FU_A: u8 = 28;
    let kind = |byte: u8| match byte & 0x1f {
        7 => NalKeyframe::ParameterSets,
        5 => NalKeyframe::Picture,
        _ => NalKeyframe::No,
    };
    match payload {
        [first, rest @ ..] if first & 0x1f == STAP_A => aggregated(rest, kind),
        [first, header, ..] if first & 0x1f == FU_A => {
            if header & 0x80 == 0 {
                NalKeyframe::No
            } else {
                kind(*header)
            }
        }
        [first, ..] => kind(*first),
        [] => NalKeyframe::No,
    }
}

/// Looks at an H.265 payload.
pub fn h265_keyframe(payload: &[u8]) -> NalKeyframe {
    const AGGREGATION: u8 = 48;
    const FRAGMENT: u8 = 49;
    let kind = |kind: u8| match kind {
        32..=34 => NalKeyframe::ParameterSets,
        16..=21 => NalKeyframe::Picture,
        _ => NalKeyframe::No,
    };
    match payload {
        [first, _, rest @ ..] if (first >> 1) & 0x3f == AGGREGATION => {
            aggregated(rest, |byte| kind((byte >> 1) & 0x3f))
        }
        [first, _, header, ..] if (first >> 1) & 0x3f == FRAGMENT => {
            if header & 0x80 == 0 {
                NalKeyframe::No
            } else {
                kind(header & 0x3f)
            }
        }
        [first, _, ..] => kind((first >> 1) & 0x3f),
        _ => NalKeyframe::No,
    }
}

/// Walks units that are each preceded by a 16-bit length; the first unit that matters decides.
fn aggregated(mut rest: &[u8], kind: impl Fn(u8) -> NalKeyframe) -> NalKeyframe {
    while let [high, low, units @ ..] = rest {
        let size = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(&header) = units.first().filter(|_| size > 0) else {
            break;
        };
        match kind(header) {
            NalKeyframe::No => rest = units.get(size..).unwrap_or_default(),
            found => return found,
        }
    }
    NalKeyframe::No
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameter_sets_in_an_aggregate_start_a_keyframe() {
        assert_eq!(
            h264_keyframe(&[24, 0, 2, 0x67, 1, 0, 1, 0x68]),
            NalKeyframe::ParameterSets
        );
        assert_eq!(
            h264_keyframe(&[24, 0, 1, 0x09, 0, 1, 0x67]),
            NalKeyframe::ParameterSets
        );
        assert_eq!(h264_keyframe(&[24, 0, 1, 0x41]), NalKeyframe::No);
    }

    #[test]
    fn only_the_first_fragment_of_an_idr_picture_counts() {
        assert_eq!(h264_keyframe(&[0x7c, 0x85, 1]), NalKeyframe::Picture);
        assert_eq!(h264_keyframe(&[0x7c, 0x05, 1]), NalKeyframe::No);
        assert_eq!(h264_keyframe(&[0x65]), NalKeyframe::Picture);
        assert_eq!(h264_keyframe(&[0x61]), NalKeyframe::No);
    }

    #[test]
    fn h265_parameter_sets_and_irap_pictures_are_found() {
        assert_eq!(h265_keyframe(&[33 << 1, 1, 0]), NalKeyframe::ParameterSets);
        assert_eq!(h265_keyframe(&[49 << 1, 1, 0x93]), NalKeyframe::Picture);
        assert_eq!(h265_keyframe(&[49 << 1, 1, 0x13]), NalKeyframe::No);
        assert_eq!(
            h265_keyframe(&[48 << 1, 1, 0, 2, 32 << 1, 1]),
            NalKeyframe::ParameterSets
        );
        assert_eq!(h265_keyframe(&[1 << 1, 1, 0]), NalKeyframe::No);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (h264_keyframe(&bytes), h265_keyframe(&bytes));
        }
    }
}
