//! What only administrators see: overview, every room, the audit records.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
