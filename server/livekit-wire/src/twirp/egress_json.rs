//! Egress's answers as Twirp's JSON. What they hold is deep and seldom read as text, so it is taken from the canonical form:
//! proto names as Twirp's, defaults left out, which every reader of protobuf's JSON fills in.

use livekit_protocol::{EgressInfo, ListEgressResponse};
use serde::{Serialize, Serializer, ser::Error};
use serde_json::{Map, Value};

use super::TwirpJson;

impl TwirpJson for EgressInfo {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self, serializer)
    }
}

impl TwirpJson for ListEgressResponse {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self, serializer)
    }
}

fn write<S: Serializer>(message: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    let canonical = serde_json::to_value(message).map_err(S::Error::custom)?;
    with_proto_names(canonical).serialize(serializer)
}

fn with_proto_names(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(with_proto_names).collect(),
        Value::Object(fields) => {
            let renamed: Map<_, _> = fields
                .into_iter()
                // Keys of the one map in there are its caller's words.
                .map(|(name, value)| match name.as_str() {
                    "metadata" => (name, value),
                    _ => (proto_name(&name), with_proto_names(value)),
                })
                .collect();
            Value::Object(renamed)
        }
        value => value,
    }
}

fn proto_name(json_name: &str) -> String {
    let mut name = String::with_capacity(json_name.len() + 4);
    for letter in json_name.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{EgressStatus, FileInfo};
    use serde_json::json;

    use super::*;
    use crate::twirp::AsJson;

    #[test]
    fn an_egress_reads_as_the_original_writes_it() {
        let info = EgressInfo {
            egress_id: "EG_1".to_owned(),
            status: EgressStatus::EgressActive.into(),
            started_at: 7,
            file_results: vec![FileInfo {
                filename: "a.webm".to_owned(),
                ..FileInfo::default()
            }],
            ..EgressInfo::default()
        };
        assert_eq!(
            serde_json::to_value(AsJson(&info)).unwrap(),
            json!({
                "egress_id": "EG_1", "status": "EGRESS_ACTIVE", "started_at": "7",
                "file_results": [{"filename": "a.webm"}],
            })
        );
    }
}
