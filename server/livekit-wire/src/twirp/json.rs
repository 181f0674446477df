//! JSON as LiveKit's Twirp server writes it: proto names (snake_case), every field even when it has its default, enums
//! by name, 64-bit numbers as text. The generated serde code of `livekit-protocol` can write only the canonical form
//! (camelCase, defaults left out), so each answered message lists its fields once more, with the compiler as the judge
//! of completeness.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// A message that can be a Twirp answer.
pub trait TwirpJson {
    /// Writes all fields.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Serialises a message as Twirp's JSON.
pub struct AsJson<'a, T: ?Sized>(pub &'a T);

impl<T: TwirpJson + ?Sized> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// 64-bit numbers are text in proto3 JSON: a JavaScript number cannot hold them.
pub(super) struct Int64(pub i64);

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An enum's name, or its number when the number has no name here.
pub(super) struct EnumName(pub Option<&'static str>, pub i32);

impl Serialize for EnumName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_i32(self.1),
        }
    }
}

/// A list of messages or enum names.
pub(super) struct List<I>(pub I);

impl<I> Serialize for List<I>
where
    I: Clone + IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// One field; `r#type` is spelt `type` on the wire.
pub(super) fn field<M: SerializeMap, V: Serialize + ?Sized>(
    map: &mut M,
    name: &'static str,
    value: &V,
) -> Result<(), M::Error> {
    map.serialize_entry(name.trim_start_matches("r#"), value)
}

/// Values of a map in the order of their keys, so that the same message always reads the same.
pub(super) fn sorted<K: Ord, V>(
    map: &std::collections::HashMap<K, V>,
) -> std::collections::BTreeMap<&K, &V> {
    map.iter().collect()
}

/// Lists the fields of a message and how each is written:
/// `plain` (text, bool, 32-bit number), `int64`, `(names Enum)`, `(name Enum)`, `message`, `messages`, `optional`
/// (a message left out when absent, because proto says `optional`), `present` (the same of a plain value), `map`, `(oneof Enum { Variant "field" kind })`.
macro_rules! twirp_json {
    ($($(#[$attribute:meta])* $message:ident { $($field:ident: $kind:tt),* $(,)? })*) => {$(
        impl TwirpJson for livekit_protocol::$message {
            $(#[$attribute])*
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Destructured without `..`: a field that a newer protocol adds fails to compile here.
                let Self { $($field),* } = self;
                let mut map = serializer.serialize_map(None)?;
                $(twirp_json!(@ map, $field, $kind);)*
                map.end()
            }
        }
    )*};
    (@ $map:ident, $field:ident, plain) => { field(&mut $map, stringify!($field), $field)?; };
    (@ $map:ident, $field:ident, int64) => { field(&mut $map, stringify!($field), &Int64(*$field))?; };
    (@ $map:ident, $field:ident, map) => { field(&mut $map, stringify!($field), &sorted($field))?; };
    (@ $map:ident, $field:ident, message) => {
        field(&mut $map, stringify!($field), &$field.as_ref().map(AsJson))?;
    };
    (@ $map:ident, $field:ident, optional) => {
        if let Some(value) = $field {
            field(&mut $map, stringify!($field), &AsJson(value))?;
        }
    };
    (@ $map:ident, $field:ident, present) => {
        if let Some(value) = $field {
            field(&mut $map, stringify!($field), value)?;
        }
    };
    (@ $map:ident, $field:ident, messages) => {
        field(&mut $map, stringify!($field), &List($field.iter().map(AsJson)))?;
    };
    (@ $map:ident, $field:ident, (name $enum:path)) => {
        field(&mut $map, stringify!($field), &EnumName(<$enum>::try_from(*$field).ok().map(|value| value.as_str_name()), *$field))?;
    };
    (@ $map:ident, $field:ident, (names $enum:path)) => {
        field(&mut $map, stringify!($field), &List($field.iter().map(|number| {
            EnumName(<$enum>::try_from(*number).ok().map(|value| value.as_str_name()), *number)
        })))?;
    };
    // Of a oneof the one that is there.
    (@ $map:ident, $field:ident, (oneof $enum:ident { $($variant:ident $name:literal $kind:tt),* $(,)? })) => {
        match $field {
            $(Some($enum::$variant(value)) => { twirp_json!(@one $map, $name, value, $kind); })*
            None => {}
        }
    };
    (@one $map:ident, $name:literal, $value:ident, message) => { field(&mut $map, $name, &AsJson($value))?; };
    (@one $map:ident, $name:literal, $value:ident, plain) => { field(&mut $map, $name, $value)?; };
    (@one $map:ident, $name:literal, $value:ident, (name $enum:path)) => {
        field(&mut $map, $name, &EnumName(<$enum>::try_from(*$value).ok().map(|value| value.as_str_name()), *$value))?;
    };
}
pub(super) use twirp_json;

/// Messages without fields.
macro_rules! empty_twirp_json {
    ($($message:ident),* $(,)?) => {$(
        impl TwirpJson for livekit_protocol::$message {
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self {} = self;
                serializer.serialize_map(Some(0))?.end()
            }
        }
    )*};
}
pub(super) use empty_twirp_json;
