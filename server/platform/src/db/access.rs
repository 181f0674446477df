//! Counts the changes of who may do what, so that whatever was read before one is known to be old.
//!
//! A store's function that ends sessions or changes accounts says so to its transaction. The count goes up then, and
//! again when the transaction has ended, however it ends: what is read in between counts as old too.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The count, shared by a database's handles.
#[derive(Debug, Clone, Default)]
pub struct AccessChanges(Arc<AtomicU64>);

/// A transaction under way that changes something; the count goes up again when it is dropped.
#[derive(Debug)]
pub struct AccessChange(AccessChanges);

impl AccessChanges {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// One begins.
    pub fn begin(&self) -> AccessChange {
        self.next();
        AccessChange(self.clone())
    }

    fn next(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for AccessChange {
    fn drop(&mut self) {
        self.0.next();
    }
}
