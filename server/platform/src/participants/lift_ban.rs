//! Lifts a ban.

use axum::extract::State;
use http::StatusCode;
use serde_json::json;

use super::store::{self, BanId};
use crate::{
    app::App,
    audit,
    http::{Path, Problem},
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
    let identity = store::delete_ban(&mut tx, room.id, ban).await?;
    let identity = identity.ok_or_else(|| Problem::not_found("ban"))?;
    let (actor, who) = (caller.actor(), Some(identity.as_str()));
    audit::record(
        &app,
        &mut tx,
        &actor,
        "ban.lifted",
        Some(room.id),
        who,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    view::announce(&app, room.id, &room.slug);
    Ok(StatusCode::NO_CONTENT)
}
