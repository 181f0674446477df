//! A clock that only moves when a test says so.

use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Clock, Timestamp};

pub struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    /// 2026-11-21T00:00:00Z, since the Unix epoch.
    pub const START: Duration = Duration::from_hours(20_778 * 24);

    pub fn new() -> StoppedClock {
        StoppedClock(Mutex::new(Timestamp(0) + StoppedClock::START))
    }

    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = *now + duration;
    }

    /// Goes by the machine's clock, for whom a process of others goes by it too.
    pub fn set_to_now(&self) {
        *self.0.lock() = std::time::SystemTime::now().into();
    }

    /// Somebody sets the machine's clock back.
    pub fn set_back(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = *now - duration;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}
