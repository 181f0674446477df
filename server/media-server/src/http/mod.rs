//! The WebSockets of clients and of agents' workers, publishers over HTTP, the ingress process, the validate endpoints and the health page. It must not know rooms from inside.

mod agent;
mod client_address;
mod connect;
mod health;
mod lister;
mod metrics;
mod quality;
mod refusal;
mod relay;
mod rtc;
mod signal_socket;
mod whip;

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::app::App;

pub use health::not_found;

/// Everything but the Twirp services.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(health::get))
        .route("/metrics", get(metrics::get))
        .route("/agent", get(agent::agent))
        .route(livekit_wire::quality::PATH, get(quality::get))
        .route(livekit_wire::relay::PATH, get(relay::relay))
        .route("/rtc", get(rtc::v0))
        .route("/rtc/v1", get(rtc::v1))
        .route("/rtc/validate", get(rtc::validate_v0))
        .route("/rtc/v1/validate", get(rtc::validate_v1))
        .merge(whip::routes())
}
