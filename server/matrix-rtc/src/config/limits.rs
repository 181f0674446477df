//! How often one client may ask.

use std::num::NonZeroU32;

use super::{
    environment::{EnvironmentError, Variables},
    homeservers::networks,
};
use crate::rate_limit::RateLimitSettings;

const PER_SECOND: &str = "CONVOKE_MATRIX_RATE_LIMIT";
const BURST: &str = "CONVOKE_MATRIX_RATE_LIMIT_BURST";
const TRUSTED_PROXIES: &str = "CONVOKE_MATRIX_TRUSTED_PROXIES";

/// The service stands behind a reverse proxy, which is nearly always on the same side of the router.
const DEFAULT_TRUSTED_PROXIES: &str =
    "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7";

pub fn read(variables: &Variables) -> Result<RateLimitSettings, EnvironmentError> {
    let proxies = variables.with_default(TRUSTED_PROXIES, DEFAULT_TRUSTED_PROXIES);
    let default = RateLimitSettings::default();
    Ok(RateLimitSettings {
        per_second: number(variables, PER_SECOND, default.per_second)?,
        burst: number(variables, BURST, default.burst)?,
        trusted_proxies: networks(&proxies, TRUSTED_PROXIES)?,
    })
}

fn number(
    variables: &Variables,
    name: &'static str,
    default: NonZeroU32,
) -> Result<NonZeroU32, EnvironmentError> {
    variables.get(name).map_or(Ok(default), |text| {
        text.parse().map_err(|_| {
            EnvironmentError::invalid(name, format!("{text:?} is no number above zero"))
        })
    })
}
