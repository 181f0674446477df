//! What a server's session description says beyond what str0m tells: which track plays on which m-line.

use std::collections::HashMap;

use livekit_protocol as proto;
use str0m::Candidate;

/// Tracks by m-line: those that the server sends now.
pub(crate) fn tracks_of(description: &proto::SessionDescription) -> HashMap<String, String> {
    description
        .sdp
        .split("\nm=")
        .skip(1)
        .filter_map(|section| {
            let value = |name: &str| {
                section
                    .lines()
                    .find_map(|line| line.strip_prefix(name))
                    .map(str::trim)
            };
            let has = |line: &str| section.lines().any(|other| other.trim() == line);
            if !has("a=sendonly") && !has("a=sendrecv") {
                return None;
            }
            let mid = value("a=mid:")?;
            let named = value("a=msid:")
                .and_then(|msid| msid.split_whitespace().nth(1))
                .filter(|track| track.starts_with("TR_"));
            let track = description
                .mid_to_track_id
                .get(mid)
                .map(String::as_str)
                .or(named)?;
            Some((mid.to_owned(), track.to_owned()))
        })
        .collect()
}

/// The candidates that stand in a description.
pub(super) fn candidates_of(sdp: &str) -> Vec<Candidate> {
    sdp.lines()
        .filter_map(|line| line.trim().strip_prefix("a="))
        .filter(|line| line.starts_with("candidate:"))
        .filter_map(|line| Candidate::from_sdp_string(line).ok())
        .collect()
}

/// The candidate of a trickled `RTCIceCandidateInit` in JSON; none where it only says that there are no more.
pub(super) fn trickled(init: &str) -> Option<Candidate> {
    let init: serde_json::Value = serde_json::from_str(init).ok()?;
    let line = init.get("candidate")?.as_str()?;
    Candidate::from_sdp_string(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_m_line_plays_the_track_of_the_map_or_of_its_msid_while_the_server_sends() {
        let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=msid:PA_a|TR_a TR_a\r\na=sendonly\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=msid:PA_a|TR_b TR_b\r\na=inactive\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=sendonly\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:3\r\na=sendonly\r\na=msid:- camera\r\n";
        let description = proto::SessionDescription {
            sdp: sdp.to_owned(),
            mid_to_track_id: [("2".to_owned(), "TR_c".to_owned())].into(),
            ..Default::default()
        };
        let mut tracks: Vec<_> = tracks_of(&description).into_iter().collect();
        tracks.sort();
        let expected = [("0", "TR_a"), ("2", "TR_c")];
        assert_eq!(tracks, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn the_end_of_candidates_is_no_candidate() {
        assert!(trickled(r#"{"candidate":""}"#).is_none());
        let line = r#"{"candidate":"candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host"}"#;
        assert!(trickled(line).is_some());
    }
}
