//! Totals since the start.

use std::sync::atomic::{AtomicU64, Ordering};

/// One total.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The totals of [`super::Snapshot`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) taken_over: Count,
    pub(super) restarts: Count,
    pub(super) failed_restarts: Count,
    pub(super) sends: Count,
    pub(super) failed_sends: Count,
    pub(super) failed_lookups: Count,
    pub(super) failed_writes: Count,
}
