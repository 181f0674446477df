//! Meetings: who is in which call now and who was, learned from LiveKit's webhooks and listings.

mod list;
mod model;
mod presence;
mod receive;
mod reconcile;
mod record;
mod store;
mod visits;

use axum::{Router, extract::DefaultBodyLimit, routing::post};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use model::MeetingId;
pub use presence::{Stays, calls, keep_inside, note_all_inside, stays};
pub use reconcile::{cut_before_start, run};
pub use store::{Call, count_live, is_seated, last_name, live_subjects};

use crate::app::App;

// A participant's metadata may have 512 KiB and attributes 64 KiB; JSON escapes make them longer.
const LARGEST_WEBHOOK: usize = 2 * 1024 * 1024;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    let webhook = OpenApiRouter::new()
        .routes(routes!(receive::receive))
        .layer(DefaultBodyLimit::max(LARGEST_WEBHOOK));
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .merge(webhook)
}

/// What the child's loopback listener serves: its webhooks.
pub fn internal_routes() -> Router<App> {
    Router::new()
        .route("/api/livekit/webhook", post(receive::receive))
        .layer(DefaultBodyLimit::max(LARGEST_WEBHOOK))
}
