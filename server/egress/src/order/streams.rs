//! Where a live stream goes, checked: RTMP and SRT addresses, and the two that LiveKit has words for. What of an address is secret
//! is told apart here, and stays out of everything that is shown.

use std::fmt::Write;

use livekit_wire::{
    proto::{StreamOutput, StreamProtocol as Protocol},
    twirp::{Code, TwirpError},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{missing, redact::redact_identifier, storage::Secret, unsupported};

/// Addresses at the same time, of one egress.
const MOST: usize = 10;
/// ffmpeg reads its options line by line, of less than 1,000 bytes.
const LONGEST: usize = 800;
const MUX: &str = "rtmps://global-live.mux.com:443/app/";
/// Twitch's own address for everybody; it finds the nearest place itself.
const TWITCH: &str = "rtmps://ingest.global-contribute.live-video.net:443/app/";
/// Where systems keep the certificates that they trust.
const TRUSTED: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];
/// How long a passphrase of SRT may be.
const PASSPHRASE: std::ops::RangeInclusive<usize> = 10..=79;
const SRT_KEY_LENGTHS: [&str; 4] = ["0", "16", "24", "32"];

/// The live streams of an egress, those that have ended as well: as many as callers are told of, in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamsOrder {
    pub all: Vec<StreamOrder>,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamOrder {
    protocol: StreamProtocol,
    /// Where it is, without anything secret.
    address: String,
    /// What ffmpeg is told beside.
    options: Vec<(String, Secret)>,
    /// All of it, to be known again by.
    url: Secret,
    /// As callers are told of it.
    pub redacted: String,
}

/// How a stream is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamProtocol {
    /// With or without TLS.
    Rtmp,
    Srt,
}

impl StreamsOrder {
    /// Checks an output.
    pub fn of(output: &StreamOutput) -> Result<StreamsOrder, TwirpError> {
        let protocol = match Protocol::try_from(output.protocol) {
            Ok(Protocol::DefaultProtocol) if output.urls.is_empty() => {
                return Err(missing("stream protocol"));
            }
            Ok(Protocol::DefaultProtocol) => None,
            Ok(Protocol::Rtmp) => Some(StreamProtocol::Rtmp),
            Ok(Protocol::Srt) => Some(StreamProtocol::Srt),
            Ok(Protocol::Websocket) => return Err(unsupported("a websocket stream")),
            Err(_) => return Err(missing("stream protocol")),
        };
        let mut streams = StreamsOrder::default();
        for url in &output.urls {
            let stream = StreamOrder::parse(url)?;
            if protocol.is_some_and(|protocol| protocol != stream.protocol) {
                return Err(invalid(&stream.redacted, "invalid scheme"));
            }
            streams.add(stream, |_| true)?;
        }
        Ok(streams)
    }

    /// Adds one; `is_live`: whether the one with this index goes on.
    pub fn add(
        &mut self,
        stream: StreamOrder,
        is_live: impl Fn(usize) -> bool,
    ) -> Result<(), TwirpError> {
        let live = || (0..self.all.len()).filter(|index| is_live(*index));
        if live().any(|index| self.all[index].url == stream.url) {
            let told = format!("stream {} already exists", stream.redacted);
            return Err(TwirpError::new(Code::AlreadyExists, told));
        }
        if live().count() >= MOST {
            let told = format!("an egress has {MOST} streams at most");
            return Err(TwirpError::new(Code::ResourceExhausted, told));
        }
        self.all.push(stream);
        Ok(())
    }

    /// The one that goes on at this address, told whole or as callers are told of it.
    pub fn find(&self, url: &str, is_live: impl Fn(usize) -> bool) -> Result<usize, TwirpError> {
        let parsed = StreamOrder::parse(url).ok();
        let is_it = |stream: &StreamOrder| {
            stream.redacted == url || parsed.as_ref().is_some_and(|other| other.url == stream.url)
        };
        let mut live = (0..self.all.len()).filter(|index| is_live(*index));
        live.find(|index| is_it(&self.all[*index])).ok_or_else(|| {
            let told = parsed
                .as_ref()
                .map_or("", |parsed| parsed.redacted.as_str());
            TwirpError::domain(Code::NotFound, format!("stream {told} not found"))
        })
    }
}

