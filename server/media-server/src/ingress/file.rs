//! The file of all ingresses, which holds their stream keys: whole before or after each change, never half, and readable by
//! its owner alone. It must not know what an ingress does.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use livekit_wire::{proto::IngressInfo, secret_file};
use serde::{Deserialize, Serialize};

use super::{Ingress, IngressError};

/// The file's top level.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    ingresses: Vec<IngressInfo>,
}

pub(super) struct IngressFile {
    path: PathBuf,
}

impl IngressFile {
    /// The file and what is in it; one that is not there yet is empty.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<IngressInfo>)> {
        let kept = match fs::read(path) {
            Ok(text) => secret_file::json::<Kept>(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error),
        };
        let path = path.to_owned();
        Ok((Self { path }, kept.ingresses))
    }

    /// Writes them all; when it returns they are on the disk.
    pub async fn save(&self, all: &BTreeMap<String, Ingress>) -> Result<(), IngressError> {
        let ingresses = all.values().map(|ingress| ingress.info.clone()).collect();
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || {
            let text = serde_json::to_vec_pretty(&Kept { ingresses })?;
            write_whole(&path, &text)
        });
        written
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| IngressError::Disk(error.to_string()))
    }
}

/// Writes beside the file and moves it there: whoever is killed leaves the old one or the new one.
fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    // One that was left half has other people's rights perhaps.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = file.write_all(text).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // A full disk must not leave half a secret behind.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    fs::rename(&beside, path)?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
