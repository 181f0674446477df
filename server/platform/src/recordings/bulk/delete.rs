//! Deletes several recordings; each for itself, as if it were asked for alone.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Json, Problem},
    recordings::{RecordingId, delete::delete_one},
    rooms::caller::Caller,
};

/// At once.
const MOST: usize = 100;

/// Which recordings.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteRecordings {
    #[garde(length(min = 1, max = MOST))]
    #[schema(min_items = 1, max_items = 100)]
    ids: Vec<RecordingId>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedRecordings {
    deleted: Vec<RecordingId>,
    /// Why the others stay.
    refused: Vec<NotDeleted>,
}

/// A recording that stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotDeleted {
    id: RecordingId,
    /// The code of the problem that deleting it alone would answer.
    code: &'static str,
}

/// Deletes several recordings; those that the caller may not delete stay.
#[utoipa::path(
    post, path = "/api/recordings/delete", tag = "recordings", operation_id = "deleteRecordings",
    request_body = DeleteRecordings,
    responses((status = 200, body = DeletedRecordings), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<DeleteRecordings>,
) -> Result<Json<DeletedRecordings>, Problem> {
    let mut answer = DeletedRecordings {
        deleted: Vec::new(),
        refused: Vec::new(),
    };
    for id in input.ids {
        match delete_one(&app, &caller, id).await {
            Ok(()) => answer.deleted.push(id),
            Err(problem) if problem.is_theirs() => answer.refused.push(NotDeleted {
                id,
                code: problem.code(),
            }),
            Err(problem) => return Err(problem),
        }
    }
    Ok(Json(answer))
}
