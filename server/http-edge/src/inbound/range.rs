//! Which bytes of a file a request wants (RFC 9110, one range).

use http::{HeaderMap, header};

/// Bytes of a file, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// Counted from 0.
    pub first: u64,
    /// The last one that belongs to it.
    pub last: u64,
}

impl ByteRange {
    /// All bytes of a file that is not empty.
    pub fn whole(size: u64) -> ByteRange {
        ByteRange {
            first: 0,
            last: size.saturating_sub(1),
        }
    }

    /// How many they are.
    pub fn length(self) -> u64 {
        self.last + 1 - self.first
    }
}

/// What a request wants of a file with this size and tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The whole file.
    All,
    /// This part of it.
    Part(ByteRange),
    /// It begins behind the end: 416.
    Nothing,
}

/// Reads `Range` and `If-Range`; what is malformed, has several ranges or is of another state of the file wants all.
pub fn wanted(headers: &HeaderMap, size: u64, etag: &str) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE) else {
        return Wanted::All;
    };
    if text(header::IF_RANGE).is_some_and(|known| known != etag) {
        return Wanted::All;
    }
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .filter(|ranges| !ranges.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::All;
    };
    let end = size.saturating_sub(1);
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => return Wanted::All,
        (Ok(first), Ok(last)) => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(0)) if first.is_empty() => return Wanted::Nothing,
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), end),
        _ => return Wanted::All,
    };
    if first >= size {
        return Wanted::Nothing;
    }
    Wanted::Part(ByteRange { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(range: &str, if_range: Option<&str>) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, tag.parse().unwrap());
        }
        wanted(&headers, 10, "\"a\"")
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_what_is_no_range_wants_all() {
        let part = |first, last| Wanted::Part(ByteRange { first, last });
        for (range, expected) in [
            ("bytes=0-", part(0, 9)),
            ("bytes=2-4", part(2, 4)),
            ("bytes=2-99", part(2, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-99", part(0, 9)),
            ("bytes=9-9", part(9, 9)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=4-2", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("bytes=x-", Wanted::All),
            ("lines=0-1", Wanted::All),
            ("bytes=9-3", Wanted::All),
        ] {
            assert_eq!(asks(range, None), expected, "{range}");
        }
        assert_eq!(wanted(&HeaderMap::new(), 10, ""), Wanted::All);
    }

    #[test]
    fn a_range_of_another_state_of_the_file_wants_all() {
        assert_eq!(asks("bytes=0-1", Some("\"b\"")), Wanted::All);
        let same = asks("bytes=0-1", Some("\"a\""));
        assert_eq!(same, Wanted::Part(ByteRange { first: 0, last: 1 }));
    }
}
