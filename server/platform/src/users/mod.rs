//! Accounts of people: who they are and what role they have; not how they prove it (see `auth`).

mod create;
mod delete;
mod leave_calls;
mod list;
mod model;
mod rename;
mod rename_in_calls;
mod store;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use create::{EmailTaken, create};
pub use leave_calls::{Devices, LeaveCalls};
pub use model::{Email, Role, User, UserId, UserName};
pub use rename::rename;
pub use rename_in_calls::RenameInCalls;
pub use store::{
    Person, count, find_by_email, find_enabled_by_email, find_to_change, has_admin, people, seen,
};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(update::update, delete::delete))
}
