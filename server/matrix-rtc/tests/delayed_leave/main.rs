//! Delayed leaves from outside: delegations and webhooks go in, requests to homeservers come out. The clock is
//! paused unless threads are wanted: waits take no time and every instant is exact.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

mod flooding;
mod keeping_alive;
mod replacing;
mod sending;
mod sharing;
mod storing;
mod waiting;
