//! Sites beside media servers that are nobody's child: browsers that reach them past the site (`livekit.host`), and several of
//! them in different regions.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;
mod old_tokens;
mod regions;
