//! Has an agent come into a room's calls no more; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::RoomAgentId;
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, CalledAgent, Happening},
    http::{Path, Problem},
    rooms::{Slug, caller::Caller, store, view},
};

/// Has an agent come into a room's calls no more. In a call that is live it stays: take its dispatch back to send it out.
#[utoipa::path(
    delete, path = "/api/rooms/{slug}/agents/{id}", tag = "agents", operation_id = "removeRoomAgent",
    params(("slug" = Slug, Path), ("id" = RoomAgentId, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn remove(
    State(app): State<App>,
    Admin(admin): Admin,
    caller: Caller,
    Path((slug, id)): Path<(Slug, RoomAgentId)>,
) -> Result<StatusCode, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    let mut tx = app.db.begin().await?;
    let removed = store::delete_agent(&mut tx, room.id, id).await?;
    let agent_name = removed.ok_or_else(|| Problem::not_found("agent in this room"))?;
    let removed = Happening::RoomAgentRemoved(CalledAgent {
        id,
        agent_name: &agent_name,
    });
    let by = Actor::user(&admin.user);
    happenings::tell(&app, &mut tx, Some(&by), Some(&room.known()), &removed).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
