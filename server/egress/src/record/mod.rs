//! Writes down a room: each track into files of its own, and beside them a timeline of what happened. It must not know what is
//! made of them.

mod clock;
pub mod codec;
mod disk;
pub mod files;
mod recorder;
mod selector;
pub mod timeline;

pub use clock::milliseconds;
pub use recorder::{Command, Ended, Recorder};
pub use selector::Selector;
