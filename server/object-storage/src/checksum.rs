//! What tells two files apart: their size and CRC-32, in the forms that stores speak.

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};

/// Size and CRC-32 of bytes; of bytes that come one after the other, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checksum {
    /// In bytes.
    pub size: u64,
    /// Of all of them.
    pub crc32: u32,
}

impl Checksum {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Checksum {
        Checksum::default().and(bytes)
    }

    /// Of what it is of, and these bytes after it.
    #[must_use]
    pub fn and(self, bytes: &[u8]) -> Checksum {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.crc32);
        hasher.update(bytes);
        Checksum {
            size: self.size + bytes.len() as u64,
            crc32: hasher.finalize(),
        }
    }
}

/// As S3 writes it.
pub fn to_base64(crc32: u32) -> String {
    STANDARD.encode(crc32.to_be_bytes())
}

/// As S3 wrote it; of a checksum of checksums (`…-3`) nothing is known.
pub fn from_base64(text: &str) -> Option<u32> {
    let bytes: [u8; 4] = STANDARD.decode(text).ok()?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

/// What an ETag says, where it is one of the usual two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETag {
    /// MD5 of the bytes.
    OfBytes([u8; 16]),
    /// MD5 of the parts' MD5s, and how many there were.
    OfParts([u8; 16], usize),
}

impl ETag {
    pub fn read(text: &str) -> Option<ETag> {
        let text = text.trim_matches('"');
        match text.split_once('-') {
            None => Some(ETag::OfBytes(from_hex(text)?)),
            Some((hex, parts)) => Some(ETag::OfParts(from_hex(hex)?, parts.parse().ok()?)),
        }
    }
}

/// MD5 of these bytes.
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_checksum_of_the_whole() {
        let whole = Checksum::of(b"123456789");
        assert_eq!((whole.size, whole.crc32), (9, 0xcbf4_3926));
        assert_eq!(Checksum::of(b"1234").and(b"56789"), whole);
        assert_eq!(to_base64(whole.crc32), "y/Q5Jg==");
        assert_eq!(from_base64("y/Q5Jg=="), Some(whole.crc32));
        assert_eq!(from_base64("y/Q5Jg==-3"), None);
    }

    #[test]
    fn an_etag_is_understood_where_it_is_of_the_usual_form() {
        let empty = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        assert_eq!(ETag::read(empty), Some(ETag::OfBytes(md5(b""))));
        let parts = "d41d8cd98f00b204e9800998ecf8427e-12";
        assert_eq!(ETag::read(parts), Some(ETag::OfParts(md5(b""), 12)));
        for other in [
            "",
            "\"abc\"",
            "W/\"1\"",
            "d41d8cd98f00b204e9800998ecf8427ex",
            "ü",
        ] {
            assert_eq!(ETag::read(other), None, "{other}");
        }
    }
}
