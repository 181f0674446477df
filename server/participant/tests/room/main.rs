//! Participants in a room of the real media server: what they publish is what others get, and nothing that happens to
//! their sockets puts them out for good.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of real sockets go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod frames;
mod harness;
mod path;
mod people;
mod reconnect;
mod tracks;
