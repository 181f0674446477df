//! The machine's clocks: packets and timers are stamped here, and nowhere behind.

use std::time::{Instant, SystemTime};

/// What tokens, webhooks and sender reports are stamped with.
#[expect(
    clippy::disallowed_methods,
    reason = "where the clock that is passed in comes from"
)]
pub fn wall_clock() -> SystemTime {
    SystemTime::now()
}

/// When a packet came or a timer is due.
#[expect(
    clippy::disallowed_methods,
    reason = "where the time that is passed in comes from"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
