//! Codecs and header extensions as configured in str0m, and the payload types a connection has agreed on; it knows
//! nothing of tracks.

use str0m::format::{CodecConfig, FormatParams, PayloadParams};
use str0m::media::Pt;
use str0m::rtp::{Extension, ExtensionMap};

use super::extension;
use super::plan::PeerRole;
use crate::forward::Codec;

/// Configures the codecs in their order of preference.
pub(super) fn configure(target: &mut CodecConfig, codecs: &[Codec]) {
    target.clear();
    let red = codecs.contains(&Codec::Red);
    for codec in codecs {
        match codec {
            Codec::Opus => target.enable_opus(true, red),
            Codec::Red => {}
            Codec::Pcmu => target.enable_pcmu(true, false),
            Codec::Pcma => target.enable_pcma(true, false),
            Codec::Vp8 => target.enable_vp8(true),
            Codec::H264 => target.enable_h264(true),
            Codec::Vp9 => target.enable_vp9(true),
            Codec::Av1 => target.enable_av1(true),
            Codec::H265 => target.enable_h265(true),
        }
    }
}

/// The header extensions of a role. A connection that only sends leaves transport-cc out, so that clients report
/// their bandwidth as REMB.
pub(super) fn extensions(role: PeerRole) -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(1, Extension::AudioLevel);
    map.set(2, Extension::AbsoluteSendTime);
    map.set(4, Extension::RtpMid);
    map.set(5, Extension::PlayoutDelay);
    map.set(6, Extension::VideoContentType);
    map.set(9, Extension::AbsoluteCaptureTime);
    map.set(12, extension::dependency_descriptor_extension());
    map.set(13, Extension::VideoOrientation);
    match role {
        PeerRole::Subscriber => {}
        PeerRole::Publisher | PeerRole::Single => {
            map.set(3, Extension::TransportSequenceNumber);
            map.set(10, Extension::RtpStreamId);
            map.set(11, Extension::RepairedRtpStreamId);
        }
    }
    map
}

/// What each payload type of a connection means.
#[derive(Debug, Clone)]
pub(super) struct PayloadTypes([Option<Codec>; 128]);

impl PayloadTypes {
    pub(super) fn of(config: &CodecConfig) -> Self {
        let mut table = [None; 128];
        for parameters in config.params() {
            let codec = codec_of(parameters);
            if let Some(slot) = table.get_mut(usize::from(*parameters.pt())) {
                *slot = codec;
            }
            if let Some(slot) = parameters
                .red()
                .and_then(|red| table.get_mut(usize::from(*red)))
            {
                *slot = Some(Codec::Red);
            }
        }
        Self(table)
    }

    pub(super) fn codec(&self, payload_type: Pt) -> Option<Codec> {
        self.0.get(usize::from(*payload_type)).copied().flatten()
    }
}

fn codec_of(parameters: &PayloadParams) -> Option<Codec> {
    use str0m::format::Codec as Format;
    match parameters.spec().codec {
        Format::Opus => Some(Codec::Opus),
        Format::PCMU => Some(Codec::Pcmu),
        Format::PCMA => Some(Codec::Pcma),
        Format::Vp8 => Some(Codec::Vp8),
        Format::H264 => Some(Codec::H264),
        Format::H265 => Some(Codec::H265),
        Format::Vp9 => Some(Codec::Vp9),
        Format::Av1 => Some(Codec::Av1),
        _ => None,
    }
}

/// A codec the client accepts on an m-line, with the payload type to send it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) codec: Codec,
    pub(super) payload_type: Pt,
}

/// The payload types for a track's codecs among those the client accepts on the m-line; of several variants of a codec
/// the one closest to `fmtp`.
pub(super) fn accepted(
    config: &CodecConfig,
    negotiated: &[Pt],
    codecs: &[Codec],
    fmtp: Option<&str>,
) -> Vec<Accepted> {
    let wanted = fmtp.map(FormatParams::parse_line).unwrap_or_default();
    codecs
        .iter()
        .filter_map(|&codec| {
            let mut usable = config
                .params()
                .iter()
                .filter(|parameters| negotiated.contains(&parameters.pt()));
            let payload_type = match codec {
                Codec::Red => usable.find_map(PayloadParams::red),
                _ => usable
                    .filter(|parameters| codec_of(parameters) == Some(codec))
                    .max_by_key(|parameters| likeness(&parameters.spec().format, &wanted))
                    .map(PayloadParams::pt),
            }?;
            Some(Accepted {
                codec,
                payload_type,
            })
        })
        .collect()
}

/// How well a decoder set up for `ours` fits a stream of `wanted`; earlier configured ones lose ties on purpose of
/// `max_by_key`, which only concerns variants that differ in level.
fn likeness(ours: &FormatParams, wanted: &FormatParams) -> u8 {
    let profile = |format: &FormatParams| format.profile_level_id.map(|id| id >> 16);
    let mode = |format: &FormatParams| format.packetization_mode.unwrap_or(0);
    u8::from(mode(ours) == mode(wanted)) * 4
        + u8::from(profile(ours) == profile(wanted)) * 2
        + u8::from(ours.profile_id.unwrap_or(0) == wanted.profile_id.unwrap_or(0))
}
