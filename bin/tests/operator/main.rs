//! What whoever runs a site does at its command line, against real processes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod deploy;
mod log;
mod pages;
mod service;
mod site;
mod users;
