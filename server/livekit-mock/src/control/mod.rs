//! What a request asks of the mock: one control, read from its headers. What the control means for an answer is decided
//! by the caller.

mod header;
mod overlay;

use std::{str::FromStr, time::Duration};

use http::StatusCode;
use serde_json::{Map, Value};

pub use header::ControlError;
pub(crate) use header::requested;

use crate::sip::SipStatus;

/// How long a `delay` lasts when nothing is said: long enough for any client to lose its patience.
pub(crate) const FAIL_DELAY: Duration = Duration::from_secs(30);
/// Nothing waits longer.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_hours(1);

/// What the mock is asked to do; the default is to behave normally.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Control {
    /// Indices of the regions that fail.
    pub fail_regions: Vec<u32>,
    /// How they fail.
    pub fail_mode: FailMode,
    /// With which status; 503 when absent.
    pub fail_status: Option<StatusCode>,
    /// With which Twirp code; the one that suits the status when absent.
    pub fail_twirp_code: Option<String>,
    /// How long a region in [`FailMode::Delay`] waits before it fails; 30 s when absent.
    pub fail_delay: Option<Duration>,
    /// How long every answer waits; the method's natural latency when absent.
    pub delay: Option<Duration>,
    /// The status of `/settings/regions`; 200 when absent.
    pub regions_status: Option<StatusCode>,
    /// The answer, in proto3 JSON, instead of the populated one.
    pub response: Option<Map<String, Value>>,
    /// No token is asked for.
    pub skip_auth: bool,
    /// How a SIP call ends; other methods do not care.
    pub sip_status: Option<SipStatus>,
    /// Names of the regions that serve, such as `region-1`; the others answer 451. Empty: all serve.
    pub pinned_regions: Vec<String>,
}

/// How a failing region fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailMode {
    /// A Twirp error.
    #[default]
    Status,
    /// The connection is closed without a word.
    Drop,
    /// The Twirp error comes after [`Control::fail_delay`].
    Delay,
    /// The good answer is announced in full, and the connection closed after half of it. Not in LiveKit's own mock.
    Truncate,
}

/// Not the name of a [`FailMode`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a fail mode (status, drop, delay, truncate)")]
pub struct FailModeError(String);

impl FromStr for FailMode {
    type Err = FailModeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "" | "status" => Ok(Self::Status),
            "drop" => Ok(Self::Drop),
            "delay" => Ok(Self::Delay),
            "truncate" => Ok(Self::Truncate),
            _ => Err(FailModeError(name.to_owned())),
        }
    }
}

impl Control {
    /// Whether the region of this index fails.
    pub(crate) fn fails(&self, region: u32) -> bool {
        self.fail_regions.contains(&region)
    }

    /// Whether a pin keeps the region of this name from serving.
    pub(crate) fn pins_away(&self, region: &str) -> bool {
        !self.pinned_regions.is_empty() && !self.pinned_regions.iter().any(|name| name == region)
    }
}
