//! Counts what was written, so that whatever was read before is known to be old.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The count, shared by a database's handles.
#[derive(Debug, Clone, Default)]
pub struct Writes(Arc<AtomicU64>);

/// A transaction under way; counted when it is dropped, however it ended.
#[derive(Debug)]
pub struct Write(Writes);

impl Writes {
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// One begins.
    pub fn begin(&self) -> Write {
        Write(self.clone())
    }

    /// Something may have been written.
    pub fn next(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        self.0.next();
    }
}
