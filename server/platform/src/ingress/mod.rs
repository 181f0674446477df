//! Ingresses: streams that encoders send into rooms by a key, without an account. The media server keeps them; here
//! administrators see and change them. It must not know which media server that is.

mod admit;
mod create;
mod delete;
mod hear;
mod list;
mod model;
mod open;
#[cfg(test)]
mod tests;
mod update;

use axum::{Router, extract::DefaultBodyLimit, routing::post};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use hear::hear;
pub use open::{StreamRefused, open_room_of};

use crate::app::App;

/// A stream key in JSON.
const LARGEST_QUESTION: usize = 4 * 1024;

/// What the ingress process asks at the loopback listener.
pub fn internal_routes() -> Router<App> {
    Router::new()
        .route("/api/livekit/ingress", post(admit::admit))
        .layer(DefaultBodyLimit::max(LARGEST_QUESTION))
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(update::update, delete::delete))
}
