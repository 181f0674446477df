//! What the caller decides about the child; plain data, no environment, no I/O.

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{keys::ApiKeys, state::RunningEngine};

/// Which server runs as the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// `binary` where given, else a `livekit-server` in the data folder or on PATH, else the built-in one.
    #[default]
    Auto,
    /// The official server or nothing.
    LivekitServer,
    /// The built-in server, even where an official one is installed.
    BuiltIn,
}

/// A program and its leading arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Path of the program, or a name that PATH resolves.
    pub program: PathBuf,
    /// Arguments that come before those which the supervisor appends.
    pub args: Vec<OsString>,
}

/// Everything the supervisor needs to be told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which server to run.
    pub engine: Engine,
    /// The official server's path; a missing file is an error, not a reason to take another.
    pub binary: Option<PathBuf>,
    /// The built-in server; ` --config FILE` is appended.
    pub built_in: Command,
    /// Version of the built-in server, for display.
    pub built_in_version: String,
    /// The program that calls [`crate::child_exec`] with the arguments that follow its own.
    pub child_exec: Command,
    /// Folder for the keys and the generated file; made when missing.
    pub data_dir: PathBuf,
    /// Keys that the administrator configured; without them the kept ones, or those of `config_path`, are used.
    pub keys: Option<ApiKeys>,
    /// A LiveKit YAML written by hand (`LIVEKIT_CONFIG_PATH`): nothing is generated, keys and port are read from it.
    pub config_path: Option<PathBuf>,
    /// The caller's PATH, searched for `livekit-server`.
    pub search_path: Option<OsString>,
    /// The child's ports.
    pub ports: Ports,
    /// What the administrator calls them.
    pub port_keys: PortKeys,
    /// Where the signal port listens. Loopback unless browsers reach the child without the platform's proxy.
    pub bind_addresses: Vec<IpAddr>,
    /// The address that browsers send media to; found as [`Options::public_host`] describes when absent.
    pub node_ip: Option<IpAddr>,
    /// STUN servers that the child asks how others see this machine, unless there is a `node_ip`; empty: those of its own
    /// choice, absent: none.
    pub external_ip_from: Option<Vec<String>>,
    /// Host of the public URL: used as the media address where it is, or resolves to, an address other machines
    /// can reach. `localhost` says nothing, so the outbound address is taken: it serves the LAN and this machine.
    pub public_host: Option<String>,
    /// Where the child posts each of its webhooks; none when empty.
    pub webhook_urls: Vec<Url>,
    /// Where the built-in server finds LiveKit's Egress service; livekit-server finds its own workers through Redis.
    pub egress_url: Option<Url>,
    /// What the built-in server tells encoders to send to; empty leaves it to whoever asks.
    pub whip_base_url: String,
    /// The same of RTMP, where an ingress child takes it for the built-in server; `None`: nobody does.
    pub rtmp: Option<String>,
    /// TURN of the child; nothing is written about it when absent.
    pub turn: Option<Turn>,
    /// A TURN server elsewhere, which clients are told.
    pub turn_server: Option<TurnServer>,
    /// The Redis of an official child; nothing is written about it when absent.
    pub redis: Option<Redis>,
    /// Where LiveKit's ingress service listens, for an official child.
    pub ingress: IngressUrls,
    /// What a room is like when nobody said otherwise.
    pub room: RoomDefaults,
    /// The child's own log level.
    pub log_level: LogLevel,
    /// How long things may take.
    pub timings: Timings,
}

impl Options {
    /// The address that this server is told, where `found` is what was found here; `None`: it looks for itself.
    pub(crate) fn told_node_ip(
        &self,
        engine: RunningEngine,
        found: Option<IpAddr>,
    ) -> Option<IpAddr> {
        let looks_itself = engine == RunningEngine::BuiltIn || self.external_ip_from.is_some();
        self.node_ip.or(found.filter(|_| !looks_itself))
    }

    /// LiveKit's usual ports, signal on loopback, the best engine found.
    pub fn new(data_dir: PathBuf, built_in: Command, child_exec: Command) -> Self {
        Self {
            engine: Engine::Auto,
            binary: None,
            built_in,
            built_in_version: env!("CARGO_PKG_VERSION").to_owned(),
            child_exec,
            data_dir,
            keys: None,
            config_path: None,
            search_path: None,
            ports: Ports::default(),
            port_keys: PortKeys::default(),
            bind_addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            node_ip: None,
            external_ip_from: None,
            public_host: None,
            webhook_urls: Vec::new(),
            egress_url: None,
            whip_base_url: String::new(),
            rtmp: None,
            turn: None,
            turn_server: None,
            redis: None,
            ingress: IngressUrls::default(),
            room: RoomDefaults::default(),
            log_level: LogLevel::Info,
            timings: Timings::default(),
        }
    }
}

/// The keys by which a message names a port, so that whoever reads it knows what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of Ports")]
pub struct PortKeys {
    pub signal: &'static str,
    pub rtc_udp: &'static str,
    pub rtc_second_udp: &'static str,
    pub rtc_tcp: &'static str,
    pub turn_udp: &'static str,
    pub turn_tls: &'static str,
}

