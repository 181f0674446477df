//! What was collected, as plain data: whoever collects it decides how.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use crate::Told;

/// Everything that the checks judge.
#[derive(Debug, Clone)]
pub struct Facts {
    /// By this machine's clock.
    pub now: SystemTime,
    /// What the configuration says.
    pub configured: Configured,
    /// What answers at the site's own port on this machine; `None`: nobody does.
    pub running: Option<Running>,
    /// Whether a site answers where ours should, and serves another data folder.
    pub other_site: bool,
    /// Names that clients are sent to, looked up.
    pub names: Vec<Name>,
    /// Certificates that are shown to browsers, or will be.
    pub certificates: Vec<Certificate>,
    /// Ports that have to be this program's.
    pub ports: Vec<Port>,
    /// Addresses of media.
    pub addresses: Addresses,
    /// What came back through the address that people open; `None`: there is nothing in front to ask.
    pub front: Option<Front>,
    /// Ways to the TURN server, tried on this machine.
    pub turn: Vec<TurnWay>,
    /// Why the database cannot be used; `Ok`: what it is.
    pub database: Result<String, String>,
    /// Folders that are written to.
    pub disks: Vec<Disk>,
    /// Why films cannot be kept; `Ok`: where they are.
    pub storage: Result<String, String>,
    /// Other clocks.
    pub clocks: Vec<Clock>,
    /// The media server.
    pub media: Media,
    /// The Redis of an official livekit-server, where one is configured: address, and whether it took a PING.
    pub redis: Option<(String, Result<(), String>)>,
    /// Webhooks of the media server.
    pub webhooks: Webhooks,
}

/// What the configuration says.
#[derive(Debug, Clone)]
pub struct Configured {
    /// What people open.
    pub site_url: String,
    /// Whether `server.public_url` is set.
    pub has_public_url: bool,
    /// The host in it is a name or an address of this machine alone.
    pub is_local: bool,
    /// Whether people use TLS.
    pub https: bool,
    /// `off`, `self-signed`, `files` or `acme`.
    pub tls: &'static str,
    /// Where the site listens.
    pub listens: String,
    /// Whether that is this machine alone.
    pub listens_on_loopback: bool,
    /// Whether any proxy is believed.
    pub trusts_proxies: bool,
    /// `livekit.external`.
    pub external: bool,
    /// `livekit.turn.enabled` is not `false`, for the media server that runs.
    pub turn: bool,
    /// A TURN server of the operator's.
    pub turn_elsewhere: Option<String>,
    /// `livekit.ports.udp`.
    pub udp: u16,
    /// `livekit.ports.second_udp`.
    pub second_udp: u16,
    /// `livekit.ports.tcp`.
    pub tcp: u16,
    /// `livekit.turn.udp_port`.
    pub turn_udp: u16,
    /// Where clients find TURN over TLS, if they do.
    pub turn_tls: Option<TurnTls>,
    /// Variables of LiveKit's in this environment, which nothing here reads.
    pub ignored_variables: Vec<String>,
}

/// TURN over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnTls {
    /// What clients are told.
    pub port: u16,
    /// Whether it comes by the site's own port.
    pub by_site: bool,
}

/// What the running site says of itself.
#[derive(Debug, Clone)]
pub struct Running {
    /// `starting`, `ready` or `down`.
    pub media: String,
    /// Why it is not ready, by part: database, media, jobs, recordings.
    pub troubles: Vec<(String, String)>,
    /// Ports in use, where they are known.
    pub udp: Option<u16>,
    /// See `udp`.
    pub second_udp: Option<u16>,
    /// See `udp`.
    pub tcp: Option<u16>,
    /// Where media is announced.
    pub node_ip: Option<IpAddr>,
}

/// A name that clients are sent to.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The key of the configuration that has it.
    pub key: &'static str,
    /// Its addresses, or why there are none.
    pub found: Result<Vec<IpAddr>, String>,
}

