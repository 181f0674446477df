//! Where large files are kept: a folder or a bucket, as the configuration names them. It must not know what is kept.

mod disk;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use disk::free_bytes;
pub use http_edge::{ByteRange, Wanted, wanted};
use object_storage::{Bucket, Doing, Labels, Pieces, Settings};
pub use object_storage::{Checksum, ObjectStore, Part, Presented, StoreError, Stored, Upload};

use crate::config::{Recordings, S3, StorageKind};

/// The stores that the configuration names: one takes new files in, the other may have older ones.
pub struct Stores {
    kind: StorageKind,
    folder: PathBuf,
    disk: disk::Disk,
    bucket: Option<Bucket>,
}

impl Stores {
    /// Opens no connection.
    pub fn new(config: &Recordings, data_dir: &Path) -> Stores {
        let folder = config.folder(data_dir);
        let s3 = &config.storage.s3;
        let is_named = !s3.bucket.is_empty() && s3.access_key.is_some() && s3.secret_key.is_some();
        Stores {
            kind: config.storage.kind,
            disk: disk::Disk::new(folder.clone()),
            folder,
            bucket: is_named.then(|| Bucket::new(&settings(s3))),
        }
    }

    /// Which one takes new files in.
    pub fn kind(&self) -> StorageKind {
        self.kind
    }

    /// The store of this kind; `None`: it is not named any more.
    pub fn of(&self, kind: StorageKind) -> Option<&dyn ObjectStore> {
        match kind {
            StorageKind::Disk => Some(&self.disk),
            StorageKind::S3 => self
                .bucket
                .as_ref()
                .map(|bucket| bucket as &dyn ObjectStore),
        }
    }

    /// Bytes that are free on the disk of the folder.
    pub fn free_bytes(&self) -> Option<u64> {
        disk::free_bytes(&self.folder)
    }

    /// Bytes that are free where films go, if that is a disk.
    pub fn films_free_bytes(&self) -> Option<u64> {
        match self.kind {
            StorageKind::Disk => self.free_bytes(),
            StorageKind::S3 => None,
        }
    }

    /// The origin that links lead to, for the page's policy.
    pub fn origin(&self) -> Option<&str> {
        self.bucket.as_ref().and_then(Bucket::origin)
    }
}

/// The bucket as the configuration names it.
fn settings(config: &S3) -> Settings {
    Settings {
        endpoint: config.endpoint.clone(),
        region: config.region.clone(),
        bucket: config.bucket.clone(),
        prefix: config.prefix.clone(),
        access_key: config.access_key.clone().unwrap_or_default(),
        secret_key: config.secret_key.clone().unwrap_or_default(),
        session_token: None,
        in_the_path: config.in_the_path(),
        checksums: config.checksums,
        proxy: config.proxy,
        labels: Labels::default(),
    }
}
