//! Meetings: who is in which call now and who was, learned from LiveKit's webhooks and listings.

use axum::Router;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// What the child's loopback listener serves: its webhooks.
pub fn internal_routes() -> Router<App> {
    Router::new()
}

/// The reconciler; ends with `shutdown`.
pub async fn run(_app: App, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}
