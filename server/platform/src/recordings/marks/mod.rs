//! What happened when in a recording: its chapters, gathered once its film is there.

mod gather;
mod model;
pub mod store;
pub mod timeline;

pub use gather::gather;
pub use model::Mark;
