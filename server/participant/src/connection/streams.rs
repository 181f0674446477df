//! A reused m-line and its new streams.
//!
//! livekit-server plays one track after the other on an m-line, each with an SSRC of its own, announced in the description.
//! str0m then goes on putting frames of the new stream together with what it has of the old one, and loses them where the
//! new numbers are lower. It starts over only when a packet's MID says that an m-line's SSRC has changed, and livekit-server
//! sends no MID. So the SSRCs of an m-line that has played are kept from str0m, and a packet of ours, which it cannot
//! decrypt and drops, tells it the same by MID.

use std::collections::HashSet;

use str0m::{
    Input,
    media::Mid,
    net::{Protocol, Receive},
    rtp::Ssrc,
};

use super::{Connection, ConnectionError, now};

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// The largest id of a one-byte header extension.
const LARGEST_ID: u8 = 14;

/// A stream that begins on an m-line which has played before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewStream {
    mid: Mid,
    ssrc: u32,
    payload_type: u8,
    /// SSRC and payload type of its retransmissions.
    repair: Option<(u32, u8)>,
}

/// A description in sections: what comes first, then one for each m-line.
fn sections(sdp: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for line in sdp.split_inclusive('\n') {
        if line.starts_with("m=") {
            sections.push(String::new());
        }
        if let Some(section) = sections.last_mut() {
            section.push_str(line);
        }
    }
    sections
}

fn values<'a>(section: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    section
        .lines()
        .filter_map(move |line| line.strip_prefix(name))
        .map(str::trim)
}

fn mid_of(section: &str) -> Option<Mid> {
    values(section, "a=mid:").next().map(Mid::from)
}

/// A description without the SSRCs of m-lines that have played before, and what those said.
pub(super) fn take_new_streams(sdp: &str, played: &HashSet<Mid>) -> (String, Vec<NewStream>) {
    let mut streams = Vec::new();
    let kept = sections(sdp)
        .into_iter()
        .map(|section| {
            let Some(mid) = mid_of(&section).filter(|mid| played.contains(mid)) else {
                return section;
            };
            streams.extend(new_stream(&section, mid));
            section
                .split_inclusive('\n')
                .filter(|line| !line.starts_with("a=ssrc"))
                .collect()
        })
        .collect();
    (kept, streams)
}

fn new_stream(section: &str, mid: Mid) -> Option<NewStream> {
    let first_ssrc = |value: &str| value.split(' ').next()?.parse::<u32>().ok();
    let group: Vec<u32> = values(section, "a=ssrc-group:FID ")
        .next()
        .map(|group| {
            group
                .split(' ')
                .filter_map(|ssrc| ssrc.parse().ok())
                .collect()
        })
        .unwrap_or_default();
    let ssrc = group
        .first()
        .copied()
        .or_else(|| values(section, "a=ssrc:").find_map(first_ssrc))?;
    let repair_types: Vec<u8> = values(section, "a=rtpmap:")
        .filter_map(|map| map.split_once(' '))
        .filter(|(_, codec)| codec.starts_with("rtx/"))
        .filter_map(|(payload_type, _)| payload_type.parse().ok())
        .collect();
    let payload_type = section
        .lines()
        .next()?
        .split_whitespace()
        .skip(3)
        .filter_map(|payload_type| payload_type.parse().ok())
        .find(|payload_type| !repair_types.contains(payload_type))?;
    Some(NewStream {
        mid,
        ssrc,
        payload_type,
        repair: group.get(1).copied().zip(repair_types.first().copied()),
    })
}

/// The id of the MID's header extension.
pub(super) fn mid_extension(sdp: &str) -> Option<u8> {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a=extmap:")?.split_once(' '))
        .find(|(_, name)| name.trim() == MID)
        .and_then(|(id, _)| id.split('/').next()?.parse().ok())
}

