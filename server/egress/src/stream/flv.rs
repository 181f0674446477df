//! The tags of an FLV (Adobe's Video File Format 10.1, annex E): where one begins, and which ones whoever comes later needs. It
//! must not decode.

use std::sync::Arc;

/// What an FLV with sound and pictures begins with.
pub const HEAD: &[u8] = &[b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];
const TAG_HEAD: usize = 11;
const SIZE_BEFORE: usize = 4;
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const SCRIPT: u8 = 18;

/// What a tag is to whoever comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is known of the whole stream.
    About,
    /// What a decoder of pictures needs first.
    PictureHead,
    /// What a decoder of sound needs first.
    SoundHead,
    /// One may begin here, after the heads.
    Keyframe,
    /// It follows others.
    Picture,
    Sound,
}

/// A tag with all its bytes.
#[derive(Debug, Clone)]
pub struct Tag {
    pub kind: Kind,
    pub bytes: Arc<[u8]>,
}

/// Cuts what an encoder makes into tags.
#[derive(Debug, Default)]
pub struct Tags {
    bytes: Vec<u8>,
    begun: bool,
}

impl Tags {
    /// Takes what came; the tags that are whole by now.
    pub fn take(&mut self, more: &[u8]) -> Vec<Tag> {
        self.bytes.extend_from_slice(more);
        let mut position = 0;
        if !self.begun {
            if self.bytes.len() < HEAD.len() {
                return Vec::new();
            }
            self.begun = true;
            position = HEAD.len();
        }
        let mut tags = Vec::new();
        while let Some((tag, length)) = tag(&self.bytes[position..]) {
            position += length;
            tags.extend(tag);
        }
        self.bytes.drain(..position);
        tags
    }
}

/// The tag that `bytes` begin with, if it is of use, and its length.
fn tag(bytes: &[u8]) -> Option<(Option<Tag>, usize)> {
    let [kind, high, middle, low, ..] = bytes else {
        return None;
    };
    let size = u32::from_be_bytes([0, *high, *middle, *low]);
    let length = TAG_HEAD + usize::try_from(size).ok()? + SIZE_BEFORE;
    let whole = bytes.get(..length)?;
    let content = &whole[TAG_HEAD..length - SIZE_BEFORE];
    let kind = kind_of(*kind, content);
    let bytes = whole.into();
    Some((kind.map(|kind| Tag { kind, bytes }), length))
}

fn kind_of(kind: u8, content: &[u8]) -> Option<Kind> {
    match (kind, content) {
        (SCRIPT, _) => Some(Kind::About),
        (AUDIO, [_, 0, ..]) => Some(Kind::SoundHead),
        (AUDIO, _) => Some(Kind::Sound),
        (VIDEO, [_, 0, ..]) => Some(Kind::PictureHead),
        (VIDEO, [first, ..]) if first >> 4 == 1 => Some(Kind::Keyframe),
        (VIDEO, _) => Some(Kind::Picture),
        _ => None,
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A tag's bytes.
    pub fn bytes(kind: u8, content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len()).unwrap().to_be_bytes();
        let head = [kind, size[1], size[2], size[3], 0, 0, 0, 0, 0, 0, 0];
        let length = u32::try_from(content.len() + 11).unwrap().to_be_bytes();
        [&head[..], content, &length].concat()
    }

    #[test]
    fn tags_are_known_however_they_come() {
        let stream = [
            HEAD.to_vec(),
            bytes(18, b"onMetaData"),
            bytes(9, &[0x17, 0, 1]),
            bytes(8, &[0xAF, 0, 1]),
            bytes(9, &[0x17, 1, 1]),
            bytes(8, &[0xAF, 1, 1]),
            bytes(9, &[0x27, 1, 1]),
        ]
        .concat();
        let kinds = [
            Kind::About,
            Kind::PictureHead,
            Kind::SoundHead,
            Kind::Keyframe,
            Kind::Sound,
            Kind::Picture,
        ];
        for step in [1, 7, stream.len()] {
            let mut tags = Tags::default();
            let cut: Vec<_> = stream
                .chunks(step)
                .flat_map(|more| tags.take(more))
                .collect();
            let found: Vec<_> = cut.iter().map(|tag| tag.kind).collect();
            assert_eq!(found, kinds);
            let joined: Vec<u8> = cut.iter().flat_map(|tag| tag.bytes.to_vec()).collect();
            assert_eq!(joined, stream[HEAD.len()..]);
        }
    }
}
