//! Deletes a room and ends its call.

use axum::extract::State;
use http::StatusCode;

use super::{caller::Caller, end, model::Slug, store, view};
use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Deletes a room: everybody leaves, the link is free again, history and audit records stay.
#[utoipa::path(
    delete, path = "/api/rooms/{slug}", tag = "rooms", operation_id = "deleteRoom",
    params(("slug" = Slug, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<StatusCode, Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    let mut tx = app.db.begin().await?;
    if !store::delete(&mut tx, room.id, app.now()).await? {
        return Err(Problem::not_found("room"));
    }
    let (by, place) = (caller.actor(), room.known());
    happenings::tell(
        &app,
        &mut tx,
        Some(&by),
        Some(&place),
        &Happening::RoomDeleted,
    )
    .await?;
    tx.commit().await?;
    // The room is gone whatever the media server says; the reconciler ends a call that stayed.
    if let Err(error) = end::send_everybody_out(&app, room.id).await {
        tracing::warn!(room = %room.id, %error, "a deleted room's call could not be ended yet");
    }
    Ok(StatusCode::NO_CONTENT)
}
