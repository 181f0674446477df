//! Makes a film of a recording's folder. It may be killed at any moment and begun again; it must not know rooms or networks.

mod mix;
mod passthrough;
mod plan;
mod segments;
mod shots;
mod track;

pub use passthrough::{ComposeError, Wanted, compose};
pub use track::join_segments;
