//! Session descriptions as lines of text that can be edited without losing what we do not understand; it knows the
//! grammar of SDP and nothing of what a line means to a connection.

use std::fmt;

use super::error::NegotiationError;

/// More than a thousand subscribed tracks need; a signal frame may be 2 MiB.
const MAX_BYTES: usize = 1 << 20;
const MAX_SECTIONS: usize = 1000;

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sdp {
    session: Vec<String>,
    /// The m-lines in order; their position is their identity in offer and answer.
    pub(super) sections: Vec<Section>,
}

/// One m-line with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// `audio`, `video`, `application`.
    pub(super) kind: String,
    port: String,
    protocol: String,
    /// Payload types in order of preference.
    pub(super) formats: Vec<String>,
    /// Everything after the m-line, without line ends.
    lines: Vec<String>,
}

/// What a description says about who sends on an m-line, from its writer's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub(super) const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    pub(super) const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn from_line(line: &str) -> Option<Self> {
        [
            Self::SendRecv,
            Self::SendOnly,
            Self::RecvOnly,
            Self::Inactive,
        ]
        .into_iter()
        .find(|direction| line.strip_prefix("a=") == Some(direction.name()))
    }
}

impl Sdp {
    /// Splits a description into sections; it must have at least one m-line.
    pub(super) fn parse(text: &str) -> Result<Self, NegotiationError> {
        if text.len() > MAX_BYTES {
            return Err(NegotiationError::TooLarge);
        }
        let mut session = Vec::new();
        let mut sections: Vec<Section> = Vec::new();
        for line in text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
        {
            if line.as_bytes().get(1) != Some(&b'=') {
                return Err(malformed("a line is not of the form x=…"));
            }
            match (line.strip_prefix("m="), sections.last_mut()) {
                (Some(media), _) => sections.push(Section::open(media)?),
                (None, Some(section)) => section.lines.push(line.to_owned()),
                (None, None) => session.push(line.to_owned()),
            }
            if sections.len() > MAX_SECTIONS {
                return Err(NegotiationError::TooLarge);
            }
        }
        if sections.is_empty() {
            return Err(malformed("there is no m-line"));
        }
        Ok(Self { session, sections })
    }

    /// Streams are named on their m-lines only; str0m lists those of ended tracks for the whole session too.
    pub(super) fn forget_stream_names(&mut self) {
        for line in &mut self.session {
            if line.starts_with("a=msid-semantic:") {
                "a=msid-semantic: WMS *".clone_into(line);
            }
        }
    }

    /// The first value of an attribute, for the whole session or on an m-line.
    pub(super) fn first_value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let session = self.session.iter().find_map(|line| attribute(line, name));
        session.or_else(|| self.sections.iter().find_map(|section| section.value(name)))
    }

    /// Gives every m-line these ICE credentials, and no candidates.
    pub(super) fn replace_credentials(&mut self, ufrag: &str, pwd: &str) {
        let lines = self
            .sections
            .iter_mut()
            .map(|section| &mut section.lines)
            .chain([&mut self.session]);
        for lines in lines {
            lines.retain(|line| !line.starts_with("a=candidate:") && line != "a=end-of-candidates");
            for line in lines {
                if line.starts_with("a=ice-ufrag:") {
                    *line = format!("a=ice-ufrag:{ufrag}");
                } else if line.starts_with("a=ice-pwd:") {
                    *line = format!("a=ice-pwd:{pwd}");
                }
            }
        }
    }

    /// Replaces a word in every attribute that carries ICE credentials or candidates.
    pub(super) fn replace_ufrag(&mut self, old: &str, new: &str) {
        let lines = self
            .sections
            .iter_mut()
            .flat_map(|section| section.lines.iter_mut());
        for line in self.session.iter_mut().chain(lines) {
            if line.starts_with("a=ice-ufrag:") {
                *line = format!("a=ice-ufrag:{new}");
            } else if line.starts_with("a=candidate:") {
                *line = line.replace(old, new);
            }
        }
    }
}

