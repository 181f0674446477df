//! Hands several recordings over in one ZIP, as it is read.

use std::collections::HashSet;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use garde::Validate;
use http::header;
use serde::Deserialize;
use utoipa::IntoParams;

use super::zip::{self, Entry};
use crate::{
    app::App,
    http::{Problem, Query},
    recordings::{RecordingId, media, view},
    rooms::caller::Caller,
    storage::{ByteRange, StoreError},
};

/// At once.
const MOST: usize = 100;
/// So many ids with commas between.
const LONGEST: usize = MOST * 37 - 1;

/// Which recordings.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DownloadRecordings {
    /// Up to 100 ids with commas between.
    #[garde(length(max = LONGEST))]
    #[param(
        min_length = 36,
        max_length = 3699,
        pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){0,99}$"
    )]
    ids: String,
}

impl DownloadRecordings {
    fn ids(&self) -> Result<Vec<RecordingId>, Problem> {
        let refused = || Problem::invalid_field("ids", "invalid", "Give 1 to 100 ids.");
        let ids: Result<Vec<RecordingId>, _> = self.ids.split(',').map(str::parse).collect();
        let ids = ids.map_err(|_| refused())?;
        if (1..=MOST).contains(&ids.len()) {
            Ok(ids)
        } else {
            Err(refused())
        }
    }
}

/// Several films in one ZIP; each must be there, and the caller's to download.
#[utoipa::path(
    get, path = "/api/recordings/download", tag = "recordings", operation_id = "downloadRecordings",
    params(DownloadRecordings),
    responses((status = 200, body = [u8], content_type = "application/zip"),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn download(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DownloadRecordings>,
) -> Result<Response, Problem> {
    let (mut films, mut entries, mut names) = (Vec::new(), Vec::new(), HashSet::new());
    let mut all = Vec::new();
    for id in query.ids()? {
        let seen = view::find(&app, id, &caller).await?;
        if !seen.rights.download {
            return Err(Problem::forbidden("This recording is not for downloading."));
        }
        let film = media::film(&seen.row.recording)?;
        let crc32 = media::crc32(&app, &film, seen.row.recording.crc32).await?;
        let mut name = media::file_name(&seen.row.recording);
        if !names.insert(name.clone()) {
            name = format!("{id} {name}");
        }
        entries.push(Entry {
            name: name.replace(['/', '\\'], "-"),
            size: film.size,
            crc32,
        });
        films.push((film.kind, film.key.clone(), film.size));
        all.push(seen);
    }
    media::note_download(&app, &caller, &all).await?;
    let total = zip::total(&entries);
    let tail = Bytes::from(zip::tail(&entries));
    let files =
        stream::iter(films.into_iter().zip(entries)).then(move |((kind, key, size), entry)| {
            let app = app.clone();
            async move {
                let gone = || StoreError::Refused("the store is not named any more".to_owned());
                let store = app.stores.of(kind).ok_or_else(gone)?;
                let pieces = store.read(&key, ByteRange::whole(size)).await?;
                let head = stream::once(async move { Ok(Bytes::from(zip::head(&entry))) });
                Ok::<_, StoreError>(head.chain(pieces))
            }
        });
    let body = files
        .try_flatten()
        .chain(stream::once(async move { Ok(tail) }));
    let heads = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, total.to_string()),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"recordings.zip\"".to_owned(),
        ),
    ];
    Ok((heads, Body::from_stream(body)).into_response())
}
