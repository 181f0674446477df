//! The tracks of a recording one by one, for those who cut films themselves: from the recorder, in one ZIP as it is read.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http::{StatusCode, header};

use super::{
    bulk::zip::{self, Entry},
    media,
    model::RecordingId,
    pieces::pieces,
    view,
};
use crate::{
    app::App,
    http::{Path, Problem},
    livekit::egress::{FileError, RecorderFile, TrackFile},
    rooms::caller::Caller,
};

/// Each track as it was recorded (WebM), and `timeline.jsonl` with what happened when, in one ZIP. They are kept for
/// `recordings.keep_tracks_days` after the film is stored.
#[utoipa::path(
    get, path = "/api/recordings/{id}/tracks", tag = "recordings", operation_id = "downloadRecordingTracks",
    params(("id" = RecordingId, Path)),
    responses((status = 200, body = [u8], content_type = "application/zip"),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn tracks(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Response, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    if !seen.rights.download {
        return Err(Problem::forbidden("This recording is not for downloading."));
    }
    let recording = &seen.row.recording;
    let (Some(egress_id), Some(_ended)) = (recording.egress_id.clone(), recording.ended_at) else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "not_ready",
            "This recording has not ended.",
        ));
    };
    let recorder = app.recorder.as_ref().ok_or_else(no_tracks)?;
    let files = recorder.tracks(&egress_id, app.now()).await?;
    media::note_download(&app, &caller, std::slice::from_ref(&seen)).await?;
    let entries: Vec<Entry> = files.into_iter().map(entry).collect();
    let total = zip::total(&entries);
    let name = media::attachment(&format!("{} - tracks.zip", recording.title));
    let heads = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, total.to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let app = app.clone();
    Ok((heads, Body::from_stream(zipped(app, egress_id, entries))).into_response())
}

fn entry(file: TrackFile) -> Entry {
    Entry {
        name: file.name,
        size: file.size,
        crc32: file.crc32,
    }
}

fn zipped(
    app: App,
    egress_id: String,
    entries: Vec<Entry>,
) -> impl Stream<Item = Result<Bytes, FileError>> {
    let tail = Bytes::from(zip::tail(&entries));
    let files = stream::iter(entries).map(move |entry| {
        let head = Bytes::from(zip::head(&entry));
        let file = RecorderFile::track(&egress_id, &entry.name);
        let bytes = pieces(app.clone(), file, 0..entry.size);
        Ok::<_, FileError>(stream::iter([Ok(head)]).chain(bytes))
    });
    files.try_flatten().chain(stream::iter([Ok(tail)]))
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Problem {
        match error {
            FileError::Gone => no_tracks(),
            FileError::Away(_) => {
                tracing::warn!(%error, "tracks cannot be read");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no_recorder",
                    "The recorder cannot be reached. Try again in a moment.",
                )
            }
        }
    }
}

fn no_tracks() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_tracks",
        "The tracks of this recording are not kept any more.",
    )
}
