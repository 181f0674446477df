//! Lifts a ban.

use axum::extract::State;
use http::StatusCode;

use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Path, Problem},
    moderation::{self, BanId},
    rooms::{Slug, caller::Caller, view},
};

/// Lets a banned person ask to join again.
#[utoipa::path(
    delete, path = "/api/rooms/{slug}/bans/{id}", tag = "participants", operation_id = "liftBan",
    params(("slug" = Slug, Path), ("id" = BanId, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn lift_ban(
    State(app): State<App>,
    caller: Caller,
    Path((slug, ban)): Path<(Slug, BanId)>,
) -> Result<StatusCode, Problem> {
    let room = view::find_moderated(&app, &slug, &caller).await?.room;
    let mut tx = app.db.begin().await?;
    let lifted = moderation::delete_ban(&mut tx, room.id, ban).await?;
    let lifted = lifted.ok_or_else(|| Problem::not_found("ban"))?;
    let lifted = Happening::BanLifted {
        identity: &lifted.identity,
        name: &lifted.name,
    };
    let (by, place) = (caller.actor(), room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &lifted).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
