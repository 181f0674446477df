//! A first version of a film, to look at while the one that was asked for is made: from the recorder, in pieces as it is read. It must
//! not know what is in it.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, stream};
use http::{HeaderMap, StatusCode, header};

use super::{
    model::{RecordingId, RecordingState},
    store::{self, RecordingRow},
    told, view,
};
use crate::{
    app::App,
    db::DbError,
    happenings::{self, Happening, Recorded},
    http::{Path, Problem},
    livekit::egress::{FileError, Recorder},
    rooms::caller::Caller,
    storage::{ByteRange, Wanted, wanted},
};

const PIECE: u64 = 1024 * 1024;
/// The recorder's built-in composer writes no other.
const MEDIA_TYPE: &str = "video/webm";

/// Asks the recorder whether there is one, and tells it once.
pub async fn look_for(app: &App, recorder: &Recorder, row: &RecordingRow) -> Result<(), DbError> {
    let (RecordingState::Composing, false, Some(egress_id)) =
        (row.state, row.has_preview, &row.egress_id)
    else {
        return Ok(());
    };
    match recorder.read_preview(egress_id, 0, 1, app.now()).await {
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
    let first = recorder.read_preview(&egress_id, 0, 1, app.now()).await;
    let size = first.map_err(failed)?.total;
    let etag = format!("\"{id}-preview-{size}\"");
    let (status, range) = match wanted(&headers, size, &etag) {
        Wanted::All => (StatusCode::OK, ByteRange::whole(size)),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let heads = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, heads).into_response());
        }
    };
    let ByteRange { first, last } = range;
    let mut heads = vec![
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (header::CONTENT_LENGTH, range.length().to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if status == StatusCode::PARTIAL_CONTENT {
        heads.push((
            header::CONTENT_RANGE,
            format!("bytes {first}-{last}/{size}"),
        ));
    }
    let mut answer = Body::from_stream(pieces(app, egress_id, range)).into_response();
    *answer.status_mut() = status;
    for (name, value) in heads {
        if let Ok(value) = value.parse() {
            answer.headers_mut().insert(name, value);
        }
    }
    Ok(answer)
}

fn pieces(
    app: App,
    egress_id: String,
    range: ByteRange,
) -> impl Stream<Item = Result<Bytes, FileError>> {
    stream::try_unfold(range.first, move |at| {
        let (app, egress_id) = (app.clone(), egress_id.clone());
        async move {
            if at > range.last {
                return Ok(None);
            }
            let recorder = app.recorder.as_ref().ok_or(FileError::Gone)?;
            let length = PIECE.min(range.last - at + 1);
            let piece = recorder.read_preview(&egress_id, at, length, app.now());
            let bytes = piece.await?.bytes;
            let next = at + bytes.len() as u64;
            Ok(Some((bytes, next)))
        }
    })
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
