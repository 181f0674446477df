//! Edits that offers and answers have in common; it changes lines and decides nothing.

use super::codec::PayloadTypes;
use super::plan::DownTrackSpec;
use super::sdp::{Direction, Section};
use crate::forward::Codec;

/// Payload types of a codec on the m-line.
pub(super) fn formats_of(
    section: &Section,
    codec: Codec,
    payload_types: &PayloadTypes,
) -> Vec<String> {
    section
        .formats
        .iter()
        .filter(|format| codec_of(format, payload_types) == Some(codec))
        .cloned()
        .collect()
}

fn codec_of(format: &str, payload_types: &PayloadTypes) -> Option<Codec> {
    payload_types.codec(format.parse::<u8>().ok()?.into())
}

/// Moves the payload types of the codecs to the front, in their order: browsers encode the first one.
pub(super) fn prefer(section: &mut Section, codecs: &[Codec], payload_types: &PayloadTypes) {
    section.formats.sort_by_key(|format| {
        let codec = codec_of(format, payload_types);
        codecs
            .iter()
            .position(|preferred| Some(*preferred) == codec)
            .unwrap_or(codecs.len())
    });
}

/// Takes a codec off the m-line.
pub(super) fn drop_codec(section: &mut Section, codec: Codec, payload_types: &PayloadTypes) {
    for format in formats_of(section, codec, payload_types) {
        section.remove_format(&format);
    }
}

/// Writes the sending side of an m-line: a track's msid on its SSRCs, or none at all when no track plays on it.
pub(super) fn sender(
    section: &mut Section,
    track: Option<&DownTrackSpec>,
    payload_types: &PayloadTypes,
) {
    let sends = section.direction().sends();
    let Some(track) = track.filter(|_| sends) else {
        section.remove(&["msid", "ssrc", "ssrc-group"]);
        return;
    };
    let msid = format!("{} {}", track.stream_id, track.track_sid);
    let sources: Vec<String> = section
        .values("ssrc")
        .filter_map(|value| value.split_once(' '))
        .filter(|(_, attribute)| attribute.starts_with("cname:"))
        .map(|(ssrc, _)| ssrc.to_owned())
        .collect();
    let groups: Vec<String> = section.values("ssrc-group").map(str::to_owned).collect();
    section.remove(&["msid", "ssrc", "ssrc-group"]);
    section.push(&format!("msid:{msid}"));
    for group in groups {
        section.push(&format!("ssrc-group:{group}"));
    }
    for ssrc in sources {
        section.push(&format!("ssrc:{ssrc} cname:{}", track.stream_id));
        section.push(&format!("ssrc:{ssrc} msid:{msid}"));
    }
    if section.direction() == Direction::SendOnly {
        section.retain(|line| !(line.starts_with("a=rtcp-fb:") && line.ends_with(" transport-cc")));
    }
    prefer(section, &track.codecs, payload_types);
}

/// Whether str0m can pair with a remote candidate: UDP with an address, not a name (mDNS) and not TCP, which the client
/// opens towards us.
pub(super) fn is_usable_candidate(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().skip(2);
    let is_udp = words
        .next()
        .is_some_and(|transport| transport.eq_ignore_ascii_case("udp"));
    is_udp
        && words
            .nth(1)
            .is_some_and(|address| address.parse::<std::net::IpAddr>().is_ok())
}
