//! Meetings: who is in which call now and who was, learned from LiveKit's webhooks and listings.

mod list;
mod model;
mod receive;
mod reconcile;
mod record;
mod store;

use axum::{Router, routing::post};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use reconcile::run;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(receive::receive))
}

/// What the child's loopback listener serves: its webhooks.
pub fn internal_routes() -> Router<App> {
    Router::new().route("/api/livekit/webhook", post(receive::receive))
}
