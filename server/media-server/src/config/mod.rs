//! LiveKit's YAML as typed settings. It must not know who uses a setting.

mod address;
mod egress;
mod ice_servers;
mod ingress;
mod keys;
mod limit;
mod logging;
mod presets;
mod room;
mod rtc;
mod turn;
mod warning;
mod webhook;

use std::{fs, io, net::IpAddr, path::Path};

use livekit_wire::{ApiKeys, secret_file::without_values};
use reqwest::Url;
use serde::Deserialize;

pub use ice_servers::{ice_servers, rest_password, turn_urls};
pub use ingress::Ingress;
pub use limit::{Limit, TooLong};
pub use logging::Logging;
pub use presets::Presets;
pub use room::{CodecSpec, Room};
pub use rtc::{CongestionControl, Filter, PortRange, Rtc, TurnServer};
pub use turn::{CertificateFiles, TlsEnd, Turn, TurnTls};
pub use warning::Warning;
pub use webhook::{FilterParams, ResourceUrlNotifier, WebHook};

/// The port LiveKit listens on when the YAML does not say.
const DEFAULT_PORT: u16 = 7880;

/// Everything the media server takes from LiveKit's YAML, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// TCP port of HTTP and signalling; 0 takes any free one.
    pub port: u16,
    /// Where it listens; empty means everywhere.
    pub bind_addresses: Vec<IpAddr>,
    /// API keys with their secrets.
    pub keys: ApiKeys,
    /// Told to clients; usually empty.
    pub region: String,
    /// More log, less strictness.
    pub development: bool,
    /// Media sockets.
    pub rtc: Rtc,
    /// The TURN server in here.
    pub turn: Option<Turn>,
    /// Defaults of rooms.
    pub room: Room,
    /// Sizes beyond which input is refused.
    pub limit: Limit,
    /// Where events are delivered.
    pub webhook: WebHook,
    /// The server that makes recordings.
    pub egress: Option<Url>,
    /// Where encoders publish with a stream key.
    pub ingress: Ingress,
    /// What to log and how.
    pub logging: Logging,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Not YAML, or a value of the wrong type.
    #[error("the configuration is malformed: {0}")]
    Malformed(String),
    /// A value that cannot be.
    #[error("{key}: {problem}")]
    Refused {
        /// The key, with dots.
        key: String,
        /// What is wrong with its value.
        problem: String,
    },
}

impl From<serde_yaml::Error> for ConfigError {
    /// The cause is not kept: whoever prints it would print the value.
    fn from(error: serde_yaml::Error) -> Self {
        Self::Malformed(without_values(&error))
    }
}

impl ConfigError {
    fn refused(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Refused {
            key: key.into(),
            problem: problem.into(),
        }
    }
}

/// The file's top level.
#[derive(Default, Deserialize)]
#[serde(default)]
struct InFile {
    port: Option<u16>,
    bind_addresses: Option<Vec<String>>,
    keys: keys::InFile,
    key_file: Option<String>,
    region: Option<String>,
    development: bool,
    rtc: Option<rtc::InFile>,
    room: Option<Room>,
    limit: Option<Limit>,
    turn: Option<turn::InFile>,
    webhook: Option<WebHook>,
    egress: egress::Egress,
    ingress: Ingress,
    log_level: Option<String>,
    logging: Option<Logging>,
}

