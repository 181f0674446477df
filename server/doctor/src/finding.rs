//! What a check found: its state, a plain sentence that names the port, address or key, and what to do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is checked. The words are part of `--json` and of the API.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoctorCheckName)]
pub enum Check {
    /// The configuration, as far as it can be judged by itself.
    Configuration,
    /// Whether the site runs, and what it says of itself.
    Site,
    /// Where the names lead.
    Dns,
    /// Certificates that browsers are shown.
    Certificate,
    /// Ports that have to be this program's.
    Ports,
    /// The address that media is announced with.
    Address,
    /// Whether a router changes addresses.
    Nat,
    /// Whether this very site answers at the address that people open.
    PublicAddress,
    /// A proxy in front of the site.
    Proxy,
    /// The TURN server.
    Turn,
    /// The database.
    Database,
    /// Space and rights on the disks.
    Disk,
    /// Where films are kept.
    Storage,
    /// The clocks that tokens depend on.
    Clock,
    /// The media server: which one, and whether it answers.
    MediaServer,
    /// A LiveKit configuration written by hand.
    MediaFile,
    /// Whether the media server's webhooks arrive.
    Webhooks,
    /// The Redis of an official livekit-server.
    Redis,
    /// The page, from another network.
    Page,
    /// WebSockets, from another network.
    WebSocket,
    /// Media over UDP, from another network.
    Udp,
    /// Media over TCP, from another network.
    Tcp,
    /// Media over TURN over UDP, from another network.
    TurnUdp,
    /// Media over TURN over TCP, from another network.
    TurnTcp,
    /// Media over TURN over TLS, from another network.
    TurnTls,
    /// Rates, loss and delay, from another network.
    Quality,
}

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoctorState)]
pub enum State {
    /// It could not be looked at; the sentence says why.
    Skipped,
    /// It is as it should be.
    Ok,
    /// It works, or may; somebody should look.
    Warn,
    /// It keeps people out of calls, or will.
    Fail,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorFinding)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// How bad it is.
    pub state: State,
    /// A plain sentence. It names the port, the address or the key of the configuration.
    pub said: String,
    /// What helps; nothing where nothing is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<String>,
}

impl Finding {
    /// It is as it should be.
    pub fn ok(check: Check, said: impl Into<String>) -> Finding {
        Finding {
            check,
            state: State::Ok,
            said: said.into(),
            what_to_do: None,
        }
    }

    /// It could not be looked at.
    pub fn skipped(check: Check, said: impl Into<String>) -> Finding {
        Finding {
            state: State::Skipped,
            ..Finding::ok(check, said)
        }
    }

    /// Somebody should look.
    pub fn warn(check: Check, said: impl Into<String>, what_to_do: impl Into<String>) -> Finding {
        Finding {
            state: State::Warn,
            what_to_do: Some(what_to_do.into()),
            ..Finding::ok(check, said)
        }
    }

    /// It keeps people out.
    pub fn fail(check: Check, said: impl Into<String>, what_to_do: impl Into<String>) -> Finding {
        Finding {
            state: State::Fail,
            ..Finding::warn(check, said, what_to_do)
        }
    }
}

/// The worst of them; what was skipped counts as well.
pub fn worst(findings: &[Finding]) -> State {
    let states = findings.iter().map(|finding| finding.state);
    states.max().unwrap_or(State::Ok).max(State::Ok)
}

/// Findings for people, what is worst last: it stays in sight.
pub fn text(findings: &[Finding]) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| (finding.state, finding.check));
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Ok => "ok  ",
            State::Skipped => "?   ",
            State::Warn => "WARN",
            State::Fail => "FAIL",
        };
        text.extend([mark, "  ", &finding.said, "\n"]);
        if let Some(what_to_do) = &finding.what_to_do {
            text.extend(["      → ", what_to_do, "\n"]);
        }
    }
    text
}
