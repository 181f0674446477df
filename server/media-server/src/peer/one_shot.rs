//! Offers and ICE fragments that come over HTTP (WHIP, RFC 9725; fragments RFC 8840): what an offer publishes, and the
//! same offer as a connection that only receives wants it. It must not know HTTP or rooms.

use str0m::media::MediaKind;

use super::error::NegotiationError;
use super::sdp::{Direction, Sdp, malformed};
use super::up::kind_of;

/// The description of a client that says all at once and is sent nothing.
#[derive(Debug, Clone)]
pub struct OneShotOffer {
    sdp: Sdp,
    /// What it sends, in the order of the m-lines.
    pub tracks: Vec<OfferedTrack>,
}

/// A track that an offer sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedTrack {
    /// Its id in the offer; one of our own where the client gives none.
    pub cid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// Simulcast streams.
    pub streams: usize,
}

/// A client's ICE credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// `a=ice-ufrag`.
    pub ufrag: String,
    /// `a=ice-pwd`.
    pub pwd: String,
}

/// `application/trickle-ice-sdpfrag`: candidates, and perhaps new credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IceFragment {
    /// The generation that the candidates are of.
    pub credentials: Option<IceCredentials>,
    /// `candidate:…`, as in `RTCIceCandidateInit.candidate`.
    pub candidates: Vec<String>,
}

impl OneShotOffer {
    /// Reads an offer. Nothing is sent to its client, so what it would receive as well it only sends.
    pub fn parse(text: &str) -> Result<Self, NegotiationError> {
        let mut sdp = Sdp::parse(text)?;
        if sdp.first_value("ice-ufrag").is_none() || sdp.first_value("ice-pwd").is_none() {
            return Err(malformed("there are no ICE credentials"));
        }
        let mut tracks = Vec::new();
        for (index, section) in sdp.sections.iter_mut().enumerate() {
            if !section.is_media() || section.is_rejected() || !section.direction().sends() {
                continue;
            }
            let Some(kind) = kind_of(section) else {
                continue;
            };
            section.set_direction(Direction::SendOnly);
            if section.mid().is_none() {
                section.push(&format!("mid:{index}"));
            }
            // Encoders may leave the msid out; it is what an m-line is paired with its track by.
            if section.track_id().is_none() {
                section.remove(&["msid"]);
                section.push(&format!("msid:- one-shot-{index}"));
            }
            let Some(cid) = section.track_id().map(str::to_owned) else {
                continue;
            };
            let streams = section.rids("send").len().max(1);
            tracks.push(OfferedTrack { cid, kind, streams });
        }
        Ok(Self { sdp, tracks })
    }

    /// The generation of its ICE credentials.
    pub fn ufrag(&self) -> &str {
        self.sdp.first_value("ice-ufrag").unwrap_or_default()
    }

    /// The same offer after an ICE restart by its client.
    #[must_use]
    pub fn restarted(&self, credentials: &IceCredentials, candidates: &[String]) -> Self {
        let mut offer = self.clone();
        offer
            .sdp
            .replace_credentials(&credentials.ufrag, &credentials.pwd);
        if let Some(section) = offer.sdp.sections.first_mut() {
            for candidate in candidates {
                section.push(candidate);
            }
        }
        offer
    }
}

impl std::fmt::Display for OneShotOffer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sdp.fmt(formatter)
    }
}

impl IceFragment {
    /// Reads a fragment; a line that is not about ICE is passed over.
    pub fn parse(text: &str) -> Result<Self, NegotiationError> {
        if text.len() > MAX_FRAGMENT {
            return Err(NegotiationError::TooLarge);
        }
        let mut fragment = Self::default();
        let (mut ufrag, mut pwd) = (None, None);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.as_bytes().get(1) != Some(&b'=') {
                return Err(malformed("a line is not of the form x=…"));
            }
            let Some(attribute) = line.strip_prefix("a=") else {
                continue;
            };
            match attribute.split_once(':') {
                Some(("ice-ufrag", value)) => ufrag = Some(value.to_owned()),
                Some(("ice-pwd", value)) => pwd = Some(value.to_owned()),
                Some(("candidate", _)) => fragment.candidates.push(attribute.to_owned()),
                _ => {}
            }
        }
        fragment.credentials = match (ufrag, pwd) {
            (Some(ufrag), Some(pwd)) if !ufrag.is_empty() && !pwd.is_empty() => {
                Some(IceCredentials { ufrag, pwd })
            }
            (None, None) => None,
            _ => return Err(malformed("ice-ufrag and ice-pwd come together")),
        };
        Ok(fragment)
    }

    /// What an answer says about ICE.
    pub fn of_answer(answer: &str) -> Result<String, NegotiationError> {
        let answer = Sdp::parse(answer)?;
        let (Some(ufrag), Some(pwd), Some(section)) = (
            answer.first_value("ice-ufrag"),
            answer.first_value("ice-pwd"),
            answer.sections.first(),
        ) else {
            return Err(malformed("there are no ICE credentials"));
        };
        let media = format!("m={} 9 UDP/TLS/RTP/SAVPF 0", section.kind);
        let mid = section.mid().map(|mid| format!("a=mid:{mid}"));
        let candidates = section.values("candidate");
        let candidates = candidates.map(|candidate| format!("a=candidate:{candidate}"));
        let lines = [
            format!("a=ice-ufrag:{ufrag}"),
            format!("a=ice-pwd:{pwd}"),
            media,
        ];
        let lines = lines.into_iter().chain(mid).chain(candidates);
        let lines: Vec<_> = lines.chain(["a=end-of-candidates".to_owned()]).collect();
        Ok(format!("{}\r\n", lines.join("\r\n")))
    }
}

