//! FLV, in which RTMP's media is what it is: the file's head and tags, and what a tag says of its codec. It must not know who
//! reads it.

use crate::{
    opening::Opening,
    rtmp::{Kind, Media},
};

const SOUND: u8 = 8;
const PICTURE: u8 = 9;
const H264: u8 = 7;
/// Of a picture tag of H.264: its decoder's configuration comes before all pictures, this comes with each.
const PICTURE_FOLLOWS: u8 = 1;

/// The head of a file with these kinds of tags.
pub fn head(opening: Opening) -> [u8; 13] {
    let flags = u8::from(opening.sound) << 2 | u8::from(opening.picture);
    [b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]
}

/// A tag, with its length behind it.
pub fn tag(media: &Media) -> Vec<u8> {
    let length = u32::try_from(media.data.len()).unwrap_or(u32::MAX) & 0x00FF_FFFF;
    let [highest, rest @ ..] = media.at.to_be_bytes();
    let mut tag = Vec::with_capacity(media.data.len() + 15);
    tag.push(match media.kind {
        Kind::Sound => SOUND,
        Kind::Picture => PICTURE,
    });
    tag.extend_from_slice(&length.to_be_bytes()[1..]);
    tag.extend_from_slice(&rest);
    tag.extend_from_slice(&[highest, 0, 0, 0]);
    tag.extend_from_slice(&media.data);
    tag.extend_from_slice(&(length + 11).to_be_bytes());
    tag
}

/// Whether a picture is H.264.
pub fn is_h264(media: &Media) -> bool {
    media.data.first().is_some_and(|first| first & 0x8F == H264)
}

/// How much later than it is decoded a picture of H.264 is shown, in milliseconds.
pub fn shown_after(media: &Media) -> Option<i32> {
    match media.data[..] {
        [_, PICTURE_FOLLOWS, high, middle, low, ..] if is_h264(media) => {
            let shifted = i32::from_be_bytes([high, middle, low, 0]);
            Some(shifted >> 8)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn picture(data: &'static [u8]) -> Media {
        Media {
            kind: Kind::Picture,
            at: 0x0102_0304,
            data: Bytes::from_static(data),
        }
    }

    #[test]
    fn a_tag_carries_its_time_and_its_length() {
        let tag = tag(&picture(&[0x27, 1, 0, 0, 0]));
        assert_eq!(
            tag,
            [
                9, 0, 0, 5, 2, 3, 4, 1, 0, 0, 0, 0x27, 1, 0, 0, 0, 0, 0, 0, 16
            ]
        );
        let opening = Opening {
            sound: true,
            picture: false,
            is_h264: false,
        };
        assert_eq!(head(opening)[4], 4);
    }

    #[test]
    fn a_picture_says_when_it_is_shown_and_an_enhanced_one_is_no_h264() {
        assert_eq!(shown_after(&picture(&[0x27, 1, 0, 0, 40, 9])), Some(40));
        assert_eq!(
            shown_after(&picture(&[0x27, 1, 0xFF, 0xFF, 0xFE, 9])),
            Some(-2)
        );
        assert_eq!(shown_after(&picture(&[0x27, 0, 0, 0, 40, 9])), None);
        assert!(is_h264(&picture(&[0x17])) && !is_h264(&picture(&[0x97])));
        assert!(!is_h264(&picture(&[])));
    }
}
