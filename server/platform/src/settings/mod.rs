//! The few settings that administrators change while the site runs. What they changed stands in the database and goes before
//! the configuration, until they give it back. It must not know what others do with a setting.

mod in_force;
mod model;
mod read;
mod store;
#[cfg(test)]
mod tests;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use in_force::{InForce, over, watch};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read::read, update::update))
}
