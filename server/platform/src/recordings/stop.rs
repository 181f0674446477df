//! Stops a recording. What is written down counts: a recorder that does not hear it is told again.

use axum::extract::State;

use super::{
    model::{Recording, RecordingId},
    state::News,
    store, told, view,
};
use crate::{
    app::App,
    audit::Actor,
    http::{Json, Path, Problem},
    rooms::{RoomId, caller::Caller},
};

/// Stops a recording; one that has ended stays as it is.
#[utoipa::path(
    post, path = "/api/recordings/{id}/stop", tag = "recordings", operation_id = "stopRecording",
    params(("id" = RecordingId, Path)),
    responses((status = 200, body = Recording), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn stop(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Json<Recording>, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    if !seen.rights.stop {
        return Err(Problem::forbidden(
            "Only the room's moderators may do this.",
        ));
    }
    stop_now(&app, &caller.actor(), seen.room.id, id).await?;
    let seen = view::find(&app, id, &caller).await?;
    Ok(Json(view::show(&app, seen)))
}

/// Stops the recording that this egress is; `false`: it is none.
pub async fn stop_egress(app: &App, by: &Actor, egress_id: &str) -> Result<bool, Problem> {
    let Some(row) = store::known_by_egress(&app.db, egress_id).await? else {
        return Ok(false);
    };
    stop_now(app, by, row.room_id, row.id).await?;
    Ok(true)
}

async fn stop_now(app: &App, by: &Actor, room: RoomId, id: RecordingId) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    tx.lock(&format!("recordings of {room}")).await?;
    let row = store::to_change(&mut tx, id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("recording"))?;
    let stopped = told::take(app, &mut tx, Some(by), &mut row, News::StopAsked).await?;
    tx.commit().await?;
    if stopped && let (Some(egress_id), Some(recorder)) = (&row.egress_id, &app.recorder) {
        match recorder.stop(egress_id, app.now()).await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(recording = %id, %error, "a recording cannot be stopped yet");
            }
        }
    }
    Ok(())
}
