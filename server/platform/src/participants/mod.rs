//! Who is in a call, and moderating them.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The signal proxy: `/rtc…`, which streams, so no request timeout applies to it.
pub fn signal_routes() -> Router<App> {
    Router::new()
}
