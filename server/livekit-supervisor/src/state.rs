//! What the child is doing and why it is not doing more; the only thing others watch.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::keys::ApiKeys;

/// Where and with which keys the server is reached. Known before a child is ready, the same for its whole life.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Base of signal and RoomService: `http://host:port` of a child, `http` or `https` of a cluster.
    pub internal_url: Url,
    /// What tokens for it are signed with.
    pub keys: ApiKeys,
}

impl Endpoint {
    /// For the client.
    pub(crate) fn of_client(&self) -> livekit_client::Endpoint {
        self.of_client_at(self.internal_url.clone())
    }

    /// For the client, at another address with the same keys.
    pub(crate) fn of_client_at(&self, url: Url) -> livekit_client::Endpoint {
        let ApiKeys {
            api_key,
            api_secret,
        } = self.keys.clone();
        livekit_client::Endpoint {
            url,
            keys: livekit_wire::ApiKeys::one(api_key, api_secret),
        }
    }
}

/// Where the child's media sockets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaAddress {
    /// What its candidates name.
    pub node_ip: IpAddr,
    /// All media of all participants.
    pub udp_port: u16,
    /// ICE-TCP, where UDP is blocked.
    pub tcp_port: u16,
}

/// The server that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunningEngine {
    /// The official livekit-server.
    LivekitServer,
    /// The built-in media server.
    BuiltIn,
}

impl fmt::Display for RunningEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::LivekitServer => "livekit-server",
            Self::BuiltIn => "built-in",
        })
    }
}

/// What the watch channel carries.
#[derive(Debug, Clone)]
pub enum ChildState {
    /// Spawned or about to be, not answering yet.
    Starting {
        /// Why it has to start again, `None` the first time.
        after: Option<Arc<Failure>>,
    },
    /// Answers its health route and accepts our keys.
    Ready {
        /// Where it answers.
        endpoint: Endpoint,
        /// Which server it is.
        engine: RunningEngine,
        /// As the server names it, where it does.
        version: Option<String>,
        /// Its process, which also leads its process group.
        pid: u32,
        /// Where browsers send media to; `None` when a hand-written file decides that.
        media: Option<MediaAddress>,
        /// Whether another would be started today, and takes its place when its rooms are empty.
        is_outdated: bool,
    },
    /// Not running; will be started again.
    Down {
        /// Why.
        reason: Arc<Failure>,
        /// Its last lines, oldest first, at most 50, without secrets.
        last_log_lines: Vec<String>,
        /// From now to the next attempt.
        retry_in: Duration,
    },
    /// Ended because we were asked to, or left to go on without us.
    Stopped,
}

/// Why a child is down. Every end that nobody asked for is one, whatever the exit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Another process holds a port.
    #[error(
        "{protocol} port {port} ({purpose}) is taken by another process; free it or configure another port"
    )]
    PortTaken {
        /// Its number.
        port: u16,
        /// `TCP` or `UDP`.
        protocol: &'static str,
        /// Its key, such as `rtc.udp_port`.
        purpose: &'static str,
    },
    /// The child itself found a port taken.
    #[error("a port is taken by another process; free it or configure another port: {line}")]
    AddressInUse {
        /// What the child said.
        line: String,
    },
    /// A port may not be bound at all.
    #[error("cannot listen on {protocol} port {port} ({purpose}): {error}")]
    PortRefused {
        /// Its number.
        port: u16,
        /// `TCP` or `UDP`.
        protocol: &'static str,
        /// Its key.
        purpose: &'static str,
        /// The system's words.
        error: String,
    },
    /// The child's YAML could not be written.
    #[error("cannot write the child's configuration: {error}")]
    ConfigFile {
        /// The system's words, with the path.
        error: String,
    },
    /// The program could not be started.
    #[error("cannot start {program}: {error}")]
    Spawn {
        /// Its path.
        program: String,
        /// The system's words.
        error: String,
    },
    /// It ended by itself.
    #[error("{engine} exited with code {code} without being asked to{}", said(last_line.as_ref()))]
    Exited {
        /// Which server.
        engine: RunningEngine,
        /// 0 too is a failure here.
        code: i32,
        /// The line that most likely says why.
        last_line: Option<String>,
    },
    /// It was killed, by the kernel or a person.
    #[error("{engine} was killed by signal {signal}{}", said(last_line.as_ref()))]
    Killed {
        /// Which server.
        engine: RunningEngine,
        /// Its number.
        signal: i32,
        /// The line that most likely says why.
        last_line: Option<String>,
    },
    /// It never became ready.
    #[error("{engine} did not become ready within {} s: {probe}", within.as_secs_f32())]
    NotReady {
        /// Which server.
        engine: RunningEngine,
        /// How long we waited.
        within: Duration,
        /// What the last probe got.
        probe: String,
    },
    /// It was ready and stopped answering.
    #[error("{engine} stopped answering and was killed: {probe}")]
    Hung {
        /// Which server.
        engine: RunningEngine,
        /// What the last probe got.
        probe: String,
    },
    /// The address that its media is announced with is no longer this machine's.
    #[error("this machine's address changed from {from} to {to}: starting anew to announce it")]
    Moved {
        /// What was announced.
        from: IpAddr,
        /// What will be.
        to: IpAddr,
    },
}

fn said(last_line: Option<&String>) -> String {
    last_line.map_or_else(String::new, |line| format!(", saying: {line}"))
}
