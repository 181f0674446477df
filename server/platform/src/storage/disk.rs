//! A folder as a store: parts are written into one file beside the others, which gets its name when it is whole.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use nix::sys::statvfs::statvfs;
use tokio::task::spawn_blocking;

use super::{
    ByteRange, Checksum, Doing, ObjectStore, Part, Pieces, Presented, StoreError, Stored, Upload,
};

/// What files on their way in end with.
const UNFINISHED: &str = ".part";
/// Read and sent at a time.
const PIECE: usize = 256 * 1024;

/// A folder.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    pub fn new(folder: PathBuf) -> Disk {
        Disk { folder }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key)
    }

    fn unfinished(&self, upload: &Upload) -> PathBuf {
        self.path(&format!("{}{UNFINISHED}", upload.key))
    }

    fn run<T: Send + 'static>(
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Doing<'static, T> {
        async move {
            let done = spawn_blocking(work).await;
            done.unwrap_or_else(|panic| Err(StoreError::Unavailable(panic.to_string())))
        }
        .boxed()
    }
}

impl ObjectStore for Disk {
    fn begin<'a>(&'a self, key: &'a str, _media_type: &'a str) -> Doing<'a, String> {
        let path = self.path(&format!("{key}{UNFINISHED}"));
        Disk::run(move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            File::create(&path)
                .and_then(|file| file.sync_all())
                .map_err(failed)?;
            // The file itself is the upload.
            Ok("file".to_owned())
        })
    }

    fn arrived<'a>(&'a self, upload: &'a Upload) -> Doing<'a, u64> {
        let path = self.unfinished(upload);
        Disk::run(move || match fs::metadata(path) {
            Ok(found) => Ok(found.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoSuchUpload),
            Err(error) => Err(failed(error)),
        })
    }

    fn put<'a>(&'a self, upload: &'a Upload, part: Part) -> Doing<'a, ()> {
        let path = self.unfinished(upload);
        let at = u64::from(part.number - 1) * upload.part_size;
        Disk::run(move || {
            let file = File::options().read(true).write(true).open(path);
            let file = file.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => StoreError::NoSuchUpload,
                _ => failed(error),
            })?;
            file.write_all_at(&part.bytes, at).map_err(failed)?;
            file.sync_data().map_err(failed)
        })
    }

    fn complete<'a>(&'a self, upload: &'a Upload, whole: Checksum) -> Doing<'a, ()> {
        let (unfinished, path) = (self.unfinished(upload), self.path(&upload.key));
        Disk::run(move || {
            let from = if unfinished.exists() {
                &unfinished
            } else {
                &path
            };
            let found = checksum(from)?;
            if found != whole {
                return Err(StoreError::Corrupt(format!(
                    "{} bytes of {}, or others",
                    found.size, whole.size
                )));
            }
            if from == &unfinished {
                fs::rename(&unfinished, &path).map_err(failed)?;
                if let Some(folder) = path.parent() {
                    File::open(folder)
                        .and_then(|folder| folder.sync_all())
                        .map_err(failed)?;
                }
            }
            Ok(())
        })
    }

    fn abort<'a>(&'a self, upload: &'a Upload) -> Doing<'a, ()> {
        let path = self.unfinished(upload);
        Disk::run(move || remove(&path))
    }

    fn look<'a>(&'a self, key: &'a str) -> Doing<'a, Stored> {
        let path = self.path(key);
        Disk::run(move || {
            let found = fs::metadata(path).map_err(failed)?;
            Ok(Stored {
                size: found.len(),
                crc32: None,
            })
        })
    }

    fn read<'a>(&'a self, key: &'a str, range: ByteRange) -> Doing<'a, Pieces> {
        let path = self.path(key);
        async move {
            let open = move || {
                let mut file = File::open(path).map_err(failed)?;
                file.seek(SeekFrom::Start(range.first)).map_err(failed)?;
                Ok(file)
            };
            let file = Disk::run(open).await?;
            let pieces =
                stream::try_unfold((file, range.length()), |(mut file, left)| async move {
                    if left == 0 {
                        return Ok(None);
                    }
                    let read = move || {
                        let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
                        let mut piece = vec![0; length];
                        file.read_exact(&mut piece).map_err(failed)?;
                        Ok((Bytes::from(piece), file))
                    };
                    let (piece, file) = Disk::run(read).await?;
                    let left = left - piece.len() as u64;
                    Ok(Some((piece, (file, left))))
                });
            Ok(pieces.boxed())
        }
        .boxed()
    }

    fn link<'a>(
        &'a self,
        _key: &'a str,
        _presented: Presented<'a>,
        _lifetime: Duration,
    ) -> Doing<'a, Option<String>> {
        async { Ok(None) }.boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()> {
        let path = self.path(key);
        Disk::run(move || {
            remove(&path)?;
            // The room's folder, when this was its last file.
            if let Some(folder) = path.parent() {
                drop(fs::remove_dir(folder));
            }
            Ok(())
        })
    }

    fn sweep(&self, before: SystemTime) -> Doing<'_, ()> {
        let folder = self.folder.clone();
        Disk::run(move || sweep(&folder, before))
    }

    fn check(&self) -> Doing<'_, ()> {
        let folder = self.folder.clone();
        Disk::run(move || {
            fs::create_dir_all(&folder).map_err(failed)?;
            let probe = folder.join(".convoke-probe");
            File::create(&probe)
                .and_then(|mut file| file.write_all(b"x"))
                .map_err(failed)?;
            remove(&probe)
        })
    }
}

fn checksum(path: &Path) -> Result<Checksum, StoreError> {
    let mut file = File::open(path).map_err(failed)?;
    let mut piece = vec![0; PIECE];
    let mut sum = Checksum::default();
    loop {
        match file.read(&mut piece).map_err(failed)? {
            0 => return Ok(sum),
            read => sum = sum.and(&piece[..read]),
        }
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Unfinished files are in the rooms' folders, one level down.
fn sweep(folder: &Path, before: SystemTime) -> Result<(), StoreError> {
    let Ok(rooms) = fs::read_dir(folder) else {
        return Ok(());
    };
    for room in rooms.flatten() {
        for file in fs::read_dir(room.path()).into_iter().flatten().flatten() {
            let unfinished = file.file_name().to_string_lossy().ends_with(UNFINISHED);
            let changed = file.metadata().and_then(|found| found.modified());
            if unfinished && changed.is_ok_and(|at| at < before) {
                remove(&file.path())?;
            }
        }
    }
    Ok(())
}

/// Bytes that are free for us where `folder` is; where it is not yet, where it will be.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|path| path.exists())?;
    let found = statvfs(there).ok()?;
    Some(found.blocks_available() * found.fragment_size())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn failed(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::Full(error.to_string())
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::Refused(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}
