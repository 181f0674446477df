//! What a file must say of a codec, and frames as a file wants them. It must not know where frames come from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use webm::{TrackEntry, TrackKind};

/// What can be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// RFC 7741.
    Vp8,
    /// RFC 9628.
    Vp9,
    /// RFC 6184.
    H264,
    /// The AV1 RTP payload format.
    Av1,
    /// RFC 7587.
    Opus,
}

/// Where nothing says how large a picture is.
const USUAL_SIZE: (u32, u32) = (1280, 720);
/// Samples at 48 kHz that an encoder of WebRTC's puts before the sound (RFC 7845, section 4.2: what to leave out).
const OPUS_PRE_SKIP: u16 = 312;
const OPUS_RATE: u32 = 48_000;
const H264_SPS: u8 = 7;
const H264_PPS: u8 = 8;
const AV1_SEQUENCE_HEADER: u8 = 1;

impl Codec {
    /// Whether it is sound.
    pub fn is_audio(self) -> bool {
        match self {
            Codec::Opus => true,
            Codec::Vp8 | Codec::Vp9 | Codec::H264 | Codec::Av1 => false,
        }
    }

    /// Matroska's name (RFC 9559's codec registry).
    pub fn id(self) -> &'static str {
        match self {
            Codec::Vp8 => "V_VP8",
            Codec::Vp9 => "V_VP9",
            Codec::H264 => "V_MPEG4/ISO/AVC",
            Codec::Av1 => "V_AV1",
            Codec::Opus => "A_OPUS",
        }
    }

    /// The track of a file that begins with `frame`; `None` where no file can begin with it. `announced` is the size that
    /// its publisher named, zeros where none.
    pub fn entry(self, frame: &[u8], announced: (u32, u32)) -> Option<TrackEntry> {
        let size = match self {
            Codec::Vp8 => vp8_size(frame),
            Codec::Vp9 | Codec::H264 | Codec::Av1 | Codec::Opus => None,
        };
        let size = size.or((announced.0 > 0 && announced.1 > 0).then_some(announced));
        let (width, height) = size.unwrap_or(USUAL_SIZE);
        let codec_private = match self {
            Codec::Vp8 | Codec::Vp9 => None,
            Codec::H264 => Some(avc_configuration(frame)?),
            Codec::Av1 => Some(av1_configuration(frame)?),
            Codec::Opus => Some(opus_head(opus_channels(frame))),
        };
        let kind = if self.is_audio() {
            TrackKind::Audio {
                channels: opus_channels(frame),
                // Nothing is left out: a track of a call begins in the middle of its sound.
                delay_ns: 0,
            }
        } else {
            TrackKind::Video { width, height }
        };
        Some(TrackEntry {
            codec_id: self.id().to_owned(),
            codec_private,
            kind,
        })
    }

    /// The frame as a file wants it.
    pub fn in_file(self, frame: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Codec::Vp8 | Codec::Vp9 | Codec::Av1 | Codec::Opus => Cow::Borrowed(frame),
            Codec::H264 => Cow::Owned(length_prefixed(frame)),
        }
    }

    /// Whether `frame` cannot go on in a file that began with `private`.
    pub fn needs_new_file(self, frame: &[u8], private: Option<&[u8]>) -> bool {
        match self {
            Codec::H264 => avc_configuration(frame).is_some_and(|new| private != Some(&new[..])),
            Codec::Vp8 | Codec::Vp9 | Codec::Av1 | Codec::Opus => false,
        }
    }
}

/// `OpusHead` (RFC 7845, section 5.1), without samples to leave out.
pub fn opus_head(channels: u8) -> Vec<u8> {
    opus_head_with(channels, 0)
}

/// The same for sound that our own encoder begins.
pub fn encoded_opus_head(channels: u8) -> Vec<u8> {
    opus_head_with(channels, OPUS_PRE_SKIP)
}

fn opus_head_with(channels: u8, pre_skip: u16) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend_from_slice(&pre_skip.to_le_bytes());
    head.extend_from_slice(&OPUS_RATE.to_le_bytes());
    head.extend_from_slice(&[0, 0, 0]);
    head
}

/// The stereo bit of a packet's first byte (RFC 6716, section 3.1). WebRTC offers stereo decoders to all; a file that says
/// one channel of a stereo packet would still play.
fn opus_channels(packet: &[u8]) -> u8 {
    match packet.first() {
        Some(toc) if toc & 0b100 != 0 => 2,
        _ => 1,
    }
}

/// A VP8 keyframe's size (RFC 6386, section 9.1).
fn vp8_size(frame: &[u8]) -> Option<(u32, u32)> {
    let [tag, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = frame else {
        return None;
    };
    let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    (tag & 1 == 0).then(|| (size(*w0, *w1), size(*h0, *h1)))
}

/// The units of a frame in Annex B's form.
fn units(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(frame).unwrap_or(&[]);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (unit, next) = match find_start_code(rest) {
            Some(at) => (&rest[..at], after_start_code(&rest[at..]).unwrap_or(&[])),
            None => (rest, &[][..]),
        };
        rest = next;
        // A fourth zero belongs to the start code that follows.
        Some(unit.strip_suffix(&[0]).unwrap_or(unit))
    })
    .filter(|unit| !unit.is_empty())
}

