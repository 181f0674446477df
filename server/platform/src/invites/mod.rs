//! Links that let one person register.

mod create;
mod create_many;
mod list;
mod model;
mod redeem;
mod revoke;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use redeem::{InviteRefused, check, redeem};
pub use store::note_user;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(create_many::create_many))
        .routes(routes!(revoke::revoke))
}
