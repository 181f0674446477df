//! A first version of a film, to look at while the one that was asked for is made: from the recorder, in pieces as it is read. It must
//! not know what is in it.

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, StatusCode};

use super::{
    model::{RecordingId, RecordingState},
    pieces::pieces,
    ranged::{self, Served},
    store::{self, RecordingRow},
    told, view,
};
use crate::{
    app::App,
    db::DbError,
    happenings::{self, Happening, Recorded},
    http::{Path, Problem},
    livekit::egress::{FileError, RecorderFile},
    rooms::caller::Caller,
    storage::ByteRange,
};

/// The recorder's built-in composer writes no other.
const MEDIA_TYPE: &str = "video/webm";

/// Asks the recorder whether there is one, and tells it once.
pub async fn look_for(app: &App, row: &RecordingRow) -> Result<(), DbError> {
    let (RecordingState::Composing, false, Some(egress_id), Some(recorder)) =
        (row.state, row.has_preview, &row.egress_id, &app.recorder)
    else {
        return Ok(());
    };
    let file = RecorderFile::preview(egress_id);
    match recorder.read(&file, 0, 1, app.now()).await {
        Ok(_) => {}
        Err(FileError::Gone) => return Ok(()),
        Err(error @ FileError::Away(_)) => {
            // A recorder of a cluster has none, and says so in its own way.
            tracing::debug!(recording = %row.id, %error, "no first version of a film");
            return Ok(());
        }
    }
    let mut tx = app.db.begin().await?;
    if !store::set_preview(&mut tx, row.id).await? {
        return Ok(());
    }
    if let Some(room) = told::place(&mut tx, row).await? {
        let composing = Happening::RecordingComposing(Recorded {
            id: row.id,
            title: &row.title,
        });
        happenings::tell(app, &mut tx, None, Some(&room), &composing).await?;
    }
    tx.commit().await
}

/// A first version of the film: who speaks, alone. It is there within seconds of the end, until the film is there; see `has_preview`.
#[utoipa::path(
    get, path = "/api/recordings/{id}/preview", tag = "recordings", operation_id = "readRecordingPreview",
    params(("id" = RecordingId, Path)),
    responses(
        (status = 200, body = [u8], content_type = "video/webm"),
        (status = 206, body = [u8], content_type = "video/webm", description = "A range of it."),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    let row = seen.row.recording;
    let (RecordingState::Composing, Some(egress_id)) = (row.state, row.egress_id) else {
        return Err(no_preview());
    };
    let recorder = app.recorder.as_ref().ok_or_else(no_preview)?;
    let file = RecorderFile::preview(&egress_id);
    let first = recorder.read(&file, 0, 1, app.now()).await;
    let size = first.map_err(failed)?.total;
    let served = Served {
        size,
        media_type: MEDIA_TYPE,
        etag: &format!("\"{id}-preview-{size}\""),
    };
    ranged::answer(&headers, &served, async |ByteRange { first, last }| {
        let pieces = pieces(app.clone(), file, first..last + 1);
        Ok(Body::from_stream(pieces))
    })
    .await
}

fn no_preview() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no_preview",
        "There is no first version of this film, or not any more.",
    )
}

fn failed(error: FileError) -> Problem {
    match error {
        FileError::Gone => no_preview(),
        FileError::Away(_) => error.into(),
    }
}