impl StreamOrder {
    /// Checks an address.
    pub fn parse(url: &str) -> Result<StreamOrder, TwirpError> {
        if url.len() > LONGEST {
            return Err(invalid("", "it is too long"));
        }
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| invalid("", "it has no scheme"))?;
        match scheme {
            "rtmp" | "rtmps" => rtmp(url),
            "mux" => rtmp(&format!("{MUX}{rest}")),
            "twitch" => rtmp(&format!("{TWITCH}{rest}")),
            "srt" => srt(url),
            "ws" | "wss" => Err(unsupported("a websocket stream")),
            _ => Err(invalid("", "invalid scheme")),
        }
    }

    /// How it is sent.
    pub fn protocol(&self) -> StreamProtocol {
        self.protocol
    }

    /// What everybody may see in a list of processes.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The options as ffmpeg reads them from a file.
    pub fn options(&self) -> String {
        let mut lines = String::new();
        for (name, value) in &self.options {
            // A String takes everything.
            let _ = writeln!(lines, "{name}={}", value.shown());
        }
        lines
    }

    /// What another program says, without this address's secrets.
    pub fn without_secrets(&self, text: &str) -> String {
        let hidden = self.options.iter().map(|(_, value)| value.shown());
        let mut text = text.to_owned();
        for secret in hidden.filter(|secret| !secret.is_empty() && !secret.starts_with('/')) {
            text = text.replace(secret, "{hidden}");
        }
        text
    }

    /// Forgets what only a stream that goes on needs.
    pub fn forget_secrets(&mut self) {
        self.options.clear();
        self.url = Secret::new("");
    }
}

/// `rtmp(s)://{host}(/{path})/{app}/{stream_key}( live=1)`.
fn rtmp(url: &str) -> Result<StreamOrder, TwirpError> {
    const FORMAT: &str =
        "rtmp urls must be of format rtmp(s)://{host}(/{path})/{app}/{stream_key}( live=1)";
    let bad = || invalid("", FORMAT);
    let whole = url.strip_suffix(" live=1").unwrap_or(url);
    if whole
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err(bad());
    }
    let (place, key) = whole.rsplit_once('/').ok_or_else(bad)?;
    let (scheme, place) = place.split_once("://").ok_or_else(bad)?;
    let (host, app) = place.split_once('/').ok_or_else(bad)?;
    if key.is_empty() || app.is_empty() || app.ends_with('/') {
        return Err(bad());
    }
    let address = format!("{scheme}://{host}/");
    let parsed = Url::parse(&address).map_err(|_| bad())?;
    if parsed.host_str().is_none_or(str::is_empty) {
        return Err(bad());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(unsupported("a user in a stream's url"));
    }
    let mut options = vec![
        ("rtmp_app".to_owned(), Secret::new(app)),
        ("rtmp_playpath".to_owned(), Secret::new(key)),
    ];
    if scheme == "rtmps" {
        options.push(("tls_verify".to_owned(), Secret::new("1")));
        let trusted = TRUSTED
            .iter()
            .find(|path| std::path::Path::new(path).exists());
        options.extend(trusted.map(|path| ("ca_file".to_owned(), Secret::new(path))));
    }
    Ok(StreamOrder {
        protocol: StreamProtocol::Rtmp,
        address,
        options,
        url: Secret::new(whole),
        redacted: format!("{scheme}://{host}/{app}/{}", redact_identifier(key)),
    })
}

/// `srt://{host}:{port}` with the parameters that a caller needs; times are milliseconds, as GStreamer's SRT has them.
fn srt(url: &str) -> Result<StreamOrder, TwirpError> {
    let bad = |reason: &str| invalid("", reason);
    let parsed = Url::parse(url).map_err(|_| bad("it is no url"))?;
    let host = parsed.host_str().filter(|host| !host.is_empty());
    let (Some(host), Some(port)) = (host, parsed.port()) else {
        return Err(bad("srt urls must be of format srt://{host}:{port}"));
    };
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(unsupported("a user in a stream's url"));
    }
    let mut options = Vec::new();
    let mut shown = Vec::new();
    for (name, value) in parsed.query_pairs() {
        if value.chars().any(char::is_control) || value.is_empty() {
            return Err(missing(&name));
        }
        let (option, value_of_option) = match &*name {
            "streamid" => {
                shown.push(format!("streamid={}", redact_identifier(&value)));
                ("srt_streamid", value.to_string())
            }
            "passphrase" if PASSPHRASE.contains(&value.len()) => {
                shown.push("passphrase={passphrase}".to_owned());
                ("passphrase", value.to_string())
            }
            "pbkeylen" if SRT_KEY_LENGTHS.contains(&&*value) => {
                shown.push(format!("pbkeylen={value}"));
                ("pbkeylen", value.to_string())
            }
            "latency" => {
                let latency: u32 = value.parse().map_err(|_| missing("latency"))?;
                shown.push(format!("latency={latency}"));
                ("latency", (u64::from(latency) * 1_000).to_string())
            }
            "mode" if value == "caller" => {
                shown.push("mode=caller".to_owned());
                continue;
            }
            "passphrase" | "pbkeylen" => return Err(missing(&name)),
            _ => return Err(unsupported("this parameter of a srt url")),
        };
        options.push((option.to_owned(), Secret::new(&value_of_option)));
    }
    let query = if shown.is_empty() {
        String::new()
    } else {
        format!("?{}", shown.join("&"))
    };
    Ok(StreamOrder {
        protocol: StreamProtocol::Srt,
        address: format!("srt://{host}:{port}?mode=caller&connect_timeout=5000&timeout=10000000"),
        options,
        url: Secret::new(url),
        redacted: format!("srt://{host}:{port}{query}"),
    })
}