impl Config {
    /// Reads a file of LiveKit's; see [`Self::from_yaml`].
    pub fn load(path: &Path) -> Result<(Self, Vec<Warning>), ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::from_yaml(&text)
    }

    /// Reads LiveKit's YAML. A key nobody knows is a warning, not an error: the same file serves the original.
    pub fn from_yaml(text: &str) -> Result<(Self, Vec<Warning>), ConfigError> {
        let mut ignored = Vec::new();
        let file: InFile = if text.trim().is_empty() {
            InFile::default()
        } else {
            let yaml = serde_yaml::Deserializer::from_str(text);
            serde_ignored::deserialize(yaml, |path| {
                ignored.push(path.to_string().replace(".?", ""));
            })?
        };

        let mut warnings: Vec<_> = ignored.into_iter().map(Warning::ignored_key).collect();
        let keys = keys::read(
            file.keys,
            file.key_file.as_deref(),
            file.development,
            &mut warnings,
        )?;
        let room = file.room.unwrap_or_default();
        let limit = file.limit.unwrap_or_default().with_legacy(&room);
        let mut logging = file.logging.unwrap_or_default();
        if let Some(level) = file.log_level {
            logging.level = level;
        }
        if logging.level.is_empty() {
            (if file.development { "debug" } else { "info" }).clone_into(&mut logging.level);
        }
        let webhook = file.webhook.unwrap_or_default();
        webhook.check(&keys)?;
        let config = Self {
            port: file.port.unwrap_or(DEFAULT_PORT),
            bind_addresses: address::bind_addresses(file.bind_addresses.unwrap_or_default())?,
            keys,
            region: file.region.unwrap_or_default(),
            development: file.development,
            rtc: rtc::read(file.rtc.unwrap_or_default())?,
            turn: turn::read(file.turn.unwrap_or_default(), &mut warnings)?,
            room,
            limit,
            webhook,
            egress: file.egress.address()?,
            ingress: file.ingress,
            logging,
        };
        Ok((config, warnings))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    const KEYS: &str = "keys: {devkey: a-secret-of-at-least-thirty-two-letters}\n";

    fn read(text: &str) -> (Config, Vec<Warning>) {
        Config::from_yaml(&format!("{KEYS}{text}")).unwrap()
    }

    fn refusal(text: &str) -> String {
        Config::from_yaml(&format!("{KEYS}{text}"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn keys_alone_make_a_configuration_with_livekits_defaults() {
        let (config, warnings) = read("");
        assert_eq!(warnings, []);
        assert_eq!(config.port, 7880);
        assert_eq!(config.keys.first().0, "devkey");
        assert_eq!(config.rtc.tcp_port, Some(7881));
        assert_eq!(
            (config.room.empty_timeout, config.room.departure_timeout),
            (300, 20)
        );
        assert!(config.room.auto_create);
        assert_eq!(config.limit.max_metadata_size, 512 * 1024);
        assert_eq!(config.limit.signal_message_size_limit, 2 << 20);
        assert_eq!(config.logging.level, "info");
    }

    #[test]
    fn what_the_supervisor_writes_is_understood_without_a_warning() {
        let (config, warnings) = read(
            "port: 7880\nbind_addresses: [127.0.0.1]\n\
             rtc: {udp_port: 7882, tcp_port: 7881, node_ip: 192.0.2.9, use_external_ip: false, enable_loopback_candidate: true}\n\
             webhook: {api_key: devkey, urls: ['http://127.0.0.1:1/api/livekit/webhook']}\n\
             turn: {enabled: true, domain: meet.example.org, udp_port: 3478}\n\
             room: {auto_create: true, enable_remote_unmute: true, empty_timeout: 60, departure_timeout: 10, max_participants: 5}\n\
             egress: {url: 'http://127.0.0.1:7980'}\n\
             ingress: {whip_base_url: 'https://meet.example.org/w', state_file: /data/ingresses.json}\n\
             logging: {json: true, level: info}\n",
        );
        assert_eq!(warnings, []);
        assert_eq!(config.bind_addresses, [Ipv4Addr::LOCALHOST]);
        assert_eq!(
            config.rtc.udp_ports,
            PortRange {
                start: 7882,
                end: 7882
            }
        );
        assert_eq!(
            config.rtc.node_ips,
            ["192.0.2.9".parse::<IpAddr>().unwrap()]
        );
        assert!(config.rtc.enable_loopback_candidate);
        assert_eq!(config.webhook.urls.len(), 1);
        assert_eq!(config.egress.unwrap().port(), Some(7980));
        assert_eq!(config.ingress.whip_base_url, "https://meet.example.org/w");
        assert!(config.ingress.state_file.is_some());
        assert!(config.logging.json);
    }

    #[test]
    fn stun_servers_are_asked_for_the_external_address_where_that_is_wanted() {
        let asked = |text: &str| read(text).0.rtc.external_ip_from;
        let servers = "stun_servers: ['stun.example:3478']";
        assert_eq!(asked(&format!("rtc: {{{servers}}}")), None);
        let wanted = asked(&format!("rtc: {{use_external_ip: true, {servers}}}"));
        assert_eq!(wanted, Some(vec!["stun.example:3478".to_owned()]));
        assert_eq!(asked("rtc: {use_external_ip: true}"), Some(Vec::new()));
    }

    #[test]
    fn keys_nobody_knows_are_named_in_warnings() {
        let (_, warnings) = read(
            "redis: {address: 'x:1'}\nrtc: {congestion_control: {nope: 1}}\negress: {nope: 1}\nfoo: 1\n",
        );
        let paths: Vec<_> = warnings
            .iter()
            .map(|warning| warning.key.as_str())
            .collect();
        assert_eq!(
            paths,
            ["redis", "rtc.congestion_control.nope", "egress.nope", "foo"]
        );
    }

    #[test]
    fn no_refusal_shows_a_secret() {
        for text in [
            "keys: my-secret-word",
            "keys: [my-secret-word]",
            "keys: {a: {my-secret-word: 1}}",
            "rtc: {turn_servers: my-secret-word}",
            "rtc: {turn_servers: [{host: t, port: my-secret-word}]}",
            "key:my-secret-word",
        ] {
            let error = Config::from_yaml(text).unwrap_err();
            assert!(!error.to_string().contains("my-secret"), "{error}");
            assert!(std::error::Error::source(&error).is_none());
        }
        let digits = "0x3456789012345678901234567890123456";
        let (config, _) = Config::from_yaml(&format!("keys: {{1e3: {digits}}}")).unwrap();
        assert_eq!(config.keys.secret("1e3").unwrap().expose_secret(), digits);
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_key() {
        assert!(refusal("port: many").contains("port"));
        assert!(refusal("rtc: {udp_port: 9-3}").starts_with("rtc.udp_port: "));
        assert!(refusal("rtc: {udp_port: 70000}").starts_with("rtc.udp_port: "));
        assert!(refusal("rtc: {node_ip: here}").starts_with("rtc.node_ip: "));
        assert!(refusal("rtc: {ips: {excludes: [here]}}").starts_with("rtc.ips.excludes: "));
        assert!(refusal("bind_addresses: [nowhere.example]").starts_with("bind_addresses: "));
        assert!(refusal("webhook: {urls: ['http://x']}").starts_with("webhook.api_key: "));
        assert!(
            refusal("webhook: {urls: ['http://x'], api_key: other}")
                .starts_with("webhook.api_key: ")
        );
        assert!(
            refusal("webhook: {urls: [nonsense], api_key: devkey}").starts_with("webhook.urls: ")
        );
        assert!(refusal("egress: {url: nonsense}").starts_with("egress.url: "));
        assert_eq!(
            Config::from_yaml("").unwrap_err().to_string(),
            "keys: one of keys and key_file must be given"
        );
    }

    #[test]
    fn keys_may_live_in_a_file_of_their_own_that_others_cannot_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.yaml");
        fs::write(
            &path,
            "one: 'secret-one-secret-one-secret-one!!'\ntwo: short\n",
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let text = format!("key_file: {}", path.display());
        let (config, warnings) = Config::from_yaml(&text).unwrap();
        assert_eq!(config.keys.first().0, "one");
        assert_eq!(config.keys.secret("two").unwrap().expose_secret(), "short");
        assert_eq!(warnings.len(), 1);
        assert!(
            !warnings[0].to_string().contains("short:"),
            "no secret in a warning"
        );

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            Config::from_yaml(&text)
                .unwrap_err()
                .to_string()
                .starts_with("key_file: ")
        );
    }

    #[test]
    fn secrets_are_not_in_the_debug_text() {
        let (config, _) = read(
            "rtc: {turn_servers: [{host: t, port: 1, protocol: udp, secret: hidden-word}]}\n\
             room: {room_configurations: {p: {egress: {tracks: {s3: {secret: hidden-word}}}}}}",
        );
        let text = format!("{config:?}");
        assert!(
            !text.contains("thirty-two") && !text.contains("hidden-word"),
            "{text}"
        );
    }

    #[test]
    fn presets_of_rooms_are_written_as_livekit_writes_json() {
        let (config, warnings) = read(
            "room: {room_configurations: {recorded: {empty_timeout: 7, departureTimeout: '9',\n\
             egress: {participant: {preset: H264_1080P_30}}}}}",
        );
        assert_eq!(warnings, []);
        let presets = config.room.room_configurations;
        let recorded = presets.get("recorded").unwrap();
        assert_eq!((recorded.empty_timeout, recorded.departure_timeout), (7, 9));
        assert!(recorded.egress.as_ref().unwrap().participant.is_some());
        assert!(presets.get("other").is_none());
        assert!(refusal("room: {room_configurations: {p: {egress: 7}}}").contains("malformed"));
    }

    #[test]
    fn both_addresses_of_a_node_and_a_range_of_ports() {
        let (config, warnings) =
            read("rtc: {node_ip: '192.0.2.9, 2001:db8::1', udp_port: 7882-7885}");
        let both: [IpAddr; 2] = ["192.0.2.9", "2001:db8::1"].map(|ip| ip.parse().unwrap());
        assert_eq!(config.rtc.node_ips, both);
        assert_eq!(warnings, []);
        assert_eq!(
            config.rtc.udp_ports,
            PortRange {
                start: 7882,
                end: 7885
            }
        );
        let (config, _) =
            read("rtc: {port_range_start: 50000, port_range_end: 60000, tcp_port: 0}");
        assert_eq!(
            config.rtc.udp_ports,
            PortRange {
                start: 50000,
                end: 60000
            }
        );
        assert_eq!(config.rtc.tcp_port, None);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in "[a-z:{}\\[\\]\\-\"'# \\n0-9.]{0,200}") {
            let _ = Config::from_yaml(&text);
            let _ = Config::from_yaml(&format!("{KEYS}{text}"));
        }
    }
}
