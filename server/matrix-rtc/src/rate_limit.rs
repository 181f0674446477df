//! How often one client may ask: every request makes us ask a homeserver. Bounded memory, whoever asks.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http::HeaderMap;
use http_edge::{client_address, network};
use ipnet::IpNet;

use crate::error::MatrixError;

/// How often one client may ask.
#[derive(Debug, Clone)]
pub struct RateLimitSettings {
    /// Requests per second in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once after a rest.
    pub burst: NonZeroU32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for RateLimitSettings {
    /// Ten a second and fifty at once are plenty for one household; no proxy is believed.
    fn default() -> Self {
        Self {
            per_second: const { NonZeroU32::new(10).unwrap() },
            burst: const { NonZeroU32::new(50).unwrap() },
            trusted_proxies: Vec::new(),
        }
    }
}

/// Counts the clients' requests.
pub struct RateLimit {
    requests: http_edge::RateLimit,
    trusted_proxies: Vec<IpNet>,
    warned: AtomicBool,
}

impl RateLimit {
    /// Nobody has asked yet.
    pub fn new(settings: RateLimitSettings) -> Self {
        let each = Duration::from_secs(1) / settings.per_second.get();
        Self {
            requests: http_edge::RateLimit::new(settings.burst, each),
            trusted_proxies: settings.trusted_proxies,
            warned: AtomicBool::new(false),
        }
    }

    /// The client to count; none behind a proxy that names nobody: all its clients together must not share one quota.
    pub fn client(&self, connection: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let client = client_address(connection, headers, |address| {
            self.trusted_proxies
                .iter()
                .any(|network| network.contains(&address))
        });
        if client.is_none() && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                proxy = %connection,
                "requests come from a trusted proxy without X-Forwarded-For: their clients are not limited"
            );
        }
        client
    }

    /// Counts a request of the client.
    pub fn check(&self, client: IpAddr) -> Result<(), MatrixError> {
        let checked = self.requests.check(&network(client));
        checked.map_err(MatrixError::LimitExceeded)
    }
}
