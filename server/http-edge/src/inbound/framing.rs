//! Where an HTTP/1 body ends, so that the next head is found; it keeps nothing of the body.

/// The rest of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Content-Length: so many bytes to come.
    Length(u64),
    /// Transfer-Encoding: chunked.
    Chunked(Chunk),
}

/// A place in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the digits of a chunk's size.
    Size(u64),
    /// Behind them, up to the end of the line.
    Extension(u64),
    /// In its data and the line end behind it.
    Data(u64),
    /// At the start of a line of the trailer.
    TrailerStart,
    /// In such a line.
    Trailer,
}

impl Framing {
    pub(super) const CHUNKED: Self = Self::Chunked(Chunk::Size(0));

    /// Walks over what arrived: how much of it belongs to the body, and whether the body has ended there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        match self {
            Self::Length(rest) => {
                let taken = bytes
                    .len()
                    .min(usize::try_from(*rest).unwrap_or(usize::MAX));
                *rest -= taken as u64;
                (taken, *rest == 0)
            }
            Self::Chunked(chunk) => chunk.advance(bytes),
        }
    }
}

impl Chunk {
    fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            *self = match (*self, *byte) {
                (Self::Data(rest), _) => {
                    let left = bytes.len() - at;
                    let taken = left.min(usize::try_from(rest).unwrap_or(usize::MAX));
                    at += taken;
                    *self = match rest - taken as u64 {
                        0 => Self::Size(0),
                        rest => Self::Data(rest),
                    };
                    continue;
                }
                (Self::Size(0) | Self::Extension(0) | Self::Trailer, b'\n')
                | (Self::TrailerStart, b'\r') => Self::TrailerStart,
                // The line end behind the data counts as data.
                (Self::Size(size) | Self::Extension(size), b'\n') => {
                    Self::Data(size.saturating_add(2))
                }
                (Self::Size(size), digit) => match char::from(digit).to_digit(16) {
                    Some(digit) => Self::Size(size.saturating_mul(16).saturating_add(digit.into())),
                    None => Self::Extension(size),
                },
                (Self::TrailerStart, b'\n') => return (at + 1, true),
                (Self::Extension(_) | Self::Trailer, _) => *self,
                (Self::TrailerStart, _) => Self::Trailer,
            };
            at += 1;
        }
        (at, false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHUNKED: &[u8] =
        b"5;name=value\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: 1\r\n\r\n";

    proptest! {
        #[test]
        fn a_body_ends_where_it_ends_however_it_arrives(
            cuts in proptest::collection::vec(0..CHUNKED.len() + 4, 0..6),
            chunked: bool,
        ) {
            let (mut framing, body) = if chunked {
                (Framing::CHUNKED, CHUNKED)
            } else {
                (Framing::Length(10), &b"0123456789"[..])
            };
            let all = [body, b"GET "].concat();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(all.len())).collect();
            cuts.push(all.len());
            cuts.sort_unstable();
            let mut start = 0;
            for cut in cuts {
                let (taken, ended) = framing.advance(&all[start..cut]);
                start += taken;
                prop_assert_eq!(ended, start == body.len());
                if ended {
                    break;
                }
            }
            prop_assert_eq!(start, body.len());
        }

        #[test]
        fn nonsense_never_panics(bytes: Vec<u8>) {
            let mut framing = Framing::CHUNKED;
            framing.advance(&bytes);
        }
    }
}
