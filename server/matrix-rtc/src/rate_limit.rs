//! How often one client may ask: every request makes us ask a homeserver. Bounded memory, whoever asks.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
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

    fn check(&self, client: IpAddr) -> Result<(), MatrixError> {
        let checked = self.requests.check(&network(client));
        checked.map_err(MatrixError::LimitExceeded)
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
