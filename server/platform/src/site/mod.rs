//! What the page must know before anybody signs in.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
