//! Feeds an ffmpeg what an encoder sends. One that takes nothing is no use; an encoder that is too fast waits.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, process::ChildStdin, time::timeout};

use crate::{
    encoder::Order,
    encoding::Pictures,
    flv,
    rtmp::{Connection, Media},
};

/// ffmpeg waits for the room, which takes what it is given: this long only something that hangs takes nothing.
const HANGS_AFTER: Duration = Duration::from_secs(20);
const REORDERED: &str = "the pictures have B-frames, which calls cannot show: switch them off in the encoder, or transcoding on in the ingress";
const NOT_H264: &str =
    "the pictures are not H.264: set that in the encoder, or transcoding on in the ingress";

/// How feeding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// The encoder has ended.
    All,
    /// ffmpeg takes no more.
    Refused,
}

/// Feeds what came already and what comes.
pub async fn feed(
    connection: &mut Connection,
    mut input: ChildStdin,
    order: Order,
    came: Vec<Media>,
) -> Result<Fed, String> {
    let copies = order.opening.picture && order.pictures == Pictures::Copied;
    if copies && !order.opening.is_h264 {
        return Err(NOT_H264.to_owned());
    }
    let mut order_of_pictures = InOrder::default();
    if !write(&mut input, &flv::head(order.opening)).await? {
        return Ok(Fed::Refused);
    }
    let mut came = came.into_iter();
    loop {
        let media = match came.next() {
            Some(media) => media,
            None => match connection.next_media().await {
                Ok(Some(media)) => media,
                Ok(None) => return Ok(Fed::All),
                Err(error) => return Err(error.to_string()),
            },
        };
        if copies && !order_of_pictures.takes(&media) {
            return Err(REORDERED.to_owned());
        }
        if !write(&mut input, &flv::tag(&media)).await? {
            return Ok(Fed::Refused);
        }
    }
}

/// Whether it was taken.
async fn write(input: &mut ChildStdin, bytes: &[u8]) -> Result<bool, String> {
    match timeout(HANGS_AFTER, input.write_all(bytes)).await {
        Ok(written) => Ok(written.is_ok()),
        Err(_) => Err("ffmpeg hangs".to_owned()),
    }
}

/// Pictures that are shown in the order in which they are decoded.
#[derive(Debug, Default)]
struct InOrder {
    last: Option<i64>,
}

impl InOrder {
    fn takes(&mut self, media: &Media) -> bool {
        let Some(after) = flv::shown_after(media) else {
            return true;
        };
        let shown = i64::from(media.at) + i64::from(after);
        // A clock that begins anew is no order.
        let is_before = self
            .last
            .is_some_and(|last| shown < last && last - shown < 1_000);
        self.last = Some(shown);
        !is_before
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::rtmp::Kind;

    #[test]
    fn pictures_out_of_order_are_found_and_a_constant_delay_is_none() {
        let picture = |at, after: u8| Media {
            kind: Kind::Picture,
            at,
            data: Bytes::copy_from_slice(&[0x27, 1, 0, 0, after, 0]),
        };
        let mut delayed = InOrder::default();
        assert!((0..9).all(|frame| delayed.takes(&picture(frame * 33, 66))));
        assert!(delayed.takes(&picture(900_000, 66)));
        assert!(delayed.takes(&picture(0, 66)), "the encoder began anew");
        let mut reordered = InOrder::default();
        assert!(reordered.takes(&picture(0, 66)) && reordered.takes(&picture(33, 132)));
        assert!(!reordered.takes(&picture(66, 33)));
    }
}
