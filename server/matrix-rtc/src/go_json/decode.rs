//! Filling a record from JSON as `json.Decoder` with `DisallowUnknownFields` does: keys in any case, `null` and absent
//! fields leave what is there, repeated keys overwrite, repeated objects are merged, and what follows the first value
//! is not looked at.

use super::scan::{Scanner, SyntaxError, Token};

/// A struct with fields that JSON can fill.
pub trait Record {
    /// Every field: its JSON name and where its value goes.
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)>;
}

/// Where a field's value goes, which says what it may be.
pub enum Slot<'a> {
    /// A Go `string`.
    Text(&'a mut String),
    /// A Go `int`.
    Integer(&'a mut i64),
    /// A Go struct.
    Record(&'a mut dyn Record),
}

/// Why a body cannot be read; Go would find further errors, but one is enough to refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No JSON.
    #[error("not JSON: {0}")]
    Syntax(#[from] SyntaxError),
    /// A key that the record does not have.
    #[error("unknown field")]
    UnknownField,
    /// A value of another type than the field's.
    #[error("{0} has another type")]
    Type(&'static str),
}

/// Fills `record` from the first JSON value in `json`.
pub fn decode(json: &[u8], record: &mut dyn Record) -> Result<(), DecodeError> {
    fill_record(&mut Scanner::new(json), "the body", record)
}

fn fill_record(
    scanner: &mut Scanner<'_>,
    name: &'static str,
    record: &mut dyn Record,
) -> Result<(), DecodeError> {
    match scanner.value()? {
        Token::Null => return Ok(()),
        Token::Object => {}
        Token::True | Token::False | Token::Number(_) | Token::Text(_) | Token::Array => {
            return Err(DecodeError::Type(name));
        }
    }
    let mut fields = record.fields();
    let mut first = true;
    while let Some(key) = scanner.key(first)? {
        first = false;
        let position = find(&fields, &key).ok_or(DecodeError::UnknownField)?;
        let (name, slot) = &mut fields[position];
        fill(scanner, name, slot)?;
    }
    Ok(())
}

fn fill(
    scanner: &mut Scanner<'_>,
    name: &'static str,
    slot: &mut Slot<'_>,
) -> Result<(), DecodeError> {
    let record = match slot {
        Slot::Record(record) => return fill_record(scanner, name, *record),
        scalar => scalar,
    };
    match (scanner.value()?, record) {
        (Token::Null, _) => Ok(()),
        (Token::Text(text), Slot::Text(slot)) => {
            **slot = text;
            Ok(())
        }
        (Token::Number(digits), Slot::Integer(slot)) => {
            **slot = digits.parse().map_err(|_| DecodeError::Type(name))?;
            Ok(())
        }
        _ => Err(DecodeError::Type(name)),
    }
}

/// The field of exactly this name, else the first whose name differs in case only.
fn find(fields: &[(&'static str, Slot<'_>)], key: &str) -> Option<usize> {
    let exact = fields.iter().position(|(name, _)| *name == key);
    exact.or_else(|| {
        fields
            .iter()
            .position(|(name, _)| name.chars().map(fold).eq(key.chars().map(fold)))
    })
}

/// Unicode's simple folding, as far as it reaches the ASCII letters that field names consist of.
fn fold(character: char) -> char {
    match character {
        'ſ' => 'S',
        '\u{212a}' => 'K',
        other => other.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Inner {
        text: String,
        kind: String,
    }

    #[derive(Debug, Default, PartialEq)]
    struct Outer {
        slot: String,
        count: i64,
        inner: Inner,
    }

    impl Record for Inner {
        fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
            vec![
                ("text", Slot::Text(&mut self.text)),
                ("kind", Slot::Text(&mut self.kind)),
            ]
        }
    }

    impl Record for Outer {
        fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
            vec![
                ("slot", Slot::Text(&mut self.slot)),
                ("count", Slot::Integer(&mut self.count)),
                ("inner", Slot::Record(&mut self.inner)),
            ]
        }
    }

    fn read(json: &[u8]) -> Result<Outer, DecodeError> {
        let mut outer = Outer::default();
        decode(json, &mut outer).map(|()| outer)
    }

    #[test]
    fn repeated_keys_overwrite_and_repeated_objects_are_merged() {
        let outer = read(
            br#"{"slot":"a","inner":{"text":"x","kind":"y"},"slot":"b","inner":{"kind":"z"},"slot":null}"#,
        )
        .unwrap();
        assert_eq!(outer.slot, "b");
        assert_eq!((&*outer.inner.text, &*outer.inner.kind), ("x", "z"));
    }

    #[test]
    fn case_does_not_matter_even_where_unicode_has_odd_letters() {
        let outer = read("{\"ſLOT\":\"a\",\"INNER\":{\"\u{212a}ind\":\"b\"}}".as_bytes()).unwrap();
        assert_eq!((&*outer.slot, &*outer.inner.kind), ("a", "b"));
    }

    #[test]
    fn what_follows_the_first_value_is_not_looked_at() {
        assert_eq!(read(br#"{"slot":"a"} nonsense"#).unwrap().slot, "a");
        assert_eq!(read(b"nullx"), Ok(Outer::default()));
    }

    #[test]
    fn an_integer_has_no_fraction_no_exponent_and_64_bits() {
        assert_eq!(read(br#"{"count":-0}"#).unwrap().count, 0);
        assert_eq!(
            read(br#"{"count":9223372036854775807}"#).unwrap().count,
            i64::MAX
        );
        for bad in ["1.0", "1e3", "9223372036854775808", "\"1\"", "true", "[]"] {
            assert_eq!(
                read(format!("{{\"count\":{bad}}}").as_bytes()),
                Err(DecodeError::Type("count")),
                "{bad}"
            );
        }
    }

    #[test]
    fn unknown_fields_are_refused_at_any_depth() {
        for bad in [r#"{"more":null}"#, r#"{"inner":{"more":1}}"#] {
            assert_eq!(
                read(bad.as_bytes()),
                Err(DecodeError::UnknownField),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bad in [
            "",
            " ",
            "[",
            "{",
            "{,}",
            "{\"slot\"}",
            "{\"slot\":\"a\",}",
            "{\"slot\":\"a\"",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        for other in ["1", "true", "\"a\"", "[{}]"] {
            assert_eq!(read(other.as_bytes()), Err(DecodeError::Type("the body")));
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(json in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&json);
        }

        #[test]
        fn nearly_json_never_panics(json in r#"[{}\[\]",:\\u0-9a-f nulslot]{0,60}"#) {
            let _ = read(json.as_bytes());
        }

        #[test]
        fn what_serde_writes_is_read(slot in ".{0,30}", count: i64, text in ".{0,30}") {
            let json = serde_json::json!({"slot": slot, "count": count, "inner": {"text": text}});
            let outer = read(json.to_string().as_bytes()).unwrap();
            prop_assert_eq!(outer, Outer { slot, count, inner: Inner { text, kind: String::new() } });
        }
    }
}
