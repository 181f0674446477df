//! A file of the recorder's piece by piece, no faster than it is read here. It must not know what is in it.

use std::ops::Range;

use bytes::Bytes;
use futures::{Stream, stream};

use crate::{
    app::App,
    livekit::egress::{FileError, RecorderFile},
};

const PIECE: u64 = 1024 * 1024;

/// These bytes of the file.
pub fn pieces(
    app: App,
    file: RecorderFile,
    bytes: Range<u64>,
) -> impl Stream<Item = Result<Bytes, FileError>> {
    stream::try_unfold(bytes.start, move |at| {
        let (app, file) = (app.clone(), file.clone());
        async move {
            let left = bytes.end.saturating_sub(at);
            if left == 0 {
                return Ok(None);
            }
            let recorder = app.recorder.as_ref().ok_or(FileError::Gone)?;
            let piece = recorder.read(&file, at, left.min(PIECE), app.now());
            let bytes = piece.await?.bytes;
            let next = at + bytes.len() as u64;
            Ok(Some((bytes, next)))
        }
    })
}
