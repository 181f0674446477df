//! Deletes a recording: it is gone from every list at once, its files soon.

use axum::extract::State;
use http::StatusCode;

use super::{model::RecordingId, store, view};
use crate::{
    app::App,
    happenings::{self, Happening, Recorded},
    http::{Path, Problem},
    rooms::caller::Caller,
};

/// Deletes a recording; for who asked for it and who runs its room. One that goes on is stopped first.
#[utoipa::path(
    delete, path = "/api/recordings/{id}", tag = "recordings", operation_id = "deleteRecording",
    params(("id" = RecordingId, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<StatusCode, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    if !seen.rights.delete {
        return Err(Problem::forbidden(
            "Only the room's owner and who started the recording may do this.",
        ));
    }
    let mut tx = app.db.begin().await?;
    let row = store::to_change(&mut tx, id).await?;
    let row = row.ok_or_else(|| Problem::not_found("recording"))?;
    if row.state.is_active() {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "still_recording",
            "This recording goes on. Stop it first.",
        ));
    }
    store::bury(&mut tx, id, app.now()).await?;
    let deleted = Happening::RecordingDeleted(Recorded {
        id,
        title: &row.title,
    });
    let (by, place) = (caller.actor(), seen.room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &deleted).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
