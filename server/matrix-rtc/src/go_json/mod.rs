//! JSON by the rules of Go's `encoding/json`, which clients of the original service have come to rely on and which
//! rooms' names are hashed over. It must not know any message.

mod decode;
mod encode;
mod scan;

pub use decode::{Record, Slot, decode};
pub use encode::{encode_strings, escape};
