//! The bounds of what is written into trunks, rules and calls, and how the API describes them.

use std::collections::BTreeMap;

use utoipa::openapi::{
    ArrayBuilder, Object, ObjectBuilder, Type,
    schema::{AdditionalProperties, Schema},
};

use crate::http::openapi;

/// In characters: names, numbers, addresses, user names.
pub const LONGEST_TEXT: usize = 256;
pub const LONGEST_METADATA: usize = 16 * 1024;
/// Of numbers, addresses and trunks in one entry.
pub const MOST_ENTRIES: usize = 200;
/// In seconds: a day.
pub const LONGEST_TIME: u32 = 86_400;

pub fn text() -> Object {
    openapi::text(0..=LONGEST_TEXT).build()
}

pub fn needed_text() -> Object {
    openapi::text(1..=LONGEST_TEXT).build()
}

pub fn text_or_null() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_TEXT))
}

pub fn metadata() -> Object {
    openapi::text(0..=LONGEST_METADATA).build()
}

pub fn seconds() -> Object {
    openapi::number_or_null(LONGEST_TIME)
}

pub fn texts() -> Schema {
    let entries = ArrayBuilder::new()
        .items(openapi::text(1..=LONGEST_TEXT).build())
        .max_items(Some(MOST_ENTRIES));
    entries.build().into()
}

pub fn map() -> Object {
    let entry = openapi::text(0..=LONGEST_TEXT).build();
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::RefOr(entry.into())))
        .build()
}

/// So many texts, each of them not empty and not too long.
pub fn check_texts<C>(texts: &[String], _: &C) -> garde::Result {
    let long = |text: &String| text.is_empty() || text.chars().count() > LONGEST_TEXT;
    if texts.len() > MOST_ENTRIES || texts.iter().any(long) {
        let bounds = format!("at most {MOST_ENTRIES} entries with 1 to {LONGEST_TEXT} characters");
        return Err(garde::Error::new(bounds));
    }
    Ok(())
}

/// So many names, each with a text that is not too long.
pub fn check_map<C>(map: &BTreeMap<String, String>, _: &C) -> garde::Result {
    let long = |(name, text): (&String, &String)| {
        name.chars().count() > LONGEST_TEXT || text.chars().count() > LONGEST_TEXT
    };
    if map.len() > MOST_ENTRIES || map.iter().any(long) {
        let bounds = format!("at most {MOST_ENTRIES} entries with {LONGEST_TEXT} characters");
        return Err(garde::Error::new(bounds));
    }
    Ok(())
}
