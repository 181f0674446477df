//! The media server as its clients meet it: a real server on a free port, real HTTP and WebSocket clients, LiveKit's
//! own Rust SDK as the judge of tokens, RoomService and webhooks.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod connect;
mod egress;
mod encoder;
mod harness;
mod ingress;
mod room_service;
mod signal;
mod turn;
mod webhook;
mod whip;