/// A description in which each m-line of media has the MID's header extension.
pub(super) fn with_mid_extension(sdp: &str) -> String {
    let used: HashSet<u8> = sdp
        .lines()
        .filter_map(|line| {
            line.strip_prefix("a=extmap:")?
                .split(['/', ' '])
                .next()?
                .parse()
                .ok()
        })
        .collect();
    let free = || (1..=LARGEST_ID).rev().find(|id| !used.contains(id));
    let Some(id) = mid_extension(sdp).or_else(free) else {
        return sdp.to_owned();
    };
    sections(sdp)
        .into_iter()
        .map(|section| {
            let media = section.starts_with("m=audio") || section.starts_with("m=video");
            if media && mid_extension(&section).is_none() {
                format!("{section}a=extmap:{id} {MID}\r\n")
            } else {
                section
            }
        })
        .collect()
}

/// A description without the MID's header extension.
pub(super) fn without_mid_extension(sdp: &str) -> String {
    sdp.split_inclusive('\n')
        .filter(|line| !(line.starts_with("a=extmap:") && line.trim().ends_with(MID)))
        .collect()
}

impl Connection {
    /// Tells str0m of streams that begin on m-lines which have played before.
    pub(super) fn introduce(&mut self, streams: &[NewStream]) -> Result<(), ConnectionError> {
        let Some(extension) = self.negotiation.mid_extension else {
            return Ok(());
        };
        for stream in streams {
            let ssrc = Ssrc::from(stream.ssrc);
            if self.rtc.direct_api().stream_rx(&ssrc).is_some() {
                continue;
            }
            let main = Some((stream.ssrc, stream.payload_type));
            for (ssrc, payload_type) in main.into_iter().chain(stream.repair) {
                let packet = packet(extension, stream.mid, ssrc, payload_type);
                // Where it came from does not matter to what str0m makes of it.
                let nowhere = ([127, 0, 0, 1], 9).into();
                if let Ok(received) = Receive::new(Protocol::Udp, nowhere, nowhere, &packet) {
                    self.rtc.handle_input(Input::Receive(now(), received))?;
                }
            }
        }
        Ok(())
    }
}

/// A packet that says only on which m-line its stream plays.
fn packet(extension: u8, mid: Mid, ssrc: u32, payload_type: u8) -> Vec<u8> {
    let mid = mid.to_string();
    let mut element = vec![extension << 4 | u8::try_from(mid.len() - 1).unwrap_or(0)];
    element.extend(mid.as_bytes());
    element.resize(element.len().next_multiple_of(4), 0);
    let words = u16::try_from(element.len() / 4).unwrap_or(0);
    let mut packet = vec![0x90, payload_type & 0x7f, 0, 0, 0, 0, 0, 0];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0xbe, 0xde]);
    packet.extend(words.to_be_bytes());
    packet.extend(element);
    // In the place of a payload and of its seal.
    packet.extend([0; 24]);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\nm=audio 9 X 111\r\na=ssrc:1 cname:x\r\na=mid:0\r\n\
                       m=video 9 X 97 96\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
                       a=extmap:14/sendonly urn:other\r\na=ssrc-group:FID 2 3\r\na=ssrc:2 cname:x\r\na=ssrc:3 cname:x\r\n";

    #[test]
    fn only_an_m_line_that_has_played_loses_its_ssrcs() {
        let (kept, streams) = take_new_streams(SDP, &[Mid::from("1")].into());
        assert!(kept.contains("a=ssrc:1") && !kept.contains("a=ssrc:2"));
        assert!(!kept.contains("FID"));
        let expected = NewStream {
            mid: Mid::from("1"),
            ssrc: 2,
            payload_type: 96,
            repair: Some((3, 97)),
        };
        assert_eq!(streams, [expected]);
        assert_eq!(
            take_new_streams(SDP, &HashSet::new()),
            (SDP.to_owned(), Vec::new())
        );
    }

    #[test]
    fn the_mid_gets_an_id_that_nothing_else_has() {
        assert_eq!(mid_extension(SDP), None);
        let with = with_mid_extension(SDP);
        assert_eq!(mid_extension(&with), Some(13));
        assert_eq!(with.matches(MID).count(), 2, "one for each m-line");
        assert_eq!(without_mid_extension(&with), SDP);
        assert_eq!(with_mid_extension(&with), with);
    }

    #[test]
    fn a_packet_names_its_m_line() {
        let packet = packet(13, Mid::from("ab"), 0x0102_0304, 96);
        assert_eq!(packet[..12], [0x90, 96, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(packet[12..20], [0xbe, 0xde, 0, 1, 0xd1, b'a', b'b', 0]);
    }
}
