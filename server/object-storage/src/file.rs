//! A file of this disk on its way into a bucket. Whoever sends it keeps what the upload is called, and goes on with it after
//! being killed; it must not know why the file goes there.

use std::{io, path::Path};

use bytes::Bytes;
use thiserror::Error;
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt},
};

use crate::{Bucket, Checksum, ObjectStore, Part, StoreError, Upload};

/// What goes at once, and what of a large file is in memory.
const PART: u64 = 8 << 20;
/// Stores take 10 000.
const MOST_PARTS: u64 = 9_000;

/// Why a file did not arrive.
#[derive(Debug, Error)]
pub enum SendError {
    /// It cannot be read here, or what the upload is called cannot be kept.
    #[error("the file cannot be sent: {0}")]
    File(#[from] io::Error),
    /// It did not arrive there.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Where it is here.
    pub path: &'a Path,
    /// What it is called there.
    pub key: &'a str,
    /// What it is.
    pub media_type: &'a str,
}

/// Sends a file and compares what arrived with it: after that the file here may go. `begun` is an upload that an earlier call
/// has begun, and `keep` keeps the one that is begun now.
pub async fn send_file(
    bucket: &Bucket,
    file: Sent<'_>,
    begun: Option<Upload>,
    mut keep: impl FnMut(&Upload) -> io::Result<()>,
) -> Result<(), SendError> {
    let size = tokio::fs::metadata(file.path).await?.len();
    if size <= PART {
        let bytes = Bytes::from(tokio::fs::read(file.path).await?);
        return Ok(bucket.put_file(file.key, file.media_type, bytes).await?);
    }
    let known = match begun {
        Some(upload) => match bucket.arrived(&upload).await {
            Ok(arrived) => Some((upload, arrived)),
            Err(StoreError::NoSuchUpload) => {
                // The answer to its completion was lost, perhaps.
                match bucket.complete(&upload, checksum(file.path).await?).await {
                    Ok(()) => return Ok(()),
                    Err(StoreError::NoSuchUpload | StoreError::Corrupt(_)) => None,
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let (upload, arrived) = if let Some(known) = known {
        known
    } else {
        let upload = Upload {
            key: file.key.to_owned(),
            id: bucket.begin(file.key, file.media_type).await?,
            part_size: part_size(size),
        };
        keep(&upload)?;
        (upload, 0)
    };
    let mut source = File::open(file.path).await?;
    let mut whole = Checksum::default();
    for number in 1.. {
        let bytes = read_part(&mut source, upload.part_size).await?;
        if bytes.is_empty() {
            break;
        }
        whole = whole.and(&bytes);
        if whole.size > arrived {
            bucket.put(&upload, Part { number, bytes }).await?;
        }
    }
    Ok(bucket.complete(&upload, whole).await?)
}

fn part_size(size: u64) -> u64 {
    size.div_ceil(MOST_PARTS).max(PART)
}

async fn checksum(path: &Path) -> io::Result<Checksum> {
    let mut source = File::open(path).await?;
    let mut whole = Checksum::default();
    loop {
        let bytes = read_part(&mut source, PART).await?;
        if bytes.is_empty() {
            return Ok(whole);
        }
        whole = whole.and(&bytes);
    }
}

async fn read_part(source: &mut (impl AsyncRead + Unpin), most: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_size_fits_into_the_parts_that_a_store_takes() {
        assert_eq!(part_size(9 << 20), PART);
        let large = 5 << 40;
        assert!(large / part_size(large) < 10_000);
    }

    #[tokio::test]
    async fn parts_are_as_long_as_asked_and_the_last_is_what_is_left() {
        let mut source: &[u8] = b"12345";
        let mut parts = Vec::new();
        for _ in 0..3 {
            parts.push(read_part(&mut source, 3).await.unwrap());
        }
        assert_eq!(parts, [&b"123"[..], b"45", b""]);
    }
}
