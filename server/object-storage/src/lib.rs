//! Places for large files behind one trait, and a bucket of an S3-compatible store as one of them. A file comes in parts, so
//! that whoever brings it may be killed at any moment; it is there when its checksum agreed. It must not know what is kept, nor
//! who keeps it.

mod bucket;
mod checksum;
mod file;
mod settings;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};
use http_edge::ByteRange;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use bucket::Bucket;
pub use checksum::Checksum;
pub use file::{SendError, Sent, send_file};
pub use settings::{Labels, Settings};

/// What keeping can fail with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The upload is unknown: it was never begun, is complete, or was swept away.
    #[error("the upload is not there")]
    NoSuchUpload,
    /// No file of this name.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What it holds.
    pub bytes: Bytes,
}

/// What the store says of a file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// In bytes.
    pub size: u64,
    /// Where the store knows it.
    pub crc32: Option<u32>,
}

/// How a browser is to take a file.
#[derive(Debug, Clone)]
pub struct Presented<'a> {
    /// What it is.
    pub media_type: &'a str,
    /// `Content-Disposition`.
    pub disposition: &'a str,
}

/// Pieces of a file, one after the other.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

/// What a place is doing.
pub type Doing<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

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
