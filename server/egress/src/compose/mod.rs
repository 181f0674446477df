//! Makes a film of a recording's folder. It may be killed at any moment and begun again; it must not know rooms or networks.

mod captions;
pub mod ffmpeg;
pub mod live;
mod mix;
mod passthrough;
mod plan;
mod poster;
mod scenes;
mod segments;
mod shots;
mod track;

pub use passthrough::{ComposeError, Film, Wanted, compose};
pub use poster::poster;
pub use scenes::Layout;
pub use segments::Recording;
pub use track::join_segments;
