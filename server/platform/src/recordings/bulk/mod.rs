//! What is done with several recordings at once.

pub mod delete;
pub mod download;
mod zip;
