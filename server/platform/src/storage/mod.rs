//! Where large files are kept: a folder or a bucket behind one trait. A file comes in parts, so that whoever brings it
//! may be killed at any moment; it is there when its checksum agreed. It must not know what is kept.

mod checksum;
mod disk;
mod s3;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};
use thiserror::Error;

pub use checksum::Checksum;
pub use http_edge::{ByteRange, Wanted, wanted};

use crate::config::{Recordings, StorageKind};

/// What keeping can fail with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The upload is unknown: it was never begun, is complete, or was swept away.
    #[error("the upload is not there")]
    NoSuchUpload,
    #[error("the file is not there")]
    NotFound,
    /// What arrived is not what was sent.
    #[error("what is stored is not what was sent: {0}")]
    Corrupt(String),
    /// No room is left, on the disk or in a quota.
    #[error("no room is left: {0}")]
    Full(String),
    /// It refuses us: the key, the bucket, the rights.
    #[error("the store refuses: {0}")]
    Refused(String),
    /// It does not answer, or not now.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
}

/// A file on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What the file is called in the store.
    pub key: String,
    /// The store's own name for the upload.
    pub id: String,
    /// Of every part but the last, in bytes.
    pub part_size: u64,
}

/// One part of a file on its way in.
#[derive(Debug, Clone)]
pub struct Part {
    /// From 1 on.
    pub number: u32,
    pub bytes: Bytes,
}

/// What the store says of a file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub size: u64,
    /// Where the store knows it.
    pub crc32: Option<u32>,
}

/// How a browser is to take a file.
#[derive(Debug, Clone)]
pub struct Presented<'a> {
    pub media_type: &'a str,
    pub disposition: &'a str,
}

/// Pieces of a file, one after the other.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

type Doing<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A place for large files. Everything may be done twice.
pub trait ObjectStore: Send + Sync {
    /// Begins to take a file in; the upload's name.
    fn begin<'a>(&'a self, key: &'a str, media_type: &'a str) -> Doing<'a, String>;

    /// How many bytes of an upload are there, from its beginning on, without a hole.
    fn arrived<'a>(&'a self, upload: &'a Upload) -> Doing<'a, u64>;

    /// Takes one part in, and says that it arrived as it was sent.
    fn put<'a>(&'a self, upload: &'a Upload, part: Part) -> Doing<'a, ()>;

    /// Makes the parts one file, and says that it is what was sent: whoever has another copy may forget it.
    fn complete<'a>(&'a self, upload: &'a Upload, whole: Checksum) -> Doing<'a, ()>;

    /// Forgets an upload and its parts.
    fn abort<'a>(&'a self, upload: &'a Upload) -> Doing<'a, ()>;

    /// What is known of a file.
    fn look<'a>(&'a self, key: &'a str) -> Doing<'a, Stored>;

    /// Reads a piece of a file.
    fn read<'a>(&'a self, key: &'a str, range: ByteRange) -> Doing<'a, Pieces>;

    /// An address where a browser fetches the file itself for so long; `None`: it must come through us.
    fn link<'a>(
        &'a self,
        key: &'a str,
        presented: Presented<'a>,
        lifetime: Duration,
    ) -> Doing<'a, Option<String>>;

    /// Deletes a file; one that is not there is deleted.
    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()>;

    /// Forgets uploads that nobody went on with since then.
    fn sweep(&self, before: SystemTime) -> Doing<'_, ()>;

    /// Whether a file could be taken in now.
    fn check(&self) -> Doing<'_, ()>;
}

/// The stores that the configuration names: one takes new files in, the other may have older ones.
pub struct Stores {
    kind: StorageKind,
    folder: PathBuf,
    disk: disk::Disk,
    bucket: Option<s3::Bucket>,
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
            bucket: is_named.then(|| s3::Bucket::new(s3)),
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

    /// The origin that links lead to, for the page's policy.
    pub fn origin(&self) -> Option<&str> {
        self.bucket.as_ref().and_then(s3::Bucket::origin)
    }
}
