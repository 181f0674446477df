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

const DEFAULT_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
const DEFAULT_BURST: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// The service stands behind a reverse proxy, which is nearly always on the same side of the router.
const DEFAULT_TRUSTED_PROXIES: &str =
    "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7";

pub fn read(variables: &Variables) -> Result<RateLimitSettings, EnvironmentError> {
    let proxies = variables.with_default(TRUSTED_PROXIES, DEFAULT_TRUSTED_PROXIES);
    Ok(RateLimitSettings {
        per_second: number(variables, PER_SECOND, DEFAULT_PER_SECOND)?,
        burst: number(variables, BURST, DEFAULT_BURST)?,
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
