//! Shows what happened when in a recording.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Mark, store};
use crate::{
    app::App,
    http::{Json, Path, Problem},
    recordings::{RecordingId, view},
    rooms::caller::Caller,
};

/// What happened when in a recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// From the beginning to the end.
    chapters: Vec<Mark>,
}

/// The recording's chapters: who came and left and, where the recorder tells, who spoke and shared.
#[utoipa::path(
    get, path = "/api/recordings/{id}/timeline", tag = "recordings", operation_id = "readRecordingTimeline",
    params(("id" = RecordingId, Path)),
    responses((status = 200, body = Timeline), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn timeline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Json<Timeline>, Problem> {
    view::find(&app, id, &caller).await?;
    let chapters = store::list(&app.db, id).await?;
    Ok(Json(Timeline { chapters }))
}
