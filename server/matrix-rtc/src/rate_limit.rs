//! How often one client may ask: every request makes us ask a homeserver. Bounded memory, whoever asks.

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use http::{HeaderMap, Method};
use http_edge::{client_address, network};
use ipnet::IpNet;

use crate::{app::App, error::MatrixError};

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

/// Counts the clients' requests. Clients share 65,536 slots by a secret hash: an attacker with endless addresses can
/// neither fill the memory nor aim at somebody else's slot.
pub struct RateLimit {
    slots: DefaultKeyedRateLimiter<u16>,
    hasher: RandomState,
    trusted_proxies: Vec<IpNet>,
    warned: AtomicBool,
}

impl RateLimit {
    /// Nobody has asked yet.
    pub fn new(settings: RateLimitSettings) -> Self {
        let quota = Quota::per_second(settings.per_second).allow_burst(settings.burst);
        Self {
            slots: RateLimiter::keyed(quota),
            hasher: RandomState::new(),
            trusted_proxies: settings.trusted_proxies,
            warned: AtomicBool::new(false),
        }
    }

    /// The client to count; none behind a proxy that names nobody: all its clients together must not share one quota.
    fn client(&self, connection: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
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

    #[expect(
        clippy::cast_possible_truncation,
        reason = "16 bits of a hash are a hash"
    )]
    fn check(&self, client: IpAddr) -> Result<(), MatrixError> {
        let slot = self.hasher.hash_one(network(client)) as u16;
        self.slots.check_key(&slot).map_err(|until| {
            MatrixError::LimitExceeded(until.wait_time_from(self.slots.clock().now()))
        })
    }
}

/// Turns away who asks too often, before anything of the request is read. Only POST costs us anything.
pub async fn limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        let connection = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
        if let Some(client) = app.rate_limit.client(connection, request.headers())
            && let Err(error) = app.rate_limit.check(client)
        {
            tracing::info!(%client, "a client asks too often");
            return error.into_response();
        }
    }
    next.run(request).await
}
