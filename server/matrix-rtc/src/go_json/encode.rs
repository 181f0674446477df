//! Writing as `json.Marshal` does, HTML escapes included.

use serde_json::Value;

/// `["a","b"]` without spaces.
pub fn encode_strings(strings: &[&str]) -> String {
    escape(&Value::from(strings).to_string())
}

/// JSON as serde writes it, with what Go escapes more: `<`, `>`, `&` and the line separators U+2028 and U+2029, which
/// stand only inside of strings.
pub fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_html_could_misread_is_escaped_and_nothing_else_beyond_ascii() {
        assert_eq!(
            encode_strings(&["<a>&\u{2028}\u{2029}", "é🦀\u{7f}/"]),
            "[\"\\u003ca\\u003e\\u0026\\u2028\\u2029\",\"é🦀\u{7f}/\"]"
        );
    }

    #[test]
    fn control_characters_have_their_short_names_where_go_has_them() {
        assert_eq!(
            encode_strings(&["\u{8}\u{c}\n\r\t\0\u{1f}\"\\"]),
            r#"["\b\f\n\r\t\u0000\u001f\"\\"]"#
        );
        assert_eq!(encode_strings(&[]), "[]");
    }

    proptest! {
        #[test]
        fn any_strings_are_read_back(strings in proptest::collection::vec(".{0,40}", 0..4)) {
            let borrowed: Vec<&str> = strings.iter().map(String::as_str).collect();
            let read: Vec<String> = serde_json::from_str(&encode_strings(&borrowed)).unwrap();
            prop_assert_eq!(read, strings);
        }
    }
}
