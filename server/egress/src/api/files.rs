//! Finished files: reading them, in parts where a part is asked for, and forgetting an egress with all its files.

use std::{
    io::SeekFrom,
    path::{Component, Path as FilePath},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use http_edge::{ByteRange, Wanted};
use livekit_wire::twirp::{Code, TwirpError};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use tokio_util::io::ReaderStream;

use super::call::{internal, may_record};
use crate::{
    egress::PREVIEW, egresses::Egresses, info::has_ended, journal::OUT, output::media_type,
};

/// Files here have no tags, so none that somebody knows is theirs.
const NO_TAG: &str = "";

/// `GET /egress/{id}/files/{name}`: a finished film, its manifest, or `timeline.jsonl`.
pub async fn read(
    State(egresses): State<Arc<Egresses>>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, TwirpError> {
    may_record(&egresses, &headers)?;
    // Known egresses only: an id is part of a path.
    egresses.find(&id)?;
    let folder = egresses.shared().journal.folder(&id);
    let inside = FilePath::new(&name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let path = match name.as_str() {
        crate::record::files::TIMELINE => folder.join(&name),
        _ if inside => folder.join(OUT).join(&name),
        _ => return Err(no_file()),
    };
    serve(&path, &name, &headers).await
}

/// `GET /egress/{id}/preview`: a first version of a film that is being made.
pub async fn preview(
    State(egresses): State<Arc<Egresses>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, TwirpError> {
    may_record(&egresses, &headers)?;
    egresses.find(&id)?;
    let path = egresses.shared().journal.folder(&id).join(PREVIEW);
    serve(&path, PREVIEW, &headers).await
}

/// A file of this name, or the part of it that is asked for.
pub(super) async fn serve(
    path: &FilePath,
    name: &str,
    headers: &HeaderMap,
) -> Result<Response, TwirpError> {
    let mut file = File::open(path).await.map_err(|_| no_file())?;
    let metadata = file.metadata().await.map_err(internal)?;
    if !metadata.is_file() {
        return Err(no_file());
    }
    let size = metadata.len();
    let part = match wanted_of(headers, size) {
        Wanted::All => None,
        Wanted::Part(range) => Some(range),
        Wanted::Nothing => {
            let range = format!("bytes */{size}");
            return Ok(
                (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, range)]).into_response(),
            );
        }
    };
    let (first, length) = part.map_or((0, size), |range| (range.first, range.length()));
    file.seek(SeekFrom::Start(first)).await.map_err(internal)?;
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), 64 * 1024));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, length.into());
    if let Some(ByteRange { first, last }) = part {
        let range = format!("bytes {first}-{last}/{size}");
        let range = HeaderValue::from_str(&range).map_err(internal)?;
        headers.insert(CONTENT_RANGE, range);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// `DELETE /egress/{id}`: forgets an ended egress; one that is unknown is forgotten already.
pub async fn remove(
    State(egresses): State<Arc<Egresses>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, TwirpError> {
    may_record(&egresses, &headers)?;
    let Ok(egress) = egresses.find(&id) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    if !has_ended(&egress.info()) {
        return Err(TwirpError::domain(
            Code::FailedPrecondition,
            "the egress has not ended",
        ));
    }
    egresses.forget(&id).map_err(internal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file without a byte has no part to refuse: a timeline that has just begun is served as it is.
fn wanted_of(headers: &HeaderMap, size: u64) -> Wanted {
    if size == 0 {
        Wanted::All
    } else {
        http_edge::wanted(headers, size, NO_TAG)
    }
}

pub(super) fn no_file() -> TwirpError {
    TwirpError::domain(Code::NotFound, "no such file")
}

#[cfg(test)]
mod tests {
    use axum::http::header::RANGE;

    use super::*;

    #[test]
    fn a_part_is_what_was_asked_for_and_is_there() {
        let part = |first, last| Wanted::Part(ByteRange { first, last });
        let asked = |range: &str, size| {
            let headers = [(RANGE, range.parse().unwrap())];
            wanted_of(&headers.into_iter().collect(), size)
        };
        for (range, expected) in [
            ("bytes=0-99", part(0, 99)),
            ("bytes=900-2000", part(900, 999)),
            ("bytes=10-", part(10, 999)),
            ("bytes=-100", part(900, 999)),
            ("bytes=-5000", part(0, 999)),
            ("bytes=1000-", Wanted::Nothing),
            ("bytes=9-3", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("lines=1-2", Wanted::All),
        ] {
            assert_eq!(asked(range, 1_000), expected, "{range}");
        }
        assert_eq!(asked("bytes=0-", 0), Wanted::All);
    }
}
