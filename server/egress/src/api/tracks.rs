//! The track files of an egress that has ended, as they were written: what there is, with checksums, and each of them.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path as FilePath, PathBuf},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use livekit_wire::twirp::{Code, TwirpError};
use serde::Serialize;

use super::{
    call::{internal, may_record},
    files::{no_file, serve},
};
use crate::{
    egresses::Egresses,
    info::has_ended,
    record::files::{TIMELINE, TRACKS},
};

const PIECE: usize = 64 * 1024;

/// One file.
#[derive(Debug, PartialEq, Serialize)]
pub struct TrackFile {
    name: String,
    /// In bytes.
    size: u64,
    crc32: u32,
}

/// `GET /egress/{id}/tracks`: the track files and the timeline, by name.
pub async fn list(
    State(egresses): State<Arc<Egresses>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Vec<TrackFile>>, TwirpError> {
    let folder = folder(&egresses, &id, &headers)?;
    let read = tokio::task::spawn_blocking(move || all(&folder));
    match read.await.map_err(internal)? {
        Ok(files) => Ok(Json(files)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(no_file()),
        Err(error) => Err(internal(error)),
    }
}

/// `GET /egress/{id}/tracks/{name}`: one of them.
pub async fn read(
    State(egresses): State<Arc<Egresses>>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, TwirpError> {
    let folder = folder(&egresses, &id, &headers)?;
    let mut parts = FilePath::new(&name).components();
    let one = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
    if !one {
        return Err(no_file());
    }
    serve(&place(&folder, &name), &name, &headers).await
}

/// Of an egress that writes no track any more.
fn folder(egresses: &Egresses, id: &str, headers: &HeaderMap) -> Result<PathBuf, TwirpError> {
    may_record(egresses, headers)?;
    let egress = egresses.find(id)?;
    if !has_ended(&egress.info()) {
        return Err(TwirpError::domain(
            Code::FailedPrecondition,
            "the egress has not ended",
        ));
    }
    Ok(egresses.shared().journal.folder(id))
}

fn place(folder: &FilePath, name: &str) -> PathBuf {
    match name {
        TIMELINE => folder.join(name),
        _ => folder.join(TRACKS).join(name),
    }
}

fn all(folder: &FilePath) -> io::Result<Vec<TrackFile>> {
    let mut names = vec![TIMELINE.to_owned()];
    for entry in fs::read_dir(folder.join(TRACKS))? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort_unstable();
    let file = |name: String| {
        let (size, crc32) = sum(&place(folder, &name))?;
        Ok(TrackFile { name, size, crc32 })
    };
    names.into_iter().map(file).collect()
}

fn sum(path: &FilePath) -> io::Result<(u64, u32)> {
    let mut file = File::open(path)?;
    let (mut size, mut hasher) = (0, crc32fast::Hasher::new());
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok((size, hasher.finalize()));
        }
        hasher.update(&piece[..length]);
        size += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_track_and_the_timeline_are_told_with_their_sums() {
        let folder = tempfile::tempdir().unwrap();
        assert!(all(folder.path()).is_err());
        fs::create_dir(folder.path().join(TRACKS)).unwrap();
        let write = |name: &str, text: &str| fs::write(place(folder.path(), name), text).unwrap();
        write(TIMELINE, "{}\n");
        write("TR_a.0.webm", "123456789");
        let files = all(folder.path()).unwrap();
        let told: Vec<_> = files.iter().map(|file| (&*file.name, file.size)).collect();
        assert_eq!(told, [("TR_a.0.webm", 9), (TIMELINE, 3)]);
        assert_eq!(files[0].crc32, 0xCBF4_3926);
    }
}