impl Default for PortKeys {
    /// LiveKit's own.
    fn default() -> Self {
        Self {
            signal: "port",
            rtc_udp: "rtc.udp_port",
            rtc_second_udp: "rtc.second_udp_port",
            rtc_tcp: "rtc.tcp_port",
            turn_udp: "turn.udp_port",
            turn_tls: "turn.tls_port",
        }
    }
}

/// The child's ports; 0 lets the supervisor choose a free one at each start (the signal port: once).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// TCP: signal WebSocket and RoomService.
    pub signal: u16,
    /// UDP: all media of all participants.
    pub rtc_udp: u16,
    /// UDP: the same on another port, with the built-in server; 0 is none.
    #[serde(default)]
    pub rtc_second_udp: u16,
    /// TCP: ICE-TCP, where UDP is blocked.
    pub rtc_tcp: u16,
    /// UDP, and TCP of the same number with the built-in server: TURN, when configured.
    pub turn_udp: u16,
    /// TCP: TURN over TLS, when a certificate is configured; on the loopback where somebody in front ends TLS.
    pub turn_tls: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            signal: 7880,
            rtc_udp: 7882,
            rtc_second_udp: 0,
            rtc_tcp: 7881,
            turn_udp: 3478,
            turn_tls: 5349,
        }
    }
}

/// The child's own TURN server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Name that clients are told and that the certificate is for; without one they are told an address.
    pub domain: Option<String>,
    /// TURN over TLS; without a name that its certificate is for there is none.
    pub tls: Option<TurnTls>,
    /// Whether livekit-server runs its own, too, which relays to any public address.
    pub of_livekit_server: bool,
}

/// Who ends the TLS of TURN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnTls {
    /// The child, on a port of its own.
    Child(TurnCertificate),
    /// Somebody on this machine, where clients find HTTPS as well: what they sent comes to the child over the loopback.
    Front {
        /// Where clients find it; livekit-server tells them 443 and nothing else.
        told_port: u16,
    },
}

/// A TURN server elsewhere.
#[derive(Debug, Clone)]
pub struct TurnServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// LiveKit's word: `udp`, `tcp` or `tls`.
    pub protocol: &'static str,
    /// What it shares with the child to make credentials with.
    pub secret: SecretString,
}

/// PEM files of the TURN over TLS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnCertificate {
    /// Certificate chain.
    pub cert_file: PathBuf,
    /// Private key.
    pub key_file: PathBuf,
}

/// LiveKit's `redis` section.
#[derive(Debug, Clone)]
pub struct Redis {
    /// Host and port.
    pub address: String,
    /// Empty: none.
    pub username: String,
    /// `None`: none.
    pub password: Option<SecretString>,
    /// Number of the database.
    pub db: u32,
    /// Whether the connection is encrypted.
    pub use_tls: bool,
}

/// LiveKit's `ingress` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IngressUrls {
    /// For encoders that speak RTMP.
    pub rtmp_base_url: Option<Url>,
    /// For encoders that speak WHIP.
    pub whip_base_url: Option<Url>,
}

/// LiveKit's `room` section; `None` leaves LiveKit's own default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomDefaults {
    /// Whether a join makes the room.
    pub auto_create: bool,
    /// Seconds a room waits for its first participant.
    pub empty_timeout: Option<u32>,
    /// Seconds a room lasts after the last participant left.
    pub departure_timeout: Option<u32>,
    /// 0 is no limit.
    pub max_participants: Option<u32>,
    /// Whether a moderator may unmute a track.
    pub enable_remote_unmute: bool,
}

impl Default for RoomDefaults {
    fn default() -> Self {
        Self {
            auto_create: true,
            empty_timeout: None,
            departure_timeout: None,
            max_participants: None,
            enable_remote_unmute: false,
        }
    }
}

/// LiveKit's log levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens in rooms.
    #[default]
    Info,
    /// What looks wrong.
    Warn,
    /// What is wrong.
    Error,
}

/// How long things may take; the defaults suit production, tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Between two probes while the child starts.
    pub start_probe_interval: Duration,
    /// From the spawn to the first good answer; a child that needs longer is killed and started again.
    pub start_timeout: Duration,
    /// Between two probes of a ready child.
    pub health_interval: Duration,
    /// For one answer.
    pub probe_timeout: Duration,
    /// Probes in a row without a good answer after which a ready child counts as hung.
    pub health_failures: u32,
    /// The second restart's delay (the first is at once); it doubles from there.
    pub backoff_first: Duration,
    /// The longest delay.
    pub backoff_max: Duration,
    /// A child ready for so long has earned an immediate restart again.
    pub stable_after: Duration,
    /// A child without work that no supervisor has come back to for so long ends.
    pub alone_for: Duration,
    /// Between two looks whether a child that is to be replaced has work left.
    pub replace_interval: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            start_probe_interval: Duration::from_millis(20),
            start_timeout: Duration::from_secs(20),
            health_interval: Duration::from_secs(2),
            probe_timeout: Duration::from_secs(5),
            health_failures: 3,
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_secs(30),
            stable_after: Duration::from_mins(1),
            alone_for: Duration::from_mins(10),
            replace_interval: Duration::from_secs(5),
        }
    }
}
