//! The store in Redis, against a server that speaks just enough of its protocol to misbehave at will, and (by hand:
//! `cargo test -p matrix-rtc --test redis_store -- --ignored`) against the real one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;
mod outage;
mod real;
mod resp;
mod shared;
mod store;
mod tls;
