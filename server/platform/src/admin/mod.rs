//! What only administrators see: the server at a glance, and what its media server has. (Their lists are in the features listed.)

mod exports;
mod health;
mod overview;
mod services;
#[cfg(test)]
mod tests;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

pub use exports::routes as stream_routes;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(overview::overview))
        .routes(routes!(health::health))
        .routes(routes!(services::list))
}
