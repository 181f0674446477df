//! Reads an archive, and believes nothing of it.

use std::{
    collections::BTreeMap,
    fs::{DirBuilder, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tar::{Archive, Entry};
use thiserror::Error;

use super::{ABOUT, About, CHECKSUMS, FORMAT, hex};

/// No text of ours is longer.
const LONGEST_TEXT: u64 = 64 * 1024 * 1024;

/// Why an archive is not unpacked. Each is a sentence about "it", the file.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Something else.
    #[error("it is no backup of Convoke")]
    NoBackup,
    /// Of a later Convoke.
    #[error(
        "it was made by Convoke {0}, in a format that this one does not know: take that version or a newer one"
    )]
    Format(String),
    /// Less than was written.
    #[error("it is cut off: not all of it arrived")]
    CutOff,
    /// Other than what was written.
    #[error("{0} in it is damaged: its checksum differs")]
    Differs(String),
    /// Not of our making.
    #[error("{0:?} in it leads out of it")]
    LeadsOut(String),
    /// Nothing that a backup holds, but perhaps something that a site would trust.
    #[error("{0:?} in it is nothing that a backup holds")]
    Strange(String),
    /// The archive cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[source] io::Error),
    /// What is in it cannot be written.
    #[error("cannot write {0}: {1}")]
    Write(String, #[source] io::Error),
}

/// Unpacks an archive into the folder that `place` names once it knows what the archive is. `may_hold` says which names it
/// may put there, of files and of folders. What is there afterwards, and on the disk, is what was put in; after an error it
/// is anything.
pub fn unpack(
    source: impl Read,
    may_hold: impl Fn(&str) -> bool,
    place: impl FnOnce(&About) -> anyhow::Result<PathBuf>,
) -> anyhow::Result<About> {
    let mut archive = Archive::new(source);
    let mut entries = archive.entries().map_err(ArchiveError::Read)?;
    let first = entries.next().and_then(Result::ok);
    let first = first.ok_or(ArchiveError::NoBackup)?;
    let (about, sum) = about(first)?;
    let folder = place(&about)?;
    let mut unpacked = BTreeMap::from([(ABOUT.to_owned(), sum)]);
    let mut checksums = None;
    for entry in entries {
        let mut entry = entry.map_err(read_error)?;
        let name = name_of(&entry)?;
        if name == CHECKSUMS {
            checksums = Some(text(&mut entry)?.0);
            break;
        }
        let top = name.split('/').next().unwrap_or_default();
        if !may_hold(top) {
            return Err(ArchiveError::Strange(name).into());
        }
        let sum = write(&mut entry, &name, &folder)?;
        unpacked.insert(name, sum);
    }
    let checksums = checksums.ok_or(ArchiveError::CutOff)?;
    compare(&checksums, unpacked)?;
    Ok(about)
}

/// What all formats have.
#[derive(serde::Deserialize)]
struct Any {
    format: u32,
    version: String,
}

fn about(mut first: Entry<'_, impl Read>) -> Result<(About, String), ArchiveError> {
    if first.path_bytes() != ABOUT.as_bytes() {
        return Err(ArchiveError::NoBackup);
    }
    let (text, sum) = text(&mut first)?;
    let any: Any = serde_json::from_str(&text).map_err(|_| ArchiveError::NoBackup)?;
    if any.format != FORMAT {
        return Err(ArchiveError::Format(any.version));
    }
    let about = serde_json::from_str(&text).map_err(|_| ArchiveError::NoBackup)?;
    Ok((about, sum))
}

/// A plain file's name that stays within the folder.
fn name_of(entry: &Entry<'_, impl Read>) -> Result<String, ArchiveError> {
    let bytes = entry.path_bytes();
    let name = String::from_utf8_lossy(&bytes).into_owned();
    let stays = Path::new(&name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if stays && !name.is_empty() && entry.header().entry_type().is_file() {
        Ok(name)
    } else {
        Err(ArchiveError::LeadsOut(name))
    }
}

fn write(
    entry: &mut Entry<'_, impl Read>,
    name: &str,
    folder: &Path,
) -> Result<String, ArchiveError> {
    let write_error = |error| ArchiveError::Write(name.to_owned(), error);
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        let mut make = DirBuilder::new();
        let made = make.recursive(true).mode(0o700).create(parent);
        made.map_err(write_error)?;
    }
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(&path).map_err(write_error)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = entry.read(&mut buffer).map_err(read_error)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        file.write_all(&buffer[..count]).map_err(write_error)?;
    }
    if file.metadata().map_err(write_error)?.len() != entry.size() {
        return Err(ArchiveError::CutOff);
    }
    file.sync_all().map_err(write_error)?;
    Ok(hex(&hash.finalize()))
}

fn text(entry: &mut Entry<'_, impl Read>) -> Result<(String, String), ArchiveError> {
    let mut text = String::new();
    let read = entry.take(LONGEST_TEXT).read_to_string(&mut text);
    if read.map_err(read_error)? as u64 != entry.size() {
        return Err(ArchiveError::CutOff);
    }
    let sum = hex(&Sha256::digest(&text));
    Ok((text, sum))
}

fn compare(checksums: &str, mut unpacked: BTreeMap<String, String>) -> Result<(), ArchiveError> {
    for line in checksums.lines() {
        let Some((sum, name)) = line.split_once("  ") else {
            return Err(ArchiveError::Differs(CHECKSUMS.to_owned()));
        };
        match unpacked.remove(name) {
            Some(ours) if ours == sum => {}
            Some(_) => return Err(ArchiveError::Differs(name.to_owned())),
            None => return Err(ArchiveError::CutOff),
        }
    }
    match unpacked.into_keys().next() {
        Some(unknown) => Err(ArchiveError::Differs(unknown)),
        None => Ok(()),
    }
}

/// The library has its own words for an end that comes too early.
fn read_error(error: io::Error) -> ArchiveError {
    let words = error.to_string();
    let says = ["unexpected EOF", "failed to read entire block"];
    let cut_off = says.iter().any(|says| words.contains(says));
    if cut_off || error.kind() == io::ErrorKind::UnexpectedEof {
        ArchiveError::CutOff
    } else {
        ArchiveError::Read(error)
    }
}
