//! What programs outside are told, by example: for the API's description and the documentation. A test makes each of
//! them as the product does.

use serde_json::Value;

use super::EventType;

const EXAMPLES: &str = include_str!("examples.json");

/// A message of this type.
pub fn example(kind: EventType) -> Value {
    // A test reads them all.
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    examples[kind.as_str()].clone()
}
