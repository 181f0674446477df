//! What webhooks send, for the API's description: OpenAPI's `webhooks`, an entry for each type with an example.

use serde_json::{Map, Value, json};

use crate::happenings::{EventType, example};

/// The section `webhooks` of the description.
pub fn described() -> Value {
    let each = EventType::ALL.iter().map(|kind| {
        let operation = json!({
            "tags": ["webhooks"],
            "operationId": operation_id(*kind),
            "summary": kind.says(),
            "parameters": [
                header("webhook-id", "The same for every attempt and every replay."),
                header("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
                header("webhook-signature", "`v1,<base64>`, one or two of them, with a blank between."),
            ],
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "timestamp", "data"],
                    "properties": {
                        "type": { "const": kind },
                        "timestamp": { "type": "string", "format": "date-time" },
                        "data": { "type": "object" },
                    },
                },
                "example": example(*kind),
            } } },
            "responses": { "2XX": { "description": "Taken. Anything else is tried again for three days." } },
        });
        (kind.to_string(), json!({ "post": operation }))
    });
    Value::Object(each.collect::<Map<String, Value>>())
}

/// `recording.completed` becomes `onRecordingCompleted`.
fn operation_id(kind: EventType) -> String {
    let words = kind.as_str().split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    format!("on{}", words.collect::<String>())
}

fn header(name: &str, says: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": true, "description": says, "schema": { "type": "string" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_described_with_an_example_of_its_own() {
        let described = described();
        assert_eq!(described.as_object().unwrap().len(), EventType::ALL.len());
        let of = &described["recording.completed"]["post"];
        assert_eq!(of["operationId"], "onRecordingCompleted");
        let example = &of["requestBody"]["content"]["application/json"]["example"];
        assert_eq!(example["type"], "recording.completed");
        assert!(example["data"]["recording_id"].is_string(), "{example}");
    }
}
