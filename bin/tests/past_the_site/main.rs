//! Browsers that reach media servers past the site (`livekit.host`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;
mod old_tokens;
