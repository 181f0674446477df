//! Makes a film of a recording's folder. It may be killed at any moment and begun again; it must not know rooms or networks.

mod mix;
mod passthrough;
mod plan;
mod shots;

pub use passthrough::{ComposeError, Film, Wanted, compose};
