//! Names requests, so that a line in a log and an answer can be found for one another.

use std::fmt;

use http::{HeaderName, HeaderValue};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id: 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u128);

impl RequestId {
    /// From 16 random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(random))
    }

    /// The header of an answer that carries it.
    pub fn header(self) -> (HeaderName, HeaderValue) {
        let value = HeaderValue::from_str(&self.to_string());
        (REQUEST_ID, value.unwrap_or(HeaderValue::from_static("")))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_32_digits_whatever_it_begins_with() {
        let mut random = [0; 16];
        random[15] = 0xab;
        let (name, value) = RequestId::new(random).header();
        assert_eq!(name, "x-request-id");
        assert_eq!(value, "000000000000000000000000000000ab");
    }
}
