//! Shows one recording.

use axum::extract::State;

use super::{
    model::{Recording, RecordingId},
    view,
};
use crate::{
    app::App,
    http::{Json, Path, Problem},
    rooms::caller::Caller,
};

/// One recording; for who moderates its room.
#[utoipa::path(
    get, path = "/api/recordings/{id}", tag = "recordings", operation_id = "readRecording",
    params(("id" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Json<Recording>, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    Ok(Json(view::show(&app, seen)))
}
