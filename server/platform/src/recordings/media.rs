//! Plays a recording, or hands it over as a file: from this server, or by a link to the bucket that is good for
//! minutes.

use std::{fmt::Write, time::Duration};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use garde::Validate;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::{
    model::{KeptIn, RecordingId, RecordingState},
    ranged::{self, Served},
    store::RecordingRow,
    view::{self, Seen},
};
use crate::{
    app::App,
    config::StorageKind,
    happenings::{self, Happening, Recorded},
    http::{Path, Problem, Query},
    rooms::caller::Caller,
    storage::{ByteRange, Checksum, Presented, StoreError},
};

const LINK_FOR: Duration = Duration::from_mins(10);

/// How the film is wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MediaQuery {
    /// `1`: as a file to keep, with the recording's title as its name.
    #[garde(skip)]
    #[param(value_type = Option<u8>, minimum = 0, maximum = 1)]
    pub download: Option<Flag>,
}

/// `1` or `true`, `0` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Flag {
    #[serde(rename = "1", alias = "true", alias = "")]
    Yes,
    #[serde(rename = "0", alias = "false")]
    No,
}

/// The film: with `Range`, or by a redirect to where it is.
#[utoipa::path(
    get, path = "/api/recordings/{id}/media", tag = "recordings", operation_id = "readRecordingMedia",
    params(("id" = RecordingId, Path), MediaQuery),
    responses(
        (status = 200, body = [u8], content_type = "video/mp4"),
        (status = 206, body = [u8], content_type = "video/mp4", description = "A range of it."),
        (status = 302, description = "It is in a bucket: `Location` is good for ten minutes."),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn media(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
    Query(query): Query<MediaQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    let download = query.download == Some(Flag::Yes);
    if download && !seen.rights.download {
        return Err(Problem::forbidden("This recording is not for downloading."));
    }
    let answer = serve(&app, &seen.row.recording, download, &headers).await?;
    if download && !headers.contains_key(header::RANGE) {
        note_download(&app, &caller, &[seen]).await?;
    }
    Ok(answer)
}

/// A film that is there.
pub struct Film {
    pub kind: StorageKind,
    pub key: String,
    pub size: u64,
}

/// Where the recording's film is.
pub fn film(row: &RecordingRow) -> Result<Film, Problem> {
    let (RecordingState::Completed, Some(key)) = (row.state, &row.object_key) else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "not_ready",
            "There is no film of this recording, or not yet.",
        ));
    };
    Ok(Film {
        kind: match row.storage {
            KeptIn::S3 => StorageKind::S3,
            KeptIn::Disk | KeptIn::Nowhere => StorageKind::Disk,
        },
        key: key.clone(),
        size: u64::try_from(row.size.unwrap_or(0)).unwrap_or(0),
    })
}

/// The film's CRC-32: a cluster's recorder told none, so it is read once.
pub async fn crc32(app: &App, film: &Film, known: Option<i64>) -> Result<u32, Problem> {
    if let Some(known) = known.and_then(|known| u32::try_from(known).ok()) {
        return Ok(known);
    }
    let store = app.stores.of(film.kind).ok_or_else(away)?;
    let read = async {
        let mut sum = Checksum::default();
        let mut pieces = store.read(&film.key, ByteRange::whole(film.size)).await?;
        while let Some(piece) = pieces.next().await {
            sum = sum.and(&piece?);
        }
        Ok(sum.crc32)
    };
    read.await.map_err(|error: StoreError| failed(&error))
}

/// The film to whoever may have it.
pub async fn serve(
    app: &App,
    row: &RecordingRow,
    download: bool,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let Film { kind, key, size } = film(row)?;
    let store = app.stores.of(kind).ok_or_else(away)?;
    let media_type = row
        .media_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    let disposition = disposition(row, download);
    let presented = Presented {
        media_type,
        disposition: &disposition,
    };
    let link = store.link(&key, presented, LINK_FOR).await;
    if let Some(link) = link.map_err(|error| failed(&error))? {
        // No cache may give the link to anybody else, or later.
        let heads = [
            (header::LOCATION, link),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        return Ok((StatusCode::FOUND, heads).into_response());
    }
    let known = row.crc32.unwrap_or(row.updated_at.0);
    let etag = format!("\"{}-{known:08x}\"", row.id);
    let served = Served {
        size,
        media_type,
        etag: &etag,
    };
    let mut answer = ranged::answer(headers, &served, async |range| {
        let pieces = store.read(&key, range).await;
        Ok(Body::from_stream(pieces.map_err(|error| failed(&error))?))
    })
    .await?;
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        answer
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(answer)
}

fn kind_of(row: &RecordingRow) -> &str {
    let name = row.file_name.as_deref();
    let kind = name.and_then(|name| name.rsplit_once('.'));
    kind.map_or("bin", |(_, kind)| kind)
}

/// Keeps on record that somebody has downloaded these.
pub async fn note_download(app: &App, caller: &Caller, all: &[Seen]) -> Result<(), Problem> {
    let by = caller.actor();
    let mut tx = app.db.begin().await?;
    for seen in all {
        let recording = &seen.row.recording;
        let downloaded = Happening::RecordingDownloaded(Recorded {
            id: recording.id,
            title: &recording.title,
        });
        let place = seen.room.known();
        happenings::tell(app, &mut tx, Some(&by), Some(&place), &downloaded).await?;
    }
    Ok(tx.commit().await?)
}

/// Title and day as a file's name.
pub fn file_name(row: &RecordingRow) -> String {
    let day = OffsetDateTime::from_unix_timestamp(row.requested_at.as_seconds());
    let day = day.map_or_else(|_| String::new(), |at| format!(" {}", at.date()));
    format!("{}{day}.{}", row.title, kind_of(row))
}

fn disposition(row: &RecordingRow, download: bool) -> String {
    let how = if download { "attachment" } else { "inline" };
    named(how, &format!("recording.{}", kind_of(row)), &file_name(row))
}

/// A file to be kept, by this name.
pub fn attachment(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    named("attachment", &format!("recording.{ending}"), name)
}

/// The file's name in the form that every browser understands (RFC 6266), and a plain one for the others.
fn named(how: &str, plain: &str, name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// Where the films are cannot be read.
pub fn failed(error: &StoreError) -> Problem {
    tracing::error!(%error, "a film cannot be read");
    away()
}

/// Where the films are does not answer.
pub fn away() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "storage_unavailable",
        "Where the films are kept cannot be reached. Try again in a moment.",
    )
    .retry_after(Duration::from_secs(5))
}