/// The original's words (egress `pkg/errors`, `ErrInvalidUrl`), without an address that may be all secret.
fn invalid(url: &str, reason: &str) -> TwirpError {
    let url = if url.is_empty() {
        ""
    } else {
        &format!(" {url}")
    };
    TwirpError::new(Code::InvalidArgument, format!("invalid url{url}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> StreamOrder {
        StreamOrder::parse(url).unwrap()
    }

    #[test]
    fn addresses_are_told_as_the_original_tells_them() {
        for (url, redacted) in [
            (
                "rtmp://localhost:1935/live/streamkey",
                "rtmp://localhost:1935/live/{str...key}",
            ),
            ("rtmps://host/a/b/key live=1", "rtmps://host/a/b/{k...y}"),
            (
                "mux://streamkey",
                "rtmps://global-live.mux.com:443/app/{str...key}",
            ),
            (
                "twitch://live_1_ab",
                "rtmps://ingest.global-contribute.live-video.net:443/app/{liv..._ab}",
            ),
            ("rtmp://h/live/ab", "rtmp://h/live/{...}"),
            ("srt://127.0.0.1:9000", "srt://127.0.0.1:9000"),
            (
                "srt://h:9000?streamid=publish%3Aroom&passphrase=hush-hush-hush&latency=200",
                "srt://h:9000?streamid={pub...oom}&passphrase={passphrase}&latency=200",
            ),
        ] {
            assert_eq!(parsed(url).redacted, redacted);
        }
    }

    #[test]
    fn what_is_secret_is_in_the_options_only_and_is_forgotten() {
        let mut rtmp = parsed("rtmp://h:1935/live/deep/key-of-mine?bw=1");
        assert_eq!(rtmp.address(), "rtmp://h:1935/");
        assert_eq!(
            rtmp.options(),
            "rtmp_app=live/deep\nrtmp_playpath=key-of-mine?bw=1\n"
        );
        assert!(!format!("{rtmp:?}").contains("mine"));
        let told = rtmp.without_secrets("rtmp://h/live/deep: no such stream key-of-mine?bw=1");
        assert!(!told.contains("mine"), "{told}");
        rtmp.forget_secrets();
        assert!(!serde_json::to_string(&rtmp).unwrap().contains("mine"));
        let srt =
            parsed("srt://h:9000?streamid=publish%3Aroom&passphrase=hush-hush-hush&latency=200");
        assert_eq!(
            srt.options(),
            "srt_streamid=publish:room\npassphrase=hush-hush-hush\nlatency=200000\n"
        );
        assert!(!srt.address().contains("hush"));
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for url in [
            "rtmp://host/key",
            "rtmp://host/app/",
            "rtmp:///app/key",
            "rtmp://host/app/k ey",
            "rtmp://host/app/key\nrtmp_flashver=x",
            "http://host/app/secret",
            "host/app/secret",
            "srt://host",
            "srt://host:9000?mode=listener",
            "srt://host:9000?passphrase=short",
            "srt://host:9000?streamid=a%0Ab",
            "rtmp://user:secret@host/app/key",
        ] {
            let error = StreamOrder::parse(url).unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument, "{url}");
            assert!(!error.msg.contains("secret"), "{}", error.msg);
        }
    }

    #[test]
    fn one_address_is_sent_to_once_and_found_by_either_name() {
        let output = |protocol: Protocol, urls: &[&str]| StreamOutput {
            protocol: protocol.into(),
            urls: urls.iter().map(ToString::to_string).collect(),
        };
        let [one, two] = ["rtmp://h/live/streamkey", "srt://h:9"];
        let of = |output| StreamsOrder::of(&output);
        let mut streams = of(output(Protocol::DefaultProtocol, &[one, two])).unwrap();
        let all = |_| true;
        assert_eq!(streams.find(one, all).unwrap(), 0);
        assert_eq!(streams.find("rtmp://h/live/{str...key}", all).unwrap(), 0);
        let gone = streams.find(one, |index| index != 0).unwrap_err();
        assert_eq!(gone.code, Code::NotFound);
        let told = "stream rtmp://h/live/{str...key} not found";
        assert!(gone.msg.ends_with(told), "{}", gone.msg);
        let twice = streams.add(parsed(one), all).unwrap_err();
        assert_eq!(twice.code, Code::AlreadyExists);
        streams.add(parsed(one), |index| index != 0).unwrap();
        for port in 10..17 {
            streams
                .add(parsed(&format!("srt://h:{port}")), all)
                .unwrap();
        }
        let many = streams.add(parsed("srt://h:99"), all).unwrap_err();
        assert_eq!(many.code, Code::ResourceExhausted);
        assert!(of(output(Protocol::Rtmp, &[two])).is_err());
        assert!(of(output(Protocol::Rtmp, &[])).unwrap().all.is_empty());
        assert!(of(output(Protocol::DefaultProtocol, &[])).is_err());
        assert!(of(output(Protocol::Websocket, &[])).is_err());
    }
}
