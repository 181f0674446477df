//! Remembers when a webhook was turned away last, and why: for those who look for the cause of holes in the history.

use std::time::SystemTime;

use parking_lot::Mutex;

use crate::clock::Timestamp;

/// The last one since this process started.
#[derive(Debug, Default)]
pub struct Refused(Mutex<Option<(Timestamp, String)>>);

impl Refused {
    /// One was turned away.
    pub(super) fn note(&self, at: Timestamp, why: String) {
        *self.0.lock() = Some((at, why));
    }

    /// When, and why.
    pub fn last(&self) -> Option<(SystemTime, String)> {
        let last = self.0.lock().clone();
        last.map(|(at, why)| (at.into(), why))
    }
}
