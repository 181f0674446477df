//! Counts what was written, so that whatever was read before is known to be old.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// The count, shared by a database's handles.
#[derive(Debug, Clone, Default)]
pub struct Writes(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    count: AtomicU64,
    /// Whether the one writer writes only what nobody keeps in memory.
    aside: AtomicBool,
}

/// A transaction under way; counted when it is dropped, however it ended, unless it is one aside.
#[derive(Debug)]
pub struct Write(Option<Writes>);

impl Writes {
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::SeqCst)
    }

    /// One begins.
    pub fn begin(&self) -> Write {
        Write(Some(self.clone()))
    }

    /// One has begun that writes only what nobody keeps in memory.
    pub fn begin_aside(&self) -> Write {
        self.0.aside.store(true, Ordering::SeqCst);
        Write(None)
    }

    /// The writer was given back: what it wrote is there, and counts unless it was aside.
    pub fn released(&self) {
        if !self.0.aside.swap(false, Ordering::SeqCst) {
            self.next();
        }
    }

    /// Something may have been written.
    fn next(&self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(writes) = &self.0 {
            writes.next();
        }
    }
}
