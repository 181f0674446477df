//! Ends a link for outsiders.

use axum::extract::State;
use http::StatusCode;

use super::{find_to_share, model::ShareId, store};
use crate::{
    app::App,
    happenings::{self, Happening, Recorded},
    http::{Path, Problem},
    recordings::RecordingId,
    rooms::caller::Caller,
};

/// Ends a link: whoever has it sees nothing any more.
#[utoipa::path(
    delete, path = "/api/recordings/{id}/shares/{share}", tag = "recordings",
    operation_id = "revokeRecordingShare",
    params(("id" = RecordingId, Path), ("share" = ShareId, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path((id, share)): Path<(RecordingId, ShareId)>,
) -> Result<StatusCode, Problem> {
    let seen = find_to_share(&app, id, &caller).await?;
    let mut tx = app.db.begin().await?;
    if !store::delete(&mut tx, id, share).await? {
        return Err(Problem::not_found("link"));
    }
    let unshared = Happening::RecordingUnshared(Recorded {
        id,
        title: &seen.row.recording.title,
    });
    let (by, place) = (caller.actor(), seen.room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &unshared).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
