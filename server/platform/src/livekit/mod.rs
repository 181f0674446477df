//! LiveKit as the platform sees it: an endpoint that speaks Twirp, tokens, webhooks and the signal socket.
//! It must not know rooms, users or the database.

mod connection_check;
pub mod connectivity;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod identity;
pub mod room_service;
pub mod signal_proxy;
#[cfg(test)]
mod tests;
pub mod token;
mod twirp;

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use livekit_api::access_token::TokenVerifier;
use secrecy::ExposeSecret;
use tokio::sync::watch;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use endpoint::{Endpoint, Media, MediaFacts, MediaStatus};
pub use error::LiveKitError;

use crate::{app::App, clock::Timestamp};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const API_TIMEOUT: Duration = Duration::from_secs(5);
// Shorter than any server's own: a pooled connection of a killed child must not meet the next call.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(connectivity::connectivity))
        .routes(routes!(connection_check::start))
}

/// The LiveKit endpoint with its clients.
pub struct LiveKit {
    endpoint: Endpoint,
    facts: MediaFacts,
    version: watch::Receiver<Option<String>>,
    status: watch::Receiver<MediaStatus>,
    node_ip: watch::Receiver<Option<IpAddr>>,
    ended: watch::Receiver<Option<SystemTime>>,
    starts_anew: bool,
    api: reqwest::Client,
    signal: reqwest::Client,
    tokens: TokenVerifier,
}

impl LiveKit {
    /// Makes the clients; opens no connection.
    pub fn new(media: Media) -> Result<LiveKit, reqwest::Error> {
        let client = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .tls_danger_accept_invalid_certs(media.endpoint.skip_tls_verify)
        };
        let verifier = TokenVerifier::with_api_key(
            &media.endpoint.api_key,
            media.endpoint.api_secret.expose_secret(),
        );
        Ok(LiveKit {
            api: client()
                .timeout(API_TIMEOUT)
                .pool_idle_timeout(IDLE_TIMEOUT)
                .build()?,
            // A WebSocket upgrade exists in HTTP/1.1 only, and its connection is never reused.
            signal: client().http1_only().pool_max_idle_per_host(0).build()?,
            tokens: verifier,
            endpoint: media.endpoint,
            facts: media.facts,
            version: media.version,
            status: media.status,
            node_ip: media.node_ip,
            ended: media.ended,
            starts_anew: media.starts_anew,
        })
    }

    /// How the media server is doing.
    pub fn status(&self) -> MediaStatus {
        self.status.borrow().clone()
    }

    /// Follows how the media server is doing.
    pub fn watch_status(&self) -> watch::Receiver<MediaStatus> {
        self.status.clone()
    }

    /// When the media server last ended without being asked to.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended.borrow().map(Timestamp::from)
    }

    /// Follows when the media server ends without being asked to.
    pub fn watch_ended(&self) -> watch::Receiver<Option<SystemTime>> {
        self.ended.clone()
    }

    /// Whether calls from before this process are over.
    pub fn starts_anew(&self) -> bool {
        self.starts_anew
    }

    /// Where and with which key it answers.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Address that its candidates name now.
    pub fn node_ip(&self) -> Option<IpAddr> {
        *self.node_ip.borrow()
    }

    /// Its version, where it has told it.
    pub fn version(&self) -> Option<String> {
        self.version.borrow().clone()
    }

    /// What is known of it.
    pub fn facts(&self) -> &MediaFacts {
        &self.facts
    }
}
