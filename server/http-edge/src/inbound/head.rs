//! The head of an HTTP/1 request before hyper reads it: where it ends, what follows it, and a long token moved out of
//! its address. Whatever it does not understand it leaves to hyper as it is.

use bytes::BytesMut;
use percent_encoding::percent_decode_str;

use super::framing::Framing;

/// The `http` crate refuses addresses beyond 65,534 bytes; one this long has its token moved.
const LONG_TARGET: usize = 60_000;
/// As many as hyper takes.
const MAX_HEADERS: usize = 100;
const TOKEN: &str = "access_token=";

/// What comes behind a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The next head.
    Head,
    /// A body.
    Body(Framing),
    /// Nothing before the answer, which decides about the protocol.
    Answer,
    /// Not to be told: hyper will refuse the head and close.
    Unknown,
}

/// The length of the head at the start of `bytes`, with the empty line behind it. `scanned` bytes were looked at before.
pub(super) fn end(bytes: &[u8], scanned: usize) -> Option<usize> {
    // Servers pass over empty lines before a request.
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let mut at = scanned.saturating_sub(2).max(start);
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| *byte == b'\n') {
        at += found + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// What follows `head`, and the head as hyper is to read it.
pub(super) fn read(head: BytesMut) -> (BytesMut, Next) {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(&head), Ok(httparse::Status::Complete(_))) {
        return (head, Next::Unknown);
    }
    let next = next(request.headers);
    let authorized = header(request.headers, "authorization").next().is_some();
    let moved = request
        .path
        .filter(|target| target.len() > LONG_TARGET && !authorized)
        .and_then(|target| move_token(&head, target));
    (moved.unwrap_or(head), next)
}

fn header<'a>(
    headers: &'a [httparse::Header<'a>],
    name: &'static str,
) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
}

fn next(headers: &[httparse::Header<'_>]) -> Next {
    if header(headers, "transfer-encoding").next().is_some() {
        return Next::Body(Framing::CHUNKED);
    }
    if let Some(length) = header(headers, "content-length").next() {
        return match str::from_utf8(length).map(|text| text.trim().parse()) {
            Ok(Ok(0)) => Next::Head,
            Ok(Ok(length)) => Next::Body(Framing::Length(length)),
            _ => Next::Unknown,
        };
    }
    if header(headers, "upgrade").next().is_some() {
        Next::Answer
    } else {
        Next::Head
    }
}

/// `GET /rtc?access_token=T&more HTTP/1.1` with `Authorization: Bearer T` instead, which means the same (RFC 6750).
fn move_token(head: &[u8], target: &str) -> Option<BytesMut> {
    let (path, query) = target.split_once('?')?;
    let token = query.split('&').find_map(|pair| pair.strip_prefix(TOKEN))?;
    let token = percent_decode_str(token).decode_utf8().ok()?;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut left = Vec::new();
    let mut moved = false;
    for pair in query.split('&') {
        if moved || !pair.starts_with(TOKEN) {
            left.push(pair);
        } else {
            moved = true;
        }
    }
    let target_at = head
        .windows(target.len())
        .position(|window| window == target.as_bytes())?;
    let behind = target_at + target.len();
    let line_end = behind + head.get(behind..)?.iter().position(|byte| *byte == b'\n')? + 1;
    let mut rewritten = BytesMut::with_capacity(head.len() + 64);
    rewritten.extend_from_slice(head.get(..target_at)?);
    rewritten.extend_from_slice(path.as_bytes());
    if !left.is_empty() {
        rewritten.extend_from_slice(b"?");
        rewritten.extend_from_slice(left.join("&").as_bytes());
    }
    rewritten.extend_from_slice(head.get(behind..line_end)?);
    rewritten.extend_from_slice(b"authorization: Bearer ");
    rewritten.extend_from_slice(token.as_bytes());
    rewritten.extend_from_slice(b"\r\n");
    rewritten.extend_from_slice(head.get(line_end..)?);
    Some(rewritten)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(head: &str) -> (String, Next) {
        let (head, next) = read(BytesMut::from(head.as_bytes()));
        (String::from_utf8(head.to_vec()).unwrap(), next)
    }

    #[test]
    fn a_head_ends_at_its_empty_line() {
        assert_eq!(end(b"GET / HTTP/1.1\r\nA: b\r\n\r\nGET", 0), Some(24));
        assert_eq!(end(b"\r\n\r\nGET / HTTP/1.1\n\n", 0), Some(20));
        assert_eq!(end(b"GET / HTTP/1.1\r\nA: b\r\n\r", 0), None);
        assert_eq!(end(b"\r\n\r\n", 0), None);
    }

    proptest! {
        #[test]
        fn a_head_ends_at_the_same_place_however_it_arrives(
            lines in proptest::collection::vec("[a-z:]{1,5}", 1..5),
            cut in 0_usize..60,
        ) {
            let head = lines.join("\r\n") + "\r\n\r\n";
            let cut = cut.min(head.len());
            let first = end(&head.as_bytes()[..cut], 0);
            let found = first.or_else(|| end(head.as_bytes(), cut));
            prop_assert_eq!(found, Some(head.len()));
        }

        #[test]
        fn nonsense_never_panics(bytes: Vec<u8>) {
            if let Some(end) = end(&bytes, 0) {
                read(BytesMut::from(&bytes[..end]));
            }
        }
    }

    #[test]
    fn what_follows_a_head_is_told_by_its_headers() {
        let next = |headers: &str| text(&format!("POST / HTTP/1.1\r\n{headers}\r\n")).1;
        assert_eq!(next("Host: x\r\n"), Next::Head);
        assert_eq!(next("Content-Length: 0\r\n"), Next::Head);
        assert_eq!(
            next("content-length: 7\r\n"),
            Next::Body(Framing::Length(7))
        );
        assert_eq!(
            next("Content-Length: 7\r\nTransfer-Encoding: chunked\r\n"),
            Next::Body(Framing::CHUNKED)
        );
        assert_eq!(next("Upgrade: websocket\r\n"), Next::Answer);
        assert_eq!(next("Content-Length: many\r\n"), Next::Unknown);
        assert_eq!(text("nonsense\r\n\r\n").1, Next::Unknown);
    }

    #[test]
    fn a_long_token_moves_from_the_address_to_its_header_and_nothing_else_changes() {
        let token = "t".repeat(LONG_TARGET);
        let long = |query: &str, headers: &str| {
            text(&format!(
                "GET /rtc?{query} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
            ))
            .0
        };
        assert_eq!(
            long(&format!("a=1&access_token={token}&b=%20"), ""),
            format!(
                "GET /rtc?a=1&b=%20 HTTP/1.1\r\nauthorization: Bearer {token}\r\nHost: x\r\n\r\n"
            )
        );
        assert_eq!(
            long(&format!("access_token={token}%2Eb"), ""),
            format!("GET /rtc HTTP/1.1\r\nauthorization: Bearer {token}.b\r\nHost: x\r\n\r\n")
        );
        for (query, headers) in [
            (
                format!("access_token={token}"),
                "Authorization: Bearer other\r\n",
            ),
            (format!("access_token={token}%0d%0aX:1"), ""),
            (format!("other={token}"), ""),
            ("access_token=short".to_owned(), ""),
        ] {
            assert_eq!(
                long(&query, headers),
                format!("GET /rtc?{query} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
            );
        }
    }
}
