//! The tokens of JSON text, with Go's way of repairing what is no Unicode.

/// Text that is no JSON, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The text ends inside a value, or before one.
    #[error("it ends too early")]
    End,
    /// A byte that may not be there.
    #[error("unexpected byte at {0}")]
    Byte(usize),
}

/// What a value starts with; an object or array is left for the caller to walk.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Null,
    True,
    False,
    /// The digits as they stand.
    Number(&'a str),
    Text(String),
    Object,
    Array,
}

/// A place in JSON text.
pub struct Scanner<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// The next value's token; of an object or an array only the opening bracket is taken.
    pub fn value(&mut self) -> Result<Token<'a>, SyntaxError> {
        match self.peek_past_space()? {
            b'{' => Ok(self.take(Token::Object)),
            b'[' => Ok(self.take(Token::Array)),
            b'"' => Ok(Token::Text(self.string()?)),
            b'n' => self.word("null", Token::Null),
            b't' => self.word("true", Token::True),
            b'f' => self.word("false", Token::False),
            b'-' | b'0'..=b'9' => Ok(Token::Number(self.number()?)),
            _ => Err(self.unexpected()),
        }
    }

    /// The next key of an object whose opening bracket (`first`) or last value was taken; `None` at its end.
    pub fn key(&mut self, first: bool) -> Result<Option<String>, SyntaxError> {
        match self.peek_past_space()? {
            b'}' => {
                self.position += 1;
                return Ok(None);
            }
            b',' if !first => self.position += 1,
            _ if first => {}
            _ => return Err(self.unexpected()),
        }
        if self.peek_past_space()? != b'"' {
            return Err(self.unexpected());
        }
        let key = self.string()?;
        if self.peek_past_space()? != b':' {
            return Err(self.unexpected());
        }
        self.position += 1;
        Ok(Some(key))
    }

    fn take(&mut self, token: Token<'a>) -> Token<'a> {
        self.position += 1;
        token
    }

    fn unexpected(&self) -> SyntaxError {
        if self.position < self.bytes.len() {
            SyntaxError::Byte(self.position)
        } else {
            SyntaxError::End
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn next(&mut self) -> Result<u8, SyntaxError> {
        let byte = self.peek().ok_or(SyntaxError::End)?;
        self.position += 1;
        Ok(byte)
    }

    fn peek_past_space(&mut self) -> Result<u8, SyntaxError> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.position += 1;
        }
        self.peek().ok_or(SyntaxError::End)
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>, SyntaxError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.unexpected());
            }
            self.position += 1;
        }
        Ok(token)
    }

    fn number(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            self.digits()?;
        }
        str::from_utf8(&self.bytes[start..self.position]).map_err(|_| SyntaxError::Byte(start))
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position == start {
            return Err(self.unexpected());
        }
        Ok(())
    }

    /// A string whose opening quote is next. Bytes that are no UTF-8 and surrogates without their half become U+FFFD.
    fn string(&mut self) -> Result<String, SyntaxError> {
        self.position += 1;
        let mut text = String::new();
        loop {
            let start = self.position;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.position += 1;
            }
            push_repaired(&mut text, &self.bytes[start..self.position]);
            match self.next()? {
                b'"' => return Ok(text),
                b'\\' => text.push(self.escape()?),
                _ => return Err(SyntaxError::Byte(self.position - 1)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex()?;
                self.character(unit)
            }
            _ => return Err(SyntaxError::Byte(self.position - 1)),
        })
    }

    /// The character that the UTF-16 `unit` begins, taking its second half where that follows.
    fn character(&mut self, unit: u16) -> char {
        let after_first = self.position;
        let pair = self.second_half().and_then(|second| {
            char::decode_utf16([unit, second])
                .next()
                .and_then(Result::ok)
                .filter(|character| u32::from(*character) > 0xffff)
        });
        if let Some(character) = pair {
            return character;
        }
        self.position = after_first;
        char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn second_half(&mut self) -> Option<u16> {
        if !self.bytes[self.position..].starts_with(b"\\u") {
            return None;
        }
        self.position += 2;
        self.hex().ok()
    }

    fn hex(&mut self) -> Result<u16, SyntaxError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?)
                .to_digit(16)
                .ok_or(SyntaxError::Byte(self.position - 1))?;
            unit = unit << 4 | digit;
        }
        u16::try_from(unit).map_err(|_| SyntaxError::Byte(self.position))
    }
}

/// One U+FFFD for every byte that is part of no character, where Rust's lossy decoding would join some of them.
fn push_repaired(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &[u8]) -> String {
        match Scanner::new(json).value().unwrap() {
            Token::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_byte_that_is_no_utf8_becomes_a_replacement_character() {
        assert_eq!(text(b"\"a\xff\xe2\x82b\""), "a\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(text(b"\"\xed\xa0\x80\""), "\u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_surrogate_needs_its_other_half() {
        assert_eq!(text(br#""\ud83e\udd80""#), "🦀");
        assert_eq!(text(br#""\ud83e""#), "\u{fffd}");
        assert_eq!(text(br#""\ud83e\u0041""#), "\u{fffd}A");
        assert_eq!(text(br#""\ud83e\ud83e\udd80""#), "\u{fffd}🦀");
        assert_eq!(text(br#""\udd80\ud83e""#), "\u{fffd}\u{fffd}");
        assert_eq!(text(br#""\u0041\u0042""#), "AB");
    }

    #[test]
    fn numbers_keep_their_digits_and_follow_the_grammar() {
        for good in ["0", "-0", "10", "1.5", "1e3", "-1.0E-2"] {
            assert_eq!(
                Scanner::new(good.as_bytes()).value(),
                Ok(Token::Number(good))
            );
        }
        for bad in ["-", "1.", "1e", ".5", "+1"] {
            assert!(Scanner::new(bad.as_bytes()).value().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_string_has_no_bare_control_characters_and_only_known_escapes() {
        for bad in [
            &b"\"a\nb\""[..],
            b"\"\\x\"",
            b"\"\\u12g4\"",
            b"\"open",
            b"\"\\",
        ] {
            assert!(Scanner::new(bad).value().is_err(), "{bad:?}");
        }
    }
}
