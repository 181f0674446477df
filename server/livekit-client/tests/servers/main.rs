//! The client against the servers of this repository: the mock of LiveKit's whole API, and the built-in media server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod built_in;
mod harness;
mod mock;
