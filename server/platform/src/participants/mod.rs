//! Who is in a call, and moderating them.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
