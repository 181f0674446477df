//! JSON that is read with every field known, for types of others that pass over what they do not know: a slip of the pen is
//! named, at any depth. It must not know what is read.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::{Problem, json::malformed};

/// Reads it, or names the field that is wrong or unknown.
pub fn exact<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Exact(value))
        .map_err(|error| malformed(&error.path().to_string(), error.inner()))
}

struct Exact<'a>(&'a Value);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Exact<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Exact<'de> {
    type Error = serde_json::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let names = self
            .0
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        if let Some(name) = names
            .into_iter()
            .find(|name| !fields.contains(&name.as_str()))
        {
            return Err(Error::custom(format_args!("unknown field `{name}`")));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(MapDeserializer::new(
                object
                    .iter()
                    .map(|(name, value)| (name.as_str(), Exact(value))),
            )),
            Value::Array(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().map(Exact))),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::SipDispatchRuleInfo;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_or_unknown_is_named_at_any_depth() {
        let read = exact::<SipDispatchRuleInfo>;
        let right = json!({
            "name": "Lab", "trunk_ids": ["ST_1"], "media": null,
            "rule": {"dispatchRuleDirect": {"roomName": "lab"}},
            "roomConfig": {"emptyTimeout": 30, "agents": [{"agentName": "helper"}]},
        });
        assert_eq!(read(&right).unwrap().trunk_ids, ["ST_1"]);
        for (wrong, field) in [
            (json!({"nam": "Lab"}), "nam"),
            (json!({"name": 5}), "name"),
            (json!({"rule": []}), "rule"),
            (
                json!({"rule": {"dispatchRuleDirect": {"room": "x"}}}),
                "rule.dispatchRuleDirect.room",
            ),
            (
                json!({"roomConfig": {"agents": [{}, {"name": "x"}]}}),
                "roomConfig.agents[1].name",
            ),
            (json!({"mediaEncryption": "SOME"}), "mediaEncryption"),
        ] {
            let told = format!("{:?}", read(&wrong).unwrap_err());
            assert!(told.contains(&format!("field: Some({field:?})")), "{told}");
        }
    }
}
