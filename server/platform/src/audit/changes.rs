//! What differs between two states of a thing, for the record.

use serde_json::{Map, Value, json};

/// Each setting that changed, by its dotted path, with its value before and after.
pub fn changes(before: &Value, after: &Value) -> Value {
    let mut found = Map::new();
    collect(&mut found, "", before, after);
    Value::Object(found)
}

fn collect(found: &mut Map<String, Value>, path: &str, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, after) in new {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(found, &path, old.get(key).unwrap_or(&Value::Null), after);
            }
        }
        _ if before == after => {}
        _ => {
            found.insert(path.to_owned(), json!({"from": before, "to": after}));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_with_both_values() {
        let before = json!({"name": "Weekly", "media": {"chat": true, "video": true}});
        let after = json!({"name": "Daily", "media": {"chat": false, "video": true}});
        let told = json!({
            "name": {"from": "Weekly", "to": "Daily"},
            "media.chat": {"from": true, "to": false},
        });
        assert_eq!(changes(&before, &after), told);
        assert_eq!(changes(&after, &after), json!({}));
    }
}
