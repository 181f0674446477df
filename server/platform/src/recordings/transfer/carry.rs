//! One slice of a film's way: parts from the recorder into the store, until all are there or the time is over.

use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        poster::{self, PosterError},
        store::{self as recordings, RecordingRow},
    },
    Held,
};
use crate::{
    app::App,
    db::DbError,
    livekit::egress::{FileError, FilePiece, Recorder, RecorderFile},
    storage::{Checksum, ObjectStore, Part, StoreError, Stored, Upload},
};

/// A deploy need not wait longer, and others get their turn.
const SLICE: Duration = Duration::from_secs(30);
const LEAST_PART: u64 = 8 * 1024 * 1024;
/// S3 knows ten thousand parts.
const MOST_PARTS: u64 = 9_000;

/// How far a slice came.
#[derive(Debug)]
pub enum Carried {
    /// All of it is there, as it was recorded.
    ThereNow(Stored),
    Further,
}

/// Why a slice ended early.
#[derive(Debug, Error)]
pub enum CarryError {
    #[error("somebody else has it")]
    Taken,
    #[error("there is no recorder to fetch it from")]
    NoRecorder,
    #[error("the recorder has no such file")]
    Gone,
    #[error("the recorder: {0}")]
    Recorder(String),
    #[error("{0}")]
    Store(StoreError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<FileError> for CarryError {
    fn from(error: FileError) -> CarryError {
        match error {
            FileError::Gone => CarryError::Gone,
            FileError::Away(cause) => CarryError::Recorder(cause),
        }
    }
}

impl From<PosterError> for CarryError {
    fn from(error: PosterError) -> CarryError {
        match error {
            PosterError::Recorder(cause) => CarryError::Recorder(cause),
            PosterError::Store(error) => CarryError::Store(error),
            PosterError::Internal(error) => CarryError::Internal(error),
        }
    }
}

/// What a film is called in the store.
pub fn key_of(row: &RecordingRow) -> String {
    if let Some(key) = &row.object_key {
        return key.clone();
    }
    let name = row.file_name.as_deref().unwrap_or_default();
    let kind = name.rsplit_once('.').map_or("bin", |(_, kind)| kind);
    let plain = kind.chars().all(|letter| letter.is_ascii_alphanumeric());
    let kind = if plain { kind } else { "bin" };
    format!("{}/{}.{kind}", row.room_id, row.id)
}

/// Carries the film on for a while.
pub async fn carry(
    app: &App,
    row: &mut RecordingRow,
    held: &mut Held,
    stop: &CancellationToken,
) -> Result<Carried, CarryError> {
    let store = app.stores.of(app.stores.kind());
    let refused = || StoreError::Refused("recordings.storage names no store".to_owned());
    let store = store.ok_or_else(refused)?;
    let recorder = app.recorder.as_ref().ok_or(CarryError::NoRecorder)?;
    if let Some(key) = &row.object_key
        && let Some(there) = delivered(store, key, row.size).await?
    {
        return Ok(Carried::ThereNow(there));
    }
    let source = Source::of(app, recorder, row)?;
    let until = Instant::now() + SLICE;
    loop {
        let upload = going_on(app, store, row, held, &source).await?;
        let (done, total) = (number(held.row.bytes_done), number(row.size.unwrap_or(0)));
        let sum = Checksum {
            size: done,
            crc32: u32::try_from(held.row.crc32).unwrap_or(0),
        };
        if done > 0 && done == total {
            // Before the film is there, so that whoever sees it sees its picture.
            poster::carry(app, store, recorder, row).await?;
            return match store.complete(&upload, sum).await {
                Ok(()) => Ok(Carried::ThereNow(Stored {
                    size: sum.size,
                    crc32: Some(sum.crc32),
                })),
                Err(error @ (StoreError::Corrupt(_) | StoreError::NoSuchUpload)) => {
                    start_over(app, store, held, &upload).await?;
                    Err(error.into())
                }
                Err(error) => Err(error.into()),
            };
        }
        let piece = source.read(done, upload.part_size).await?;
        if piece.total != total {
            // The recorder made another file of it.
            set_size(app, row, piece.total).await?;
            start_over(app, store, held, &upload).await?;
            continue;
        }
        let sum = sum.and(&piece.bytes);
        let part = Part {
            number: u32::try_from(held.row.parts_done + 1).unwrap_or(u32::MAX),
            bytes: piece.bytes,
        };
        store.put(&upload, part).await?;
        held.row.parts_done += 1;
        held.row.bytes_done = i64::try_from(sum.size).unwrap_or(i64::MAX);
        held.row.crc32 = i64::from(sum.crc32);
        held.row.attempts = 0;
        held.row.last_error = None;
        held.row.waiting_since = None;
        held.save(app).await?;
        if held.row.bytes_done != row.size.unwrap_or(0)
            && (Instant::now() >= until || stop.is_cancelled())
        {
            return Ok(Carried::Further);
        }
    }
}

/// The film that the recorder itself put there, once it is as large as it says.
async fn delivered(
    store: &dyn ObjectStore,
    key: &str,
    size: Option<i64>,
) -> Result<Option<Stored>, StoreError> {
    match store.look(key).await {
        Ok(found) if i64::try_from(found.size).ok() == size => Ok(Some(found)),
        Ok(found) => Err(StoreError::Corrupt(format!(
            "{} bytes are there",
            found.size
        ))),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The upload that this film has, or a new one. It is written down before its first part.
async fn going_on(
    app: &App,
    store: &dyn ObjectStore,
    row: &mut RecordingRow,
    held: &mut Held,
    source: &Source<'_>,
) -> Result<Upload, CarryError> {
    let key = key_of(row);
    if let Some(id) = held.row.upload_id.clone() {
        let upload = Upload {
            key,
            id,
            part_size: number(held.row.part_size),
        };
        if held.checked {
            return Ok(upload);
        }
        held.checked = true;
        let done = number(held.row.bytes_done);
        match store.arrived(&upload).await {
            Ok(arrived) if arrived >= done => return Ok(upload),
            // Complete, perhaps; it is looked at then.
            Err(StoreError::NoSuchUpload) if done > 0 && done == number(row.size.unwrap_or(0)) => {
                return Ok(upload);
            }
            Ok(_) | Err(StoreError::NoSuchUpload) => {
                start_over(app, store, held, &upload).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let first = source.read(0, 1).await?;
    set_size(app, row, first.total).await?;
    let media_type = row
        .media_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    let key = key_of(row);
    let id = store.begin(&key, media_type).await?;
    let part_size = part_size(first.total);
    held.row.upload_id = Some(id.clone());
    held.row.part_size = i64::try_from(part_size).unwrap_or(i64::MAX);
    held.checked = true;
    held.save(app).await?;
    Ok(Upload { key, id, part_size })
}

/// What is there is of no use: all parts again.
async fn start_over(
    app: &App,
    store: &dyn ObjectStore,
    held: &mut Held,
    upload: &Upload,
) -> Result<(), CarryError> {
    tracing::warn!(recording = %held.row.recording_id, "a film is sent again from its beginning");
    held.row.upload_id = None;
    held.row.parts_done = 0;
    held.row.bytes_done = 0;
    held.row.crc32 = 0;
    held.save(app).await?;
    Ok(store.abort(upload).await?)
}

async fn set_size(app: &App, row: &mut RecordingRow, total: u64) -> Result<(), DbError> {
    let size = i64::try_from(total).ok();
    if row.size == size {
        return Ok(());
    }
    row.size = size;
    let mut tx = app.db.begin().await?;
    recordings::set_size(&mut tx, row.id, row.size).await?;
    tx.commit().await
}

fn part_size(total: u64) -> u64 {
    LEAST_PART.max(total.div_ceil(MOST_PARTS))
}

fn number(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// The recorder's file.
struct Source<'a> {
    app: &'a App,
    recorder: &'a Recorder,
    file: RecorderFile,
}

impl<'a> Source<'a> {
    fn of(
        app: &'a App,
        recorder: &'a Recorder,
        row: &RecordingRow,
    ) -> Result<Source<'a>, CarryError> {
        let named = row.egress_id.as_ref().zip(row.file_name.as_ref());
        let (egress_id, name) = named.ok_or(CarryError::Gone)?;
        Ok(Source {
            app,
            recorder,
            file: RecorderFile::made(egress_id, name),
        })
    }

    async fn read(&self, from: u64, length: u64) -> Result<FilePiece, CarryError> {
        let Source {
            app,
            recorder,
            file,
        } = self;
        Ok(recorder.read(file, from, length, app.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_has_larger_parts_and_never_too_many() {
        assert_eq!(part_size(1), 8 * 1024 * 1024);
        for total in [1 << 30, 1 << 36, 1 << 40] {
            let parts = u64::div_ceil(total, part_size(total));
            assert!(parts <= 9_000, "{total}: {parts}");
        }
    }
}
