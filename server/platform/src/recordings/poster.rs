//! A film's picture for lists and players: from the recorder, kept beside the film. Small, so it is read whole.

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{
    media,
    model::RecordingId,
    store::{self, RecordingRow},
    view,
};
use crate::{
    app::App,
    db::text_enum,
    http::{Path, Problem},
    livekit::egress::{FileError, Recorder, RecorderFile},
    rooms::caller::Caller,
    storage::{ByteRange, Checksum, ObjectStore, Part, StoreError, Upload},
};

const LARGEST: u64 = 4 * 1024 * 1024;
/// It never changes.
const KEPT_BY_BROWSERS: Duration = Duration::from_hours(24);

text_enum! {
    /// What kind of picture a poster is.
    PosterType {
        /// A keyframe of the film.
        Webp => "image/webp",
        /// What ffmpeg made.
        Jpeg => "image/jpeg",
    }
}

impl PosterType {
    const ALL: [PosterType; 2] = [PosterType::Webp, PosterType::Jpeg];

    fn ending(self) -> &'static str {
        match self {
            PosterType::Webp => "webp",
            PosterType::Jpeg => "jpg",
        }
    }

    /// What it is called in the store.
    pub fn key(self, row: &RecordingRow) -> String {
        format!("{}/{}.poster.{}", row.room_id, row.id, self.ending())
    }
}

/// Takes the recorder's poster over, where it has one. Safe to do twice.
pub async fn carry(
    app: &App,
    store: &dyn ObjectStore,
    recorder: &Recorder,
    row: &mut RecordingRow,
) -> Result<(), PosterError> {
    let Some(egress_id) = &row.egress_id else {
        return Ok(());
    };
    for kind in PosterType::ALL {
        let name = format!("poster.{}", kind.ending());
        let file = RecorderFile::made(egress_id, &name);
        let piece = match recorder.read(&file, 0, LARGEST, app.now()).await {
            Ok(piece) if piece.total <= LARGEST => piece,
            Ok(_) | Err(FileError::Gone) => continue,
            Err(FileError::Away(cause)) => return Err(PosterError::Recorder(cause)),
        };
        let key = kind.key(row);
        let id = store.begin(&key, kind.as_str()).await?;
        let part_size = LARGEST;
        let upload = Upload { key, id, part_size };
        let sum = Checksum::default().and(&piece.bytes);
        let bytes = piece.bytes;
        store.put(&upload, Part { number: 1, bytes }).await?;
        store.complete(&upload, sum).await?;
        row.poster_type = Some(kind);
        let mut tx = app.db.begin().await?;
        store::set_poster(&mut tx, row.id, kind).await?;
        tx.commit().await?;
        return Ok(());
    }
    Ok(())
}

/// Why a poster is not there yet.
#[derive(Debug, thiserror::Error)]
pub enum PosterError {
    #[error("the recorder: {0}")]
    Recorder(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Internal(#[from] crate::db::DbError),
}

/// The film's picture, where there is one.
#[utoipa::path(
    get, path = "/api/recordings/{id}/poster", tag = "recordings", operation_id = "readRecordingPoster",
    params(("id" = RecordingId, Path)),
    responses((status = 200, body = [u8], content_type = "image/webp"),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn poster(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Response, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    serve(&app, &seen.row.recording).await
}

/// The picture to whoever may see the film.
pub async fn serve(app: &App, row: &RecordingRow) -> Result<Response, Problem> {
    let none = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_poster",
            "There is no picture of this recording.",
        )
    };
    let kind = row.poster_type.ok_or_else(none)?;
    let film = media::film(row).map_err(|_| none())?;
    let store = app.stores.of(film.kind).ok_or_else(media::away)?;
    let key = kind.key(row);
    let read = async {
        let size = store.look(&key).await?.size;
        store.read(&key, ByteRange::whole(size)).await
    };
    let pieces = match read.await {
        Ok(pieces) => pieces,
        Err(StoreError::NotFound) => return Err(none()),
        Err(error) => return Err(media::failed(&error)),
    };
    let seconds = KEPT_BY_BROWSERS.as_secs();
    let heads = [
        (header::CONTENT_TYPE, kind.as_str().to_owned()),
        (header::CACHE_CONTROL, format!("private, max-age={seconds}")),
    ];
    Ok((heads, Body::from_stream(pieces)).into_response())
}
