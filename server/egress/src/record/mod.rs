//! Writes down a room: each track into files of its own, and beside them a timeline of what happened. It must not know what is
//! made of them.

pub mod clock;
pub mod codec;
pub mod files;
pub mod timeline;
