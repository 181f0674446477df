//! LiveKit's events: the door where its webhooks come in, and the listing that heals what they did not tell. What they
//! mean is the business of the features that hear them (`receive::hand_on`, `reconcile::reconcile`).

mod enforce;
mod receive;
mod reconcile;
mod refused;
mod store;

use axum::{Router, extract::DefaultBodyLimit, routing::post};
use utoipa_axum::{router::OpenApiRouter, routes};

#[cfg(test)]
pub use reconcile::reconcile as reconcile_now;
pub use reconcile::{Reconciled, run};
pub use refused::Refused;

use crate::{
    app::App,
    clock::Timestamp,
    db::{Database, DbError},
};

// A participant's metadata may have 512 KiB and attributes 64 KiB; JSON escapes make them longer.
const LARGEST_WEBHOOK: usize = 2 * 1024 * 1024;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(receive::receive))
        .layer(DefaultBodyLimit::max(LARGEST_WEBHOOK))
}

/// What the child's loopback listener serves: its webhooks.
pub fn internal_routes() -> Router<App> {
    Router::new()
        .route("/api/livekit/webhook", post(receive::receive))
        .layer(DefaultBodyLimit::max(LARGEST_WEBHOOK))
}

/// When a webhook about a room of ours was taken last; those of more than a day ago are forgotten.
pub async fn heard_at(db: &Database) -> Result<Option<Timestamp>, DbError> {
    store::newest(db).await
}
