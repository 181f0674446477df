//! The browser's half: what a page on another network reached of this site, way by way.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A way from a browser to this site.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoctorWay)]
pub enum Way {
    /// The page and the API.
    Page,
    /// A WebSocket to the site.
    WebSocket,
    /// The signal socket of a call.
    Signal,
    /// Media over UDP, straight to the media server.
    Udp,
    /// Media over TCP, straight to the media server.
    Tcp,
    /// Media over TURN over UDP.
    TurnUdp,
    /// Media over TURN over TCP.
    TurnTcp,
    /// Media over TURN over TLS.
    TurnTls,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoctorOutcome)]
pub enum Outcome {
    /// It led there and back.
    Reached,
    /// It did not.
    Blocked,
    /// The server told of no such way.
    NotOffered,
    /// It was not tried.
    Skipped,
}

/// One way that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DoctorTried)]
pub struct Tried {
    /// Which.
    pub way: Way,
    /// What became of it.
    pub outcome: Outcome,
    /// Where it was tried: addresses and ports as the server told them.
    #[serde(default)]
    #[schema(required = true, max_length = 300, pattern = "^[ -~]*$")]
    pub at: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    #[schema(required = true, maximum = 600_000)]
    pub took_ms: Option<u32>,
}

/// What a short stream through the media server measured, there and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DoctorMeasured)]
pub struct Measured {
    /// Over which way.
    pub way: Way,
    /// Bits per second that were sent.
    #[schema(maximum = 1_000_000_000_000_u64)]
    pub bitrate_up: u64,
    /// Bits per second that came.
    #[schema(maximum = 1_000_000_000_000_u64)]
    pub bitrate_down: u64,
    /// Thousandths of the sent packets that were lost.
    #[serde(default)]
    #[schema(required = true, maximum = 1000)]
    pub loss_up: Option<u32>,
    /// Thousandths of the packets for this page that were lost.
    #[serde(default)]
    #[schema(required = true, maximum = 1000)]
    pub loss_down: Option<u32>,
    /// Round trip time in milliseconds.
    #[serde(default)]
    #[schema(required = true, maximum = 600_000)]
    pub rtt_ms: Option<u32>,
}

/// What a browser found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorBrowserHalf)]
pub struct BrowserHalf {
    /// What it calls itself.
    pub agent: String,
    /// The address that the site saw.
    pub seen_at: String,
    /// Milliseconds that its clock is ahead of the server's.
    pub clock_ahead_ms: i64,
    /// Whether its page may use camera and microphone.
    pub secure: bool,
    /// Each way, tried by itself.
    pub ways: Vec<Tried>,
    /// `None`: no way led to the media server.
    #[schema(required = true)]
    pub measured: Option<Measured>,
}

impl BrowserHalf {
    /// What became of a way.
    pub fn outcome(&self, way: Way) -> Outcome {
        let tried = self.ways.iter().find(|tried| tried.way == way);
        tried.map_or(Outcome::Skipped, |tried| tried.outcome)
    }

    /// Whether it led there and back.
    pub fn reached(&self, way: Way) -> bool {
        self.outcome(way) == Outcome::Reached
    }

    pub(crate) fn blocked(&self, way: Way) -> bool {
        self.outcome(way) == Outcome::Blocked
    }

    pub(crate) fn at(&self, way: Way) -> Option<&str> {
        let tried = self.ways.iter().find(|tried| tried.way == way)?;
        tried.at.as_deref()
    }

    /// Whether any way led media to the server.
    pub fn media(&self) -> bool {
        MEDIA.iter().any(|way| self.reached(*way))
    }
}

/// The ways of media, the best first.
pub const MEDIA: [Way; 5] = [Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls];
