//! Rooms: what people create, share and join.

mod access;
pub mod agents;
pub mod caller;
mod create;
mod delete;
mod door;
mod end;
mod found;
mod join;
mod list;
mod lock;
mod members;
mod model;
pub mod named;
mod open;
mod orphans;
mod read;
pub mod region;
mod seats;
mod standing;
mod store;
mod update;
pub mod view;
mod watch;

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use access::Viewer;
pub use door::{case, take_place};
pub use end::{EndRoomError, apply as end_call};
pub use found::KnownRooms;
pub use list::{ListAllRooms, page};
#[cfg(test)]
pub use model::NewSlug;
pub use model::{MOST_SEATS, MemberRole, RoomId, RoomRole, RoomTitle, Slug};
pub use open::{OpenRoomError, media_name, open_by_name};
pub use orphans::{Fate, move_rooms};
pub use seats::claim_seat;
pub use standing::{Standing, moderated, moderated_for_others, standings};
pub use store::{
    KnownRoom, RoomRow, count, demote, generation, hold, keep_recordings_days, known, known_of,
    next_generation, not_deleted, title,
};

use crate::{accounts::UserId, app::App, db::DbError, events::EventKind};
use access::Sight;
use caller::Caller;
use view::Found;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, update::update, delete::delete))
        .routes(routes!(lock::lock))
        .routes(routes!(members::list::list, members::add::add))
        .routes(routes!(members::update::update, members::remove::remove))
        .routes(routes!(agents::list::list, agents::add::add))
        .routes(routes!(agents::remove::remove))
        .routes(routes!(agents::list_all::list_all))
        .routes(routes!(join::join))
        .routes(routes!(end::end))
        .routes(routes!(list::list_all))
}

/// An event's name stands beside its data, so that no body leads to it.
#[derive(OpenApi)]
#[openapi(components(schemas(EventKind)))]
struct StreamNames;

/// The stream of live events; no request timeout applies to it.
pub fn stream_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(StreamNames::openapi()).routes(routes!(watch::watch))
}

/// Whether a living room has this slug.
pub async fn exists(app: &App, slug: &Slug) -> Result<bool, DbError> {
    store::exists(&app.db, slug).await
}

/// Everybody on a room's list of members.
pub async fn roles(app: &App, room: RoomId) -> Result<Vec<(UserId, MemberRole)>, DbError> {
    store::roles(&app.db, room).await
}

/// Whether the caller may know who is in the call.
pub fn may_see_people(found: &Found, caller: &Caller) -> bool {
    found.sight(caller) == Sight::People
}
