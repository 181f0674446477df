//! Participants: who is in a call, and moderating them. The media server enforces what is decided here.

mod ban;
mod enforce;
mod hand;
mod kick;
mod lift_ban;
mod list;
mod list_bans;
mod model;
mod mute;
mod mute_all;
mod permissions;
mod signal;
mod standing;
mod store;
mod target;
#[cfg(test)]
mod tests;

use axum::{Router, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use enforce::{enforce, enforce_track};
pub use model::{TrackSource, joined_at};
pub use standing::take_place;
pub use store::{Barred, barred, was_kicked};

use crate::{
    app::App,
    db::{DbError, Executor, Tx},
    livekit::{identity::Subject, token::Permissions},
    rooms::RoomId,
};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(mute::mute))
        .routes(routes!(mute_all::mute_all))
        .routes(routes!(permissions::permissions))
        .routes(routes!(kick::kick))
        .routes(routes!(ban::ban))
        .routes(routes!(list_bans::list_bans))
        .routes(routes!(lift_ban::lift_ban))
        .routes(routes!(hand::hand))
}

/// The signal proxy: `/rtc…`, which streams, so no request timeout applies to it.
pub fn signal_routes() -> Router<App> {
    Router::new()
        .route("/rtc", get(signal::signal))
        .route("/rtc/v1", get(signal::signal))
        .route("/rtc/validate", get(signal::signal))
        .route("/rtc/v1/validate", get(signal::signal))
}

/// Lets somebody who was kicked in again.
pub async fn readmit(tx: &mut Tx, room: RoomId, subject: &Subject) -> Result<(), DbError> {
    store::readmit(tx, room, subject).await
}

/// What a moderator decided for one person in the running meeting.
pub async fn permissions_of(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Option<Permissions>, DbError> {
    store::permissions(db, room, subject).await
}

/// A meeting ended: what was decided for single people ends with it.
pub async fn forget_permissions(tx: &mut Tx, room: RoomId) -> Result<(), DbError> {
    store::forget_permissions(tx, room).await
}
