//! What a page measures, and what changed while it did; knows neither HTTP nor SQL.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{clock::Timestamp, db::text_enum};

/// How often the media server's totals are looked at.
pub const SAMPLED: Duration = Duration::from_secs(10);
/// Milliseconds that one sample stands for.
pub const SAMPLE: i64 = 10_000;

text_enum! {
    /// How media travels between a client and the media server.
    IceRoute {
        Udp => "udp",
        Tcp => "tcp",
        /// Over a TURN server.
        Relay => "relay",
    }
}

text_enum! {
    /// What changed during a call.
    QualityEventKind {
        /// Media goes over UDP from here on.
        Udp => "udp",
        /// Media goes over TCP from here on.
        Tcp => "tcp",
        /// Media goes over a TURN server from here on.
        Relay => "relay",
        /// The connection was lost, and is being restored.
        Reconnecting => "reconnecting",
        Reconnected => "reconnected",
        /// Another microphone; what it is called is nobody's business.
        Microphone => "microphone",
        Camera => "camera",
        Speaker => "speaker",
        /// The page was hidden: a browser may slow it down.
        Hidden => "hidden",
        Visible => "visible",
    }
}

/// Ten seconds of one stay, as the page measured them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct QualitySample {
    /// Their beginning.
    pub at: Timestamp,
    /// Thousandths of the sent packets that were lost; `null`: nothing was sent.
    #[schema(required = true, minimum = 0, maximum = 1000)]
    pub loss_up: Option<i64>,
    /// Thousandths of the packets for this page that were lost; `null`: nothing came.
    #[schema(required = true, minimum = 0, maximum = 1000)]
    pub loss_down: Option<i64>,
    /// Round trip time in milliseconds.
    #[schema(required = true, minimum = 0, maximum = 60000)]
    pub rtt: Option<i64>,
    /// Interarrival jitter of what came, the worst track's, in milliseconds.
    #[schema(required = true, minimum = 0, maximum = 60000)]
    pub jitter: Option<i64>,
    /// Bits per second.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub bitrate_up: i64,
    /// Bits per second.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub bitrate_down: i64,
    /// Milliseconds in which a picture stood still.
    #[schema(minimum = 0, maximum = 600_000)]
    pub frozen: i64,
    #[schema(required = true)]
    pub route: Option<IceRoute>,
}

impl QualitySample {
    /// Whether the numbers are such as a page can measure.
    pub fn makes_sense(&self) -> bool {
        let within =
            |value: Option<i64>, most| value.is_none_or(|value| (0..=most).contains(&value));
        within(self.loss_up, 1000)
            && within(self.loss_down, 1000)
            && within(self.rtt, 60_000)
            && within(self.jitter, 60_000)
            && within(Some(self.bitrate_up), 1_000_000_000_000)
            && within(Some(self.bitrate_down), 1_000_000_000_000)
            && within(Some(self.frozen), 600_000)
    }
}

/// Ten seconds of one stay, as the media server counted them: also of programs, which measure nothing themselves, and of
/// pages that went away without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct ServerSample {
    /// Their beginning.
    pub at: Timestamp,
    /// Thousandths of what they sent that did not arrive; `null`: nothing was sent.
    #[schema(required = true, minimum = 0, maximum = 1000)]
    pub loss_up: Option<i64>,
    /// Thousandths of what was sent to them that did not arrive; `null`: nothing was sent.
    #[schema(required = true, minimum = 0, maximum = 1000)]
    pub loss_down: Option<i64>,
    /// Round trip time in milliseconds.
    #[schema(required = true, minimum = 0)]
    pub rtt: Option<i64>,
    /// Interarrival jitter of what they sent, the worst track's, in milliseconds.
    #[schema(required = true, minimum = 0)]
    pub jitter: Option<i64>,
    /// Bits per second.
    #[schema(minimum = 0)]
    pub bitrate_up: i64,
    /// Bits per second.
    #[schema(minimum = 0)]
    pub bitrate_down: i64,
}

/// Something that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct QualityEvent {
    pub at: Timestamp,
    pub kind: QualityEventKind,
}
