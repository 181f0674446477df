//! What is done with several recordings at once.

pub mod delete;
pub mod download;
pub mod zip;