/// More than the candidates of any machine need.
const MAX_FRAGMENT: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendrecv\r\na=msid:- microphone\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=rtpmap:111 opus/48000/2\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=ice-ufrag:abcd\r\n\
        a=ice-pwd:0123456789012345678901\r\na=rtpmap:96 H264/90000\r\na=rid:q send\r\na=rid:f send\r\n\
        a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=recvonly\r\na=rtpmap:96 H264/90000\r\n";

    #[test]
    fn an_offer_says_what_it_publishes_and_is_sent_nothing() {
        let offer = OneShotOffer::parse(OFFER).unwrap();
        assert_eq!(offer.ufrag(), "abcd");
        let track = |cid: &str, kind, streams| OfferedTrack {
            cid: cid.to_owned(),
            kind,
            streams,
        };
        assert_eq!(
            offer.tracks,
            [
                track("microphone", MediaKind::Audio, 1),
                // Without an id of its own it gets one.
                track("one-shot-1", MediaKind::Video, 2),
            ]
        );
        let text = offer.to_string();
        assert!(!text.contains("a=sendrecv"), "{text}");
        assert!(text.contains("a=msid:- one-shot-1"), "{text}");
    }

    #[test]
    fn a_restart_changes_what_is_about_ice_and_nothing_else() {
        let credentials = IceCredentials {
            ufrag: "next".to_owned(),
            pwd: "9999999999999999999999".to_owned(),
        };
        let candidate = "candidate:2 1 udp 1 192.0.2.2 9 typ host".to_owned();
        let offer = OneShotOffer::parse(OFFER).unwrap();
        let restarted = offer.restarted(&credentials, std::slice::from_ref(&candidate));
        let text = restarted.to_string();
        assert_eq!(restarted.ufrag(), "next");
        assert!(!text.contains("abcd") && !text.contains("192.0.2.1"));
        assert_eq!(text.matches("a=ice-ufrag:next").count(), 2);
        assert!(text.contains(&format!("a={candidate}")));
        assert_eq!(restarted.tracks, offer.tracks);
    }

    #[test]
    fn what_has_no_credentials_is_no_offer() {
        let without: String = OFFER
            .lines()
            .filter(|line| !line.starts_with("a=ice-"))
            .flat_map(|line| [line, "\r\n"])
            .collect();
        for bad in [
            without.as_str(),
            "",
            "v=0\r\n",
            "nonsense",
            "{\"sdp\": \"x\"}",
        ] {
            assert!(OneShotOffer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fragment_has_candidates_and_perhaps_credentials() {
        let fragment = IceFragment::parse(
            "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n\
             a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n",
        )
        .unwrap();
        assert_eq!(fragment.credentials.unwrap().ufrag, "EsAw");
        assert_eq!(
            fragment.candidates,
            ["candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host"]
        );
        assert_eq!(
            IceFragment::parse("a=end-of-candidates"),
            Ok(IceFragment::default())
        );
        assert!(IceFragment::parse("a=ice-ufrag:EsAw").is_err());
        assert!(IceFragment::parse("hello").is_err());
        assert!(IceFragment::parse(&"a=x\n".repeat(40_000)).is_err());
    }

    #[test]
    fn an_answers_fragment_reads_back() {
        let text = IceFragment::of_answer(OFFER).unwrap();
        let fragment = IceFragment::parse(&text).unwrap();
        assert_eq!(fragment.credentials.unwrap().ufrag, "abcd");
        assert!(text.contains("a=mid:0\r\n") && text.ends_with("a=end-of-candidates\r\n"));
    }
}
