//! Sends a participant out: the token they came with is worthless, a new one may be asked for.

use axum::extract::State;
use http::StatusCode;
use serde_json::json;

use super::{store, target};
use crate::{
    app::App,
    audit,
    http::{Path, Problem},
    livekit::{LiveKitError, identity::Identity},
    rooms::{Slug, caller::Caller},
};

/// Sends a participant out.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/participants/{identity}/kick", tag = "participants",
    operation_id = "kickParticipant",
    params(("slug" = Slug, Path), ("identity" = Identity, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn kick(
    State(app): State<App>,
    caller: Caller,
    Path((slug, identity)): Path<(Slug, Identity)>,
) -> Result<StatusCode, Problem> {
    let target = target::find(&app, &slug, &caller, identity).await?;
    target.info(&app).await?;
    let room = target.room.id;
    let mut tx = app.db.begin().await?;
    // nbf counts whole seconds: tokens made in this very second are withdrawn too.
    let next_second = app.now().as_seconds() + 1;
    store::revoke(&mut tx, room, &target.identity, next_second, true).await?;
    let (actor, who) = (caller.actor(), Some(target.identity.as_str()));
    audit::record(
        &app,
        &mut tx,
        &actor,
        "participant.kicked",
        Some(room),
        who,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    match app
        .livekit
        .remove_participant(&target.name, &target.identity, app.now())
        .await
    {
        Ok(()) | Err(LiveKitError::NotFound) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(error.into()),
    }
}
