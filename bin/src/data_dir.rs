//! The data folder: made when missing, and one server's alone.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use anyhow::Context;

use crate::replacement;

/// Held by whoever uses the folder.
pub const LOCK_FILE: &str = "convoke.lock";

/// The right to use a data folder. The system takes it back when the process ends, however that ends.
#[derive(Debug)]
pub struct DataDir {
    _lock: File,
}

impl DataDir {
    /// Makes the folder when it is missing, and refuses one that another server uses: both would write the
    /// media server's keys and configuration. A restore that was cut off is brought to its end.
    pub fn claim(path: &Path) -> anyhow::Result<DataDir> {
        let claimed = DataDir::try_claim(path)?;
        claimed.with_context(|| {
            format!(
                "another Convoke server uses the data folder {}; stop it, or give this one a folder of its own \
                 (server.data_dir)",
                path.display()
            )
        })
    }

    /// The same; `None` where another server uses it.
    pub fn try_claim(path: &Path) -> anyhow::Result<Option<DataDir>> {
        std::fs::create_dir_all(path)
            .with_context(|| format!("cannot create the data folder {}", path.display()))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .with_context(|| format!("cannot write in the data folder {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                let like = std::fs::metadata(path)?;
                replacement::own_like(&path.join(LOCK_FILE), &like)?;
                replacement::settle(path).with_context(|| {
                    format!("cannot bring a restore of {} to its end", path.display())
                })?;
                Ok(Some(DataDir { _lock: lock }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error)
                .with_context(|| format!("cannot lock the data folder {}", path.display())),
        }
    }
}

/// Whether a server uses the folder at this moment; also where it cannot be told.
pub fn is_claimed(path: &Path) -> bool {
    match File::open(path.join(LOCK_FILE)) {
        Ok(lock) => !matches!(lock.try_lock_shared(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// For whoever does not claim the folder: brings a restore that was cut off to its end, where there is one.
pub fn settle(path: &Path) -> anyhow::Result<()> {
    if replacement::is_pending(path) {
        DataDir::claim(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_belongs_to_one_server_until_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataDir::claim(&path).unwrap();
        let refusal = DataDir::claim(&path).unwrap_err().to_string();
        assert!(
            refusal.contains("another Convoke server uses the data folder"),
            "{refusal}"
        );
        assert!(is_claimed(&path));
        drop(first);
        assert!(!is_claimed(&path));
        assert!(!is_claimed(&folder.path().join("none")));
        DataDir::claim(&path).unwrap();
    }
}