impl Section {
    fn open(media: &str) -> Result<Self, NegotiationError> {
        let mut words = media.split_ascii_whitespace().map(str::to_owned);
        match (words.next(), words.next(), words.next()) {
            (Some(kind), Some(port), Some(protocol)) => Ok(Self {
                kind,
                port,
                protocol,
                formats: words.collect(),
                lines: Vec::new(),
            }),
            _ => Err(malformed("an m-line is incomplete")),
        }
    }

    /// Refused or stopped: port zero outside a bundle-only offer.
    pub(super) fn is_rejected(&self) -> bool {
        self.port == "0" && !self.has("bundle-only")
    }

    pub(super) fn is_media(&self) -> bool {
        self.kind == "audio" || self.kind == "video"
    }

    /// Values of the attribute `name`, in order.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines
            .iter()
            .filter_map(move |line| attribute(line, name))
    }

    /// First value of the attribute `name`.
    pub(super) fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.values(name).next()
    }

    fn has(&self, flag: &str) -> bool {
        self.lines
            .iter()
            .any(|line| line.strip_prefix("a=") == Some(flag))
    }

    pub(super) fn mid(&self) -> Option<&str> {
        self.value("mid")
    }

    pub(super) fn direction(&self) -> Direction {
        self.lines
            .iter()
            .find_map(|line| Direction::from_line(line))
            .unwrap_or(Direction::SendRecv)
    }

    /// Says who sends from now on.
    pub(super) fn set_direction(&mut self, direction: Direction) {
        self.lines
            .retain(|line| Direction::from_line(line).is_none());
        self.push(direction.name());
    }

    /// The track half of `a=msid:<stream> <track>`.
    pub(super) fn track_id(&self) -> Option<&str> {
        self.value("msid")?.split_ascii_whitespace().nth(1)
    }

    /// Format parameters of a payload type.
    pub(super) fn fmtp(&self, payload_type: &str) -> Option<&str> {
        self.values("fmtp")
            .find_map(|value| numbered(value, payload_type))
    }

    /// Replaces the format parameters of a payload type; `None` removes them.
    pub(super) fn set_fmtp(&mut self, payload_type: &str, parameters: Option<&str>) {
        let line = parameters.map(|parameters| format!("a=fmtp:{payload_type} {parameters}"));
        let is_fmtp = |line: &str| {
            attribute(line, "fmtp").is_some_and(|value| numbered(value, payload_type).is_some())
        };
        let position = self
            .lines
            .iter()
            .position(|line| is_fmtp(line))
            .or_else(|| {
                let rtpmap = |line: &String| {
                    attribute(line, "rtpmap")
                        .is_some_and(|value| numbered(value, payload_type).is_some())
                };
                self.lines
                    .iter()
                    .position(rtpmap)
                    .map(|position| position + 1)
            });
        self.lines.retain(|line| !is_fmtp(line));
        if let (Some(position), Some(line)) = (position, line) {
            self.lines.insert(position.min(self.lines.len()), line);
        }
    }

    /// `rtpmap` entries as payload type and encoding, e.g. `("111", "opus/48000/2")`.
    pub(super) fn rtpmaps(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values("rtpmap")
            .filter_map(|value| value.split_once(' '))
    }

    /// Simulcast stream names that the writer sends (`send`) or receives (`recv`), in the order of the description.
    pub(super) fn rids(&self, direction: &str) -> Vec<&str> {
        self.values("rid")
            .filter_map(|value| {
                let mut words = value.split_ascii_whitespace();
                let rid = words.next()?;
                (words.next() == Some(direction)).then_some(rid)
            })
            .collect()
    }

    /// Drops lines; `keep` sees them without line ends.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.lines.retain(|line| keep(line));
    }

    /// Drops every attribute with one of these names.
    pub(super) fn remove(&mut self, names: &[&str]) {
        self.retain(|line| names.iter().all(|name| attribute(line, name).is_none()));
    }

    /// Drops a payload type with everything that mentions it.
    pub(super) fn remove_format(&mut self, payload_type: &str) {
        self.formats.retain(|format| format != payload_type);
        self.retain(|line| {
            ["rtpmap", "fmtp", "rtcp-fb"].iter().all(|name| {
                attribute(line, name)
                    .and_then(|value| numbered(value, payload_type))
                    .is_none()
            })
        });
    }

    /// Appends an attribute line, given without `a=`.
    pub(super) fn push(&mut self, value: &str) {
        self.lines.push(format!("a={value}"));
    }

    /// Whether the exact attribute, given without `a=`, is there.
    pub(super) fn contains(&self, value: &str) -> bool {
        self.has(value)
    }
}

