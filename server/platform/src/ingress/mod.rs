//! Ingresses: streams that encoders send into rooms by a key, without an account. The media server keeps them; here
//! administrators see and change them. It must not know which media server that is.

mod create;
mod delete;
mod hear;
mod list;
mod model;
mod open;
#[cfg(test)]
mod tests;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use hear::hear;
pub use open::{StreamRefused, open_room_of};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(update::update, delete::delete))
}