/// A certificate, as clients see it.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// `host:port` where it is shown, or the file that it is in.
    pub at: String,
    /// Whom it has to name.
    pub host: String,
    /// The key of the configuration that it comes from.
    pub key: &'static str,
    /// What is wrong with it, or until when it is good.
    pub seen: Result<SystemTime, CertificateFault>,
    /// An authority renews it by itself.
    pub renewed: bool,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// Nobody answers, or not in TLS.
    NoTls(String),
    /// It ended.
    Expired(SystemTime),
    /// It begins later.
    NotYet(SystemTime),
    /// It is for other names.
    OtherName,
    /// No authority that browsers know signed it, or the chain has a gap.
    Untrusted,
    /// The file or the key is of no use.
    Unusable(String),
}

/// UDP or TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

impl Protocol {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Udp => "UDP",
            Protocol::Tcp => "TCP",
        }
    }
}

/// A port that has to be this program's.
#[derive(Debug, Clone)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// The key of the configuration.
    pub key: &'static str,
    /// Who has it.
    pub holder: Holder,
    /// Convoke starts without it.
    pub optional: bool,
}

/// Who has a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Free,
    /// The site, or its media server.
    Us,
    /// Another program.
    Another,
    /// It cannot be had; the system's words.
    Refused(String),
}

/// Addresses of media.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// What clients are told; `None`: not known here.
    pub announced: Option<IpAddr>,
    /// It is `livekit.node_ip`, and nobody else's guess.
    pub configured: bool,
    /// Of the default route.
    pub outbound: Option<IpAddr>,
    /// Of this machine.
    pub own: Vec<IpAddr>,
    /// What STUN servers saw, each with its port: `None`: none was asked.
    pub stun: Option<Result<Vec<(IpAddr, u16)>, String>>,
    /// Where the site's name leads.
    pub public: Vec<IpAddr>,
}

/// What came back through the address that people open.
#[derive(Debug, Clone)]
pub struct Front {
    /// Status of a page, or why there was no answer.
    pub page: Result<u16, String>,
    /// Whether it is this product that answers.
    pub is_convoke: bool,
    /// What a WebSocket got.
    pub socket: Result<(), String>,
    /// How long a body that is sent in two pieces was held back; `None`: not tried.
    pub held_back: Option<bool>,
    /// What TURN over TLS got there; `None`: not tried.
    pub turn: Option<Result<(), String>>,
    /// Whether the site saw TLS, as the proxy told it; `None`: not known.
    pub https_seen: Option<bool>,
}

/// One way to the TURN server.
#[derive(Debug, Clone)]
pub struct TurnWay {
    /// As people call it: UDP, TCP, TLS.
    pub transport: &'static str,
    /// Where it was tried.
    pub at: String,
    /// The key of the configuration.
    pub key: &'static str,
    /// The realm that it asks for, or why nobody answered.
    pub answered: Result<String, String>,
}

/// A folder that is written to.
#[derive(Debug, Clone)]
pub struct Disk {
    /// The folder.
    pub path: String,
    /// The key of the configuration.
    pub key: &'static str,
    /// Bytes.
    pub free: Option<u64>,
    /// Bytes below which films are refused.
    pub reserve: u64,
    /// Why nothing can be written.
    pub writable: Result<(), String>,
}

/// Another clock.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Whose.
    pub whose: String,
    /// Milliseconds that it is ahead of this machine's, or why it was not read.
    pub ahead: Result<i64, String>,
}

/// The media server.
#[derive(Debug, Clone)]
pub struct Media {
    /// `built-in`, `livekit-server` or `external`; or why none can be started.
    pub engine: Result<&'static str, String>,
    /// What it says.
    pub version: Option<String>,
    /// What an external one got when asked with our keys.
    pub probed: Option<(String, Result<(), MediaFault>)>,
    /// `livekit.host` of an external one, opened as browsers open it.
    pub signal: Option<(String, Result<(), String>)>,
    /// LiveKit's YAML written by hand.
    pub file: Option<MediaFile>,
}

/// Why an external media server is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaFault {
    /// No connection.
    Unreachable(String),
    /// Its certificate is not trusted.
    Certificate(String),
    /// It has other keys.
    KeysRefused,
    /// Something else answers.
    Unexpected(String),
}

