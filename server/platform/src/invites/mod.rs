//! Links that let one person register.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
