//! How somebody likes the pages, wherever they sign in: language, theme, time zone, rows of a list. It must not know what a
//! page does with them, and nothing on the server depends on them.

mod model;
mod read;
mod store;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read::read, update::update))
}
