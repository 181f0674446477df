//! Live updates: what pages are told of what happens, from the outbox to the streams.
//! It must not know who may see what; that is decided where the stream is served (`rooms::watch`).

mod event;
mod hub;
mod kind;
mod reader;

pub use event::{EventBody, Told};
pub use hub::{EventId, Hub, Published, access_draft, draft, webhook_draft};
pub use kind::{Audience, EventKind};
pub use reader::{deliver, missed, trim};
