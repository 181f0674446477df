//! The fields of the `X-Lk-Mock` header. Each is optional and, when there, replaces what an older header said.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{Control, FailMode, LONGEST_DELAY};
use crate::sip::SipStatus;

/// The JSON object; `null` is as good as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Overlay {
    fail_regions: Option<Vec<u32>>,
    fail_mode: Option<FailMode>,
    fail_status: Option<FinalStatus>,
    fail_twirp_code: Option<String>,
    delay_ms: Option<Milliseconds>,
    regions_status: Option<FinalStatus>,
    response: Option<Map<String, Value>>,
    skip_auth: Option<bool>,
    sip_status: Option<SipStatus>,
    pinned_regions: Option<Vec<String>>,
}

impl Overlay {
    pub(super) fn lay_over(self, control: &mut Control) {
        fn replace<T>(old: &mut T, new: Option<T>) {
            if let Some(new) = new {
                *old = new;
            }
        }
        replace(&mut control.fail_regions, self.fail_regions);
        replace(&mut control.fail_mode, self.fail_mode);
        replace(&mut control.skip_auth, self.skip_auth);
        replace(&mut control.pinned_regions, self.pinned_regions);
        let status = |status: FinalStatus| Some(status.0);
        replace(&mut control.fail_status, self.fail_status.map(status));
        replace(&mut control.regions_status, self.regions_status.map(status));
        replace(&mut control.fail_twirp_code, self.fail_twirp_code.map(Some));
        replace(&mut control.delay, self.delay_ms.map(|delay| Some(delay.0)));
        replace(&mut control.response, self.response.map(Some));
        replace(&mut control.sip_status, self.sip_status.map(Some));
    }
}

/// A status that ends an exchange: a 1xx one cannot be the answer.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u64")]
pub(super) struct FinalStatus(pub StatusCode);

/// Not a [`FinalStatus`].
#[derive(Debug, thiserror::Error)]
#[error("{0} is not the status of an answer (200 to 599)")]
pub(super) struct NotFinal(u64);

impl TryFrom<u64> for FinalStatus {
    type Error = NotFinal;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        u16::try_from(number)
            .ok()
            .filter(|number| (200..=599).contains(number))
            .and_then(|number| StatusCode::from_u16(number).ok())
            .map(Self)
            .ok_or(NotFinal(number))
    }
}

/// A delay.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u64")]
pub(super) struct Milliseconds(pub Duration);

/// More than [`LONGEST_DELAY`].
#[derive(Debug, thiserror::Error)]
#[error("{0} ms is too long a delay (at most {longest} ms)", longest = LONGEST_DELAY.as_millis())]
pub(super) struct TooLong(u64);

impl TryFrom<u64> for Milliseconds {
    type Error = TooLong;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        let delay = Duration::from_millis(number);
        if delay > LONGEST_DELAY {
            Err(TooLong(number))
        } else {
            Ok(Self(delay))
        }
    }
}

impl<'de> Deserialize<'de> for FailMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}
