//! The first second of a stream: whether it has sound and pictures, and of which codec; an encoder says so by sending them. It
//! must not know what is made of them.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    flv,
    rtmp::{Connection, Kind, Media, RtmpError},
};

/// Encoders with both send the one soon after the other.
const SECOND_WITHIN: Duration = Duration::from_millis(1500);
/// Pictures that wait for sound that does not come.
const MOST_BYTES: usize = 4 << 20;

/// What a stream has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Opening {
    pub sound: bool,
    pub picture: bool,
    /// Of the pictures.
    pub is_h264: bool,
}

impl Opening {
    fn hear(&mut self, media: &Media) {
        match media.kind {
            Kind::Sound => self.sound = true,
            Kind::Picture => {
                self.picture = true;
                self.is_h264 |= flv::is_h264(media);
            }
        }
    }
}

/// What the stream has, and what came meanwhile; `None` where it ended before anything came.
pub async fn listen(
    connection: &mut Connection,
) -> Result<Option<(Opening, Vec<Media>)>, RtmpError> {
    let Some(first) = connection.next_media().await? else {
        return Ok(None);
    };
    let until = Instant::now() + SECOND_WITHIN;
    let mut opening = Opening::default();
    opening.hear(&first);
    let mut bytes = first.data.len();
    let mut came = vec![first];
    while !(opening.sound && opening.picture) && bytes < MOST_BYTES {
        match timeout_at(until, connection.next_media()).await {
            // The end is met again by whoever reads on.
            Err(_) | Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(error),
            Ok(Ok(Some(media))) => {
                opening.hear(&media);
                bytes += media.data.len();
                came.push(media);
            }
        }
    }
    Ok(Some((opening, came)))
}
