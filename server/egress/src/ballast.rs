//! Space that is kept for the moment when there is none: what is recorded is then finished and written down with it. It must not
//! know what is recorded.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::disk_space;

/// Enough for the indexes of many films and their egresses' folders.
const LARGEST: u64 = 64 << 20;
/// Of a small disk.
const SHARE: u64 = 16;
const PIECE: usize = 1 << 20;

/// A file that takes room, and gives it back.
#[derive(Debug)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// In the folder of all egresses; nothing is written yet.
    pub fn in_folder(folder: &Path) -> Ballast {
        Ballast {
            path: folder.join("ballast"),
        }
    }

    /// Takes the room, unless it has it. A kill in the middle leaves a smaller one, which is as good.
    pub fn lay(&self) -> io::Result<()> {
        if self.path.exists() {
            return Ok(());
        }
        let free = disk_space::free(self.path.parent().unwrap_or(Path::new(".")))?;
        let size = LARGEST.min(free / SHARE);
        // Zeros could be left out by the file system.
        let piece: Vec<u8> = (0..PIECE)
            .map(|at| u8::try_from(at * 31 % 251).unwrap_or_default())
            .collect();
        let mut file = File::create(&self.path)?;
        for _ in 0..size / PIECE as u64 {
            file.write_all(&piece)?;
        }
        Ok(())
    }

    /// Gives the room back; whether there was any.
    pub fn give_back(&self) -> bool {
        match fs::remove_file(&self.path) {
            Ok(()) => {
                tracing::warn!("the disk is full: the room kept for this moment is given back");
                true
            }
            Err(_) => false,
        }
    }
}

/// Whether nothing fits any more.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_room_once_and_gives_it_back_once() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::in_folder(folder.path());
        ballast.lay().unwrap();
        let size = fs::metadata(folder.path().join("ballast")).unwrap().len();
        assert!(size > 0 && size <= LARGEST, "{size}");
        ballast.lay().unwrap();
        assert!(ballast.give_back());
        assert!(!ballast.give_back());
    }
}