/// LiveKit's YAML written by hand.
#[derive(Debug, Clone, Default)]
pub struct MediaFile {
    /// Where it is.
    pub path: String,
    /// Why it cannot be read.
    pub unreadable: Option<String>,
    /// It has `tls:` at its top.
    pub top_level_tls: bool,
    /// Keys of its top that LiveKit does not know.
    pub unknown: Vec<String>,
    /// `rtc.use_external_ip` without `rtc.node_ip`.
    pub external_ip_alone: bool,
    /// `rtc.node_ip`.
    pub node_ip: Option<String>,
    /// `turn.enabled` with `turn.tls_port`.
    pub turn_tls: bool,
    /// `turn.domain`.
    pub turn_domain: bool,
    /// `turn.cert_file` and `turn.key_file`, or `turn.external_tls`.
    pub turn_certificate: bool,
    /// Our API key is in it, with our secret.
    pub keys: FileKeys,
    /// `webhook.urls` has one that ends with our path.
    pub webhook_url: bool,
    /// `webhook.api_key` is ours.
    pub webhook_key: bool,
    /// `redis.address`.
    pub redis: Option<String>,
    /// `room.empty_timeout` and `room.departure_timeout` in seconds, the longer one.
    pub empty_for: Option<u64>,
}

/// Whether our API key is in LiveKit's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileKeys {
    /// With our secret.
    #[default]
    Ours,
    /// With another secret.
    OtherSecret,
    /// Not at all.
    Missing,
    /// No key at all is in it.
    None,
}

/// Webhooks of the media server.
#[derive(Debug, Clone, Default)]
pub struct Webhooks {
    /// Where they have to be sent.
    pub url: String,
    /// When one was taken last, as far as it is on record.
    pub heard: Option<SystemTime>,
    /// When one was turned away last and why, as the running site knows.
    pub refused: Option<(SystemTime, String)>,
    /// What a signed one got that we sent; `None`: none was sent.
    pub tried: Option<Result<(), WebhookFault>>,
}

/// What a webhook of ours got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookFault {
    /// The key is another one.
    KeyRefused,
    /// It did not arrive.
    Lost(String),
}

impl Facts {
    /// What the other half needs to know.
    pub fn told(&self) -> Told {
        let (configured, running) = (&self.configured, self.running.as_ref());
        let port = |said: Option<u16>, port: u16| said.or((port != 0).then_some(port));
        let own = !configured.external;
        Told {
            site: configured.site_url.clone(),
            node_ip: self.addresses.announced.map(|ip| ip.to_string()),
            udp: own
                .then(|| port(running.and_then(|it| it.udp), configured.udp))
                .flatten(),
            second_udp: own
                .then(|| port(running.and_then(|it| it.second_udp), configured.second_udp))
                .flatten(),
            tcp: own
                .then(|| port(running.and_then(|it| it.tcp), configured.tcp))
                .flatten(),
            turn: (own && configured.turn)
                .then(|| port(None, configured.turn_udp))
                .flatten(),
            turn_tls: configured
                .turn_tls
                .filter(|_| own && configured.turn)
                .map(|tls| tls.port),
            turn_by_site: configured.turn_tls.is_some_and(|tls| tls.by_site),
            nat: self.addresses.nat() == Some(true),
            external: configured.external,
        }
    }
}

impl Addresses {
    /// Whether a router translates addresses; `None`: nobody outside was asked.
    pub fn nat(&self) -> Option<bool> {
        let seen = self.stun.as_ref()?.as_ref().ok()?;
        let (first, _) = seen.first()?;
        Some(!self.own.contains(first))
    }

    /// What others see of this machine.
    pub fn seen(&self) -> Option<IpAddr> {
        let seen = self.stun.as_ref()?.as_ref().ok()?;
        seen.first().map(|(ip, _)| *ip)
    }
}

/// Days in a span, rounded down.
pub(crate) fn days(span: Duration) -> u64 {
    span.as_secs() / 86_400
}
