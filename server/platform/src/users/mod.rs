//! Accounts of people: who they are and what role they have; not how they prove it (see `auth`).

mod model;
mod store;

use utoipa_axum::router::OpenApiRouter;

pub use model::{Email, Role, User, UserId, UserName};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