fn find_start_code(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| window == [0, 0, 1])
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    find_start_code(bytes).map(|at| &bytes[at + 3..])
}

fn length_prefixed(frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len() + 8);
    for unit in units(frame) {
        let Ok(length) = u32::try_from(unit.len()) else {
            continue;
        };
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(unit);
    }
    out
}

/// An `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, section 5.3.3.1) from a keyframe's parameter sets.
fn avc_configuration(frame: &[u8]) -> Option<Vec<u8>> {
    let of_type = |wanted| units(frame).find(|unit| unit[0] & 0x1F == wanted);
    let (sps, pps) = (of_type(H264_SPS)?, of_type(H264_PPS)?);
    let [_, profile, compatibility, level, ..] = sps else {
        return None;
    };
    let mut out = vec![1, *profile, *compatibility, *level, 0xFF, 0xE1];
    out.extend_from_slice(&u16::try_from(sps.len()).ok()?.to_be_bytes());
    out.extend_from_slice(sps);
    out.push(1);
    out.extend_from_slice(&u16::try_from(pps.len()).ok()?.to_be_bytes());
    out.extend_from_slice(pps);
    Some(out)
}

/// `av1C` (AV1 Codec ISO Media File Format Binding, section 2.3) from a keyframe's sequence header.
fn av1_configuration(frame: &[u8]) -> Option<Vec<u8>> {
    let mut rest = frame;
    while let [header, after @ ..] = rest {
        let (kind, extended) = (header >> 3 & 0xF, header & 0b100 != 0);
        let after = if extended { after.get(1..)? } else { after };
        let (size, length) = leb128(after)?;
        let end = length.checked_add(size)?;
        let payload = after.get(length..end)?;
        if kind == AV1_SEQUENCE_HEADER {
            let profile = payload.first()? >> 5;
            // Level, tier, depth and chroma: a decoder reads them from the header behind; WebRTC sends 8 bits, 4:2:0.
            let mut out = vec![0x81, profile << 5, 0b0000_1100, 0];
            let whole = rest.len() - after.len() + end;
            out.extend_from_slice(&rest[..whole]);
            return Some(out);
        }
        rest = &after[end..];
    }
    None
}

fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(8).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_vp8_file_says_the_size_in_its_first_keyframe() {
        let frame = [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01, 7];
        let entry = Codec::Vp8.entry(&frame, (0, 0)).unwrap();
        let (width, height) = (640, 360);
        assert_eq!(entry.kind, TrackKind::Video { width, height });
    }

    #[test]
    fn h264_is_stored_with_lengths_and_its_parameter_sets_beside() {
        let frame = [
            &[0, 0, 0, 1, 0x67, 0x42, 0xE0, 0x1F, 9][..],
            &[0, 0, 0, 1, 0x68, 0xCE],
            &[0, 0, 1, 0x65, 1, 2, 3],
        ]
        .concat();
        let entry = Codec::H264.entry(&frame, (320, 240)).unwrap();
        let private = entry.codec_private.unwrap();
        assert_eq!(private[..6], [1, 0x42, 0xE0, 0x1F, 0xFF, 0xE1]);
        let stored = Codec::H264.in_file(&frame);
        assert_eq!(stored[..5], [0, 0, 0, 5, 0x67]);
        assert_eq!(stored[stored.len() - 8..], [0, 0, 0, 4, 0x65, 1, 2, 3]);
        assert!(!Codec::H264.needs_new_file(&frame, Some(&private)));
        let mut other = frame.clone();
        other[8] = 10;
        assert!(Codec::H264.needs_new_file(&other, Some(&private)));
        assert_eq!(Codec::H264.entry(&[0, 0, 1, 0x41, 5], (0, 0)), None);
    }

    #[test]
    fn an_av1_file_begins_with_its_sequence_header() {
        // Sequence header of three bytes, then a frame.
        let frame = [0x0A, 3, 0x20, 1, 2, 0x32, 2, 9, 9];
        let private = Codec::Av1
            .entry(&frame, (0, 0))
            .unwrap()
            .codec_private
            .unwrap();
        assert_eq!(private, [0x81, 0x20, 0x0C, 0, 0x0A, 3, 0x20, 1, 2]);
        assert_eq!(Codec::Av1.entry(&[0x32, 2, 9, 9], (0, 0)), None);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(frame in proptest::collection::vec(any::<u8>(), 0..80)) {
            for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
                let _ = codec.entry(&frame, (0, 0));
                let _ = codec.in_file(&frame);
                let _ = codec.needs_new_file(&frame, None);
            }
        }
    }
}
