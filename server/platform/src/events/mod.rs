//! Typed live updates to pages over server-sent events.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Where features publish events and pages subscribe to them.
pub struct Hub;

impl Hub {
    pub fn new() -> Hub {
        Hub
    }
}

/// This feature's routes; they stream, so no request timeout applies to them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
