//! The client against the servers of this repository: the mock of LiveKit's whole API, and the built-in media server.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod built_in;
mod harness;
mod mock;
