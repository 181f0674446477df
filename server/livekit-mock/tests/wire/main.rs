//! The mock as an SDK's test suite meets it: real listeners on free ports, plain HTTP and WebSocket from outside, each
//! row of LiveKit's own tables one test.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_headers;
mod bounds;
mod default_control;
mod each_method;
mod harness;
mod headers;
mod json_header;
mod order;
mod recipes;
mod regions;
mod sdk;
mod signal;
mod sip;
mod tokens;
mod unreadable;
