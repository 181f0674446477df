//! Locks a room: whoever is not inside stays outside.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    model::Slug,
    store,
    view::{self, Room},
};
use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem, SiteAddress},
    meetings,
};

/// Whether the door is closed.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LockRoom {
    #[garde(skip)]
    locked: bool,
}

/// Locks a room or opens it; moderators always come in.
#[utoipa::path(
    put, path = "/api/rooms/{slug}/lock", tag = "rooms", operation_id = "lockRoom",
    params(("slug" = Slug, Path)), request_body = LockRoom,
    responses((status = 200, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn lock(
    State(app): State<App>,
    site: SiteAddress,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<LockRoom>,
) -> Result<Json<Room>, Problem> {
    let mut found = view::find_moderated(&app, &slug, &caller).await?;
    let room = &mut found.room;
    let locked_at = input.locked.then(|| app.now());
    let mut tx = app.db.begin().await?;
    if store::set_lock(&mut tx, room.id, locked_at).await? {
        if let Some(at) = locked_at {
            meetings::note_all_inside(&mut tx, room.id, at).await?;
        }
        let happening = if input.locked {
            Happening::RoomLocked
        } else {
            Happening::RoomUnlocked
        };
        let (by, place) = (caller.actor(), room.known());
        happenings::tell(&app, &mut tx, Some(&by), Some(&place), &happening).await?;
        tx.commit().await?;
    }
    room.locked_at = locked_at;
    Ok(Json(view::show(&app, found, &caller, &site)))
}
