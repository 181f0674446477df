//! Where the media is served and how it is doing: what bin tells the platform.
//! It must not know whether a child, a cluster or a test stands behind the address.

use std::{net::IpAddr, path::PathBuf, time::SystemTime};

use secrecy::SecretString;
use tokio::sync::watch;
use url::Url;

use super::RegionMedia;

/// Everything the platform is told about the media server.
#[derive(Debug, Clone)]
pub struct Media {
    /// Where it answers and with which key.
    pub endpoint: Endpoint,
    /// How it is doing, kept up to date by whoever probes it.
    pub status: watch::Receiver<MediaStatus>,
    /// When it last ended without being asked to: every call on it ended then, and no webhook says so. Stays `None`
    /// where nobody can know (an external cluster).
    pub ended: watch::Receiver<Option<SystemTime>>,
    /// Address that its candidates name, as far as it is known; networks come late and DHCP moves them.
    pub node_ip: watch::Receiver<Option<IpAddr>>,
    /// Whether it starts with this process, and ran for none before: calls from before the start are over.
    pub starts_anew: bool,
    /// Whether it is one from before, of another program or with other settings than today's, which goes on while anybody is in
    /// a call.
    pub outdated: watch::Receiver<bool>,
    /// What is known of it, for people who look for the cause of a failed connection.
    pub facts: MediaFacts,
    /// Its version, as it says when it runs; `None` until then, and where nobody can ask.
    pub version: watch::Receiver<Option<String>>,
    /// The built-in recorder; `None` where it does not run.
    pub recorder: Option<BuiltInRecorder>,
    /// Whether encoders can bring RTMP.
    pub rtmp: Rtmp,
    /// Media servers elsewhere, where calls may be instead.
    pub regions: Vec<RegionMedia>,
}

/// The recorder that runs beside the media server.
#[derive(Debug, Clone)]
pub struct BuiltInRecorder {
    /// Where it speaks LiveKit's Egress.
    pub endpoint: Endpoint,
    /// The ffmpeg that it makes films with; `None` where it goes without.
    pub ffmpeg: Option<PathBuf>,
    /// What it is doing.
    pub status: watch::Receiver<SideStatus>,
}

/// Whether encoders can bring RTMP.
#[derive(Debug, Clone)]
pub enum Rtmp {
    /// Nobody wants it.
    Off,
    /// The media server is not the built-in one: LiveKit's own ingress takes it, if anybody does.
    Elsewhere,
    /// Nothing here could transcode it.
    NoFfmpeg {
        /// Why not, where one was named.
        detail: Option<String>,
    },
    /// A process beside the media server takes it.
    Here {
        /// The TCP port where encoders come.
        port: u16,
        /// What it is doing.
        status: watch::Receiver<SideStatus>,
    },
}

/// What a process beside the media server is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideStatus {
    /// Not answered yet since the start.
    Starting,
    /// Answers.
    Ready,
    /// It waits for its port, where another program listens.
    PortTaken {
        /// Which one, and which setting names it.
        detail: String,
    },
    /// It ended, and is started again and again.
    Restarting {
        /// How it ended last.
        reason: String,
    },
}

impl Rtmp {
    /// The port where encoders are to come, whether or not they are taken this moment.
    pub fn port(&self) -> Option<u16> {
        match self {
            Rtmp::Here { port, .. } => Some(*port),
            Rtmp::Off | Rtmp::Elsewhere | Rtmp::NoFfmpeg { .. } => None,
        }
    }
}

/// LiveKit's address and key.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Base address of its HTTP API, `http` or `https`, as this machine reaches it.
    pub internal_url: Url,
    /// Name of the API key: `iss` of tokens and webhooks.
    pub api_key: String,
    /// Secret of that key.
    pub api_secret: SecretString,
    /// Where browsers open the signal socket (`ws` or `wss`); `None`: this site's own origin, reverse-proxied.
    pub public_ws_url: Option<Url>,
    /// Accepts any certificate at `internal_url`.
    pub skip_tls_verify: bool,
}

/// Whether calls can be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaStatus {
    /// Not answered yet since the start.
    Starting,
    /// Its last probe was answered.
    Ready,
    /// It was seen to end or stopped answering.
    Down {
        /// For people: an exit code, a taken port, a refused connection.
        reason: String,
    },
}

impl MediaStatus {
    /// The word for it in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            MediaStatus::Starting => "starting",
            MediaStatus::Ready => "ready",
            MediaStatus::Down { .. } => "down",
        }
    }

    /// Why it is down, for people.
    pub fn reason(&self) -> Option<&str> {
        match self {
            MediaStatus::Down { reason } => Some(reason),
            MediaStatus::Starting | MediaStatus::Ready => None,
        }
    }
}

/// Where the media server's own TURN is reached; `None`: not by this way.
#[derive(Debug, Clone, Copy, Default)]
pub struct TurnPorts {
    /// By UDP.
    pub udp: Option<u16>,
    /// By TCP.
    pub tcp: Option<u16>,
    /// By TLS, where that is not the site's own port.
    pub tls: Option<u16>,
}

/// What is known of the media server; `None` where it is not.
#[derive(Debug, Clone, Default)]
pub struct MediaFacts {
    /// `built-in`, `livekit-server` or `external`.
    pub engine: String,
    /// UDP port of its media.
    pub udp_port: Option<u16>,
    /// Another one for the same media, which more networks let out.
    pub second_udp_port: Option<u16>,
    /// TCP port of its media where UDP is blocked.
    pub tcp_port: Option<u16>,
    /// Whether it relays (TURN).
    pub turn: bool,
    /// Ports of its own TURN.
    pub turn_ports: TurnPorts,
}
