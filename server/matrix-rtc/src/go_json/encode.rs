//! Writing an array of strings as `json.Marshal` does, HTML escapes included.

use std::fmt::Write;

/// `["a","b"]` without spaces; `<`, `>`, `&` and the line separators U+2028 and U+2029 are escaped, as every other
/// character beyond ASCII is not.
pub fn encode_strings(strings: &[&str]) -> String {
    let mut json = String::with_capacity(2 + strings.iter().map(|s| s.len() + 3).sum::<usize>());
    json.push('[');
    for (position, string) in strings.iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        json.push('"');
        for character in string.chars() {
            push_escaped(&mut json, character);
        }
        json.push('"');
    }
    json.push(']');
    json
}

fn push_escaped(json: &mut String, character: char) {
    match character {
        '"' => json.push_str("\\\""),
        '\\' => json.push_str("\\\\"),
        '\u{8}' => json.push_str("\\b"),
        '\u{c}' => json.push_str("\\f"),
        '\n' => json.push_str("\\n"),
        '\r' => json.push_str("\\r"),
        '\t' => json.push_str("\\t"),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            // Writing to a String cannot fail.
            let _ = write!(json, "\\u{:04x}", u32::from(character));
        }
        other => json.push(other),
    }
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
