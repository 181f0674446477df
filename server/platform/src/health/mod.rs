//! Whether this server lives and whether it can serve, each part named.

use axum::Router;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> Router<App> {
    Router::new()
}
