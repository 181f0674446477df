//! Egress: what goes out of rooms, as files, HLS and live streams, whoever asked for it; administrators see, start, change and
//! stop it. The recorder keeps it; this feature has no table. It must not know which recorder that is.

mod hear;
mod list;
mod model;
mod start;
mod stop;
mod target;
#[cfg(test)]
mod tests;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use hear::{hear, tells};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(update::update))
        .routes(routes!(stop::stop))
}
