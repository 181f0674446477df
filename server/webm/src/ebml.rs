//! EBML's elements, written into memory and read from it (RFC 8794). It must not know what an element means.

/// A size that says: to the end of the file. Eight bytes, so that it can be replaced by a known one.
pub const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// Appends an element id; ids carry their own length marker.
pub fn put_id(out: &mut Vec<u8>, id: u32) {
    let bytes = id.to_be_bytes();
    let skip = bytes.iter().take_while(|byte| **byte == 0).count();
    out.extend_from_slice(&bytes[skip..]);
}

/// Appends a size in as few bytes as it needs.
pub fn put_size(out: &mut Vec<u8>, size: u64) {
    // All ones of a length mean "unknown".
    let length = (1..8)
        .find(|length| size < (1 << (7 * length)) - 1)
        .unwrap_or(8);
    put_size_in(out, size, length);
}

/// Appends a size in eight bytes.
pub fn put_long_size(out: &mut Vec<u8>, size: u64) {
    put_size_in(out, size, 8);
}

fn put_size_in(out: &mut Vec<u8>, size: u64, length: usize) {
    let marked = size | 1 << (7 * length);
    out.extend_from_slice(&marked.to_be_bytes()[8 - length..]);
}

/// Appends an unsigned integer in as few bytes as it needs.
pub fn put_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    let bytes = value.to_be_bytes();
    let skip = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    put_bytes(out, id, &bytes[skip..]);
}

/// Appends an unsigned integer in eight bytes, for places that are written again.
pub fn put_long_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    put_bytes(out, id, &value.to_be_bytes());
}

/// Appends a float.
pub fn put_float(out: &mut Vec<u8>, id: u32, value: f64) {
    put_bytes(out, id, &value.to_be_bytes());
}

/// Appends an element of text, bytes, or finished elements.
pub fn put_bytes(out: &mut Vec<u8>, id: u32, content: &[u8]) {
    put_id(out, id);
    put_size(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// Appends an element whose content `fill` appends.
pub fn put_master(out: &mut Vec<u8>, id: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    fill(&mut content);
    put_bytes(out, id, &content);
}

/// Appends an element that fills exactly `length` bytes and says nothing.
pub fn put_void(out: &mut Vec<u8>, length: usize) {
    debug_assert!((2..=127).contains(&length), "one byte of id, one of size");
    put_bytes(out, super::id::VOID, &vec![0; length - 2]);
}

/// An element's id, the length of its head, and its size: `None` where it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub id: u32,
    pub length: usize,
    pub size: Option<u64>,
}

/// Reads the head at the start of `bytes`; `None` where it is torn or is no head.
pub fn head(bytes: &[u8]) -> Option<Head> {
    let id_length = bytes.first()?.leading_zeros() as usize + 1;
    if id_length > 4 {
        return None;
    }
    let id = bytes.get(..id_length)?;
    let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let (size, size_length) = vint(bytes.get(id_length..)?)?;
    Some(Head {
        id,
        length: id_length + size_length,
        size,
    })
}

/// A number with a length marker, and that length; all ones are `None`.
pub fn vint(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let bytes = bytes.get(..length)?;
    let marked = bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    let ones = (1 << (7 * length)) - 1;
    let value = marked & ones;
    Some(((value != ones).then_some(value), length))
}

/// An unsigned integer's content.
pub fn uint(content: &[u8]) -> Option<u64> {
    (content.len() <= 8).then(|| {
        content
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    })
}

/// The elements inside `content`, until one is torn.
pub fn elements(mut content: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let head = head(content)?;
        let size = usize::try_from(head.size?).ok()?;
        let end = head.length.checked_add(size)?;
        let element = content.get(head.length..end)?;
        content = &content[end..];
        Some((head.id, element))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in 0u64..(1 << 56) - 1, content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut out = Vec::new();
            put_uint(&mut out, super::super::id::DURATION, value);
            put_bytes(&mut out, super::super::id::SIMPLE_BLOCK, &content);
            let read: Vec<_> = elements(&out).collect();
            prop_assert_eq!(read.len(), 2);
            prop_assert_eq!(uint(read[0].1), Some(value));
            prop_assert_eq!(read[1], (super::super::id::SIMPLE_BLOCK, content.as_slice()));
            let mut size = Vec::new();
            put_size(&mut size, value);
            prop_assert_eq!(vint(&size), Some((Some(value), size.len())));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = head(&bytes);
            let _ = elements(&bytes).count();
        }
    }

    #[test]
    fn an_unknown_size_is_known_as_such() {
        let mut out = Vec::new();
        put_id(&mut out, super::super::id::SEGMENT);
        out.extend_from_slice(&UNKNOWN_SIZE);
        let read = head(&out).unwrap();
        assert_eq!(
            (read.id, read.length, read.size),
            (super::super::id::SEGMENT, 12, None)
        );
    }

    #[test]
    fn a_void_fills_exactly_its_place() {
        for length in [2, 11, 68, 127] {
            let mut out = Vec::new();
            put_void(&mut out, length);
            assert_eq!(out.len(), length);
        }
    }
}
