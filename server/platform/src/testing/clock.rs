//! A clock that only moves when a test says so.

use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Clock, Timestamp};

/// Starts at 2026-11-21T00:00:00Z.
pub struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    pub fn new() -> StoppedClock {
        StoppedClock(Mutex::new(Timestamp(1_795_219_200_000)))
    }

    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = *now + duration;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}
