//! Accounts of people and guests: who they are, what role they have, on which devices they are signed in. It must not
//! know how they prove it (see `auth`, above it).

mod cookie;
mod create;
mod delete;
mod guests;
mod leave_calls;
mod list;
mod model;
mod read;
mod rename;
mod rename_in_calls;
mod rights;
pub mod sessions;
mod store;
pub mod token;
mod update;

use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use cookie::{GUEST_COOKIE, SESSION_COOKIE, forget_session, session as session_cookie};
pub use create::{EmailTaken, create, create_at};
pub use guests::{
    Guest, GuestCookie, delete_expired as delete_expired_guests, welcome, welcome_back,
};
pub use leave_calls::{Devices, LeaveCalls};
pub use list::{ListUsers, page};
pub use model::{Email, NotAName, NotAnEmail, Role, User, UserId, UserName};
pub use rename::rename;
pub use rename_in_calls::RenameInCalls;
pub use rights::Right;
pub use sessions::{
    Admin, CurrentUser, Device, KnownSessions, ModeratesRooms, SeesRecordings, SeesRooms, SeesSite,
    SessionKind,
    store::{Validity, validity},
};
pub use store::{
    Person, count, find_by_email, find_enabled_by_email, find_to_change, has_admin, made_after,
    people,
};

use crate::{app::App, http::Problem};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(read::read, update::update, delete::delete))
        .routes(routes!(sessions::list::list))
        .routes(routes!(
            sessions::list_of_user::list_of_user,
            sessions::revoke_of_user::revoke_all
        ))
        .routes(routes!(sessions::revoke_of_user::revoke_one))
        .routes(routes!(sessions::revoke::revoke))
        .routes(routes!(sessions::revoke_others::revoke_others))
}

/// 409: somebody must be able to administer the site.
fn last_admin() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "last_admin",
        "The last administrator must stay; make another one first.",
    )
}
