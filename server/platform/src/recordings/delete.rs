//! Deletes a recording: it is gone from every list at once, its files soon.

use axum::extract::State;
use http::StatusCode;

use super::{look_after, model::RecordingId, store, view};
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
    delete_one(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a recording, if the caller may.
pub async fn delete_one(app: &App, caller: &Caller, id: RecordingId) -> Result<(), Problem> {
    let seen = view::find(app, id, caller).await?;
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
    look_after::bury(app, &mut tx, &row).await?;
    let deleted = Happening::RecordingDeleted(Recorded {
        id,
        title: &row.title,
    });
    let (by, place) = (caller.actor(), seen.room.known());
    happenings::tell(app, &mut tx, Some(&by), Some(&place), &deleted).await?;
    Ok(tx.commit().await?)
}