impl fmt::Display for Sdp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.session {
            write!(formatter, "{line}\r\n")?;
        }
        for section in &self.sections {
            write!(
                formatter,
                "m={} {} {}",
                section.kind, section.port, section.protocol
            )?;
            for format in &section.formats {
                write!(formatter, " {format}")?;
            }
            formatter.write_str("\r\n")?;
            for line in &section.lines {
                write!(formatter, "{line}\r\n")?;
            }
        }
        Ok(())
    }
}

/// The value of `a=<name>:<value>`.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix("a=")?
        .strip_prefix(name)?
        .strip_prefix(':')
}

/// The rest of `<number> <rest>`.
fn numbered<'a>(value: &'a str, number: &str) -> Option<&'a str> {
    value.strip_prefix(number)?.strip_prefix(' ')
}

pub(super) fn malformed(reason: &str) -> NegotiationError {
    NegotiationError::Malformed(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=mid:0\r\na=sendonly\r\na=msid:- track\r\n\
        a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rid:q send\r\na=rid:h send\r\na=simulcast:send q;h\r\n";

    #[test]
    fn a_description_survives_a_round_trip() {
        assert_eq!(Sdp::parse(TEXT).unwrap().to_string(), TEXT);
    }

    #[test]
    fn attributes_are_read() {
        let sdp = Sdp::parse(TEXT).unwrap();
        let audio = &sdp.sections[0];
        assert_eq!(audio.mid(), Some("0"));
        assert_eq!(audio.direction(), Direction::SendOnly);
        assert_eq!(audio.track_id(), Some("track"));
        assert_eq!(audio.fmtp("111"), Some("minptime=10"));
        assert_eq!(audio.fmtp("11"), None);
        assert_eq!(sdp.sections[1].direction(), Direction::SendRecv);
        assert_eq!(sdp.sections[1].rids("send"), ["q", "h"]);
    }

    #[test]
    fn format_parameters_are_replaced_added_and_removed() {
        let mut sdp = Sdp::parse(TEXT).unwrap();
        let audio = &mut sdp.sections[0];
        audio.set_fmtp("111", Some("usedtx=1"));
        assert_eq!(audio.fmtp("111"), Some("usedtx=1"));
        audio.set_fmtp("111", None);
        assert_eq!(audio.fmtp("111"), None);
        audio.set_fmtp("111", Some("stereo=1"));
        assert_eq!(audio.fmtp("111"), Some("stereo=1"));
        assert_eq!(audio.fmtp("63"), Some("111/111"));
    }

    #[test]
    fn a_removed_payload_type_leaves_no_trace() {
        let mut sdp = Sdp::parse(TEXT).unwrap();
        sdp.sections[0].remove_format("63");
        assert!(!sdp.sections[0].lines.iter().any(|line| line.contains("63")));
        assert_eq!(sdp.sections[0].formats, ["111"]);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "v=0",
            "hello",
            "v=0\r\nm=audio 9\r\n",
            "v=0\r\nm=audio 9 X 1\r\nno attribute\r\n",
        ] {
            assert!(Sdp::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Sdp::parse(&"a=x\n".repeat(MAX_BYTES)),
            Err(NegotiationError::TooLarge)
        );
    }
}
