//! Everything said to and heard from LiveKit, whichever server answers behind the endpoint.

pub mod endpoint;

use axum::Router;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use endpoint::Media;

/// The media server as this app reaches it.
pub struct LiveKit {
    pub media: Media,
}

impl LiveKit {
    pub fn new(media: Media) -> LiveKit {
        LiveKit { media }
    }
}

/// This feature's routes below /api.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The signal proxy: `/rtc…`, which streams, so no request timeout applies to it.
pub fn signal_routes() -> Router<App> {
    Router::new()
}

/// What the child's loopback listener serves: its webhooks.
pub fn internal_routes() -> Router<App> {
    Router::new()
}

/// Work that goes on while the platform runs: the reconciler and its like; ends with `shutdown`.
pub async fn run(_app: App, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}
