//! Live updates: what features publish after their commits, and what pages are told.
//! It must not know who may see what; that is decided where the stream is served (`rooms::watch`).

mod event;
mod hub;
mod kind;

pub use event::{Event, EventBody, EventRoom};
pub use hub::{Hub, Published};
pub use kind::EventKind;
