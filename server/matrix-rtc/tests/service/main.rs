//! The service from outside: real HTTP on the loopback, homeservers over real TLS, an SFU that speaks Twirp.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod homeserver;
mod service;
mod sfu;

mod addresses;
mod certificates;
mod delegating;
mod discovery;
mod environment;
mod go_answers;
mod http;
mod limits;
mod silence;
mod tokens;
mod webhook;
