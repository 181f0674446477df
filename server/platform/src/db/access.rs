//! Counts the changes of who may do what, so that whatever was read before one is known to be old.
//!
//! A store's function that ends sessions or changes accounts says so to its transaction. The count goes up then, and
//! again when the transaction has ended, however it ends: what is read in between counts as old too.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// The count, shared by a database's handles.
#[derive(Debug, Clone, Default)]
pub struct AccessChanges(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    changes: AtomicU64,
    /// Changes of other servers are not heard: nothing is known.
    deaf: AtomicBool,
}

/// A transaction under way that changes something; the count goes up again when it is dropped.
#[derive(Debug)]
pub struct AccessChange(AccessChanges);

impl AccessChanges {
    /// Of a database that other servers use too: nothing is known until they are heard.
    pub fn unheard() -> AccessChanges {
        let changes = AccessChanges::default();
        changes.set_deaf(true);
        changes
    }

    /// How many there were; `None` while other servers' are not heard.
    pub fn count(&self) -> Option<u64> {
        let count = self.0.changes.load(Ordering::SeqCst);
        (!self.0.deaf.load(Ordering::SeqCst)).then_some(count)
    }

    /// Whether changes of other servers are heard from now on; what they changed before may have been missed.
    pub fn set_deaf(&self, deaf: bool) {
        self.next();
        self.0.deaf.store(deaf, Ordering::SeqCst);
    }

    /// Another server changed something.
    pub fn heard(&self) {
        self.next();
    }

    /// One begins.
    pub fn begin(&self) -> AccessChange {
        self.next();
        AccessChange(self.clone())
    }

    fn next(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for AccessChange {
    fn drop(&mut self) {
        self.0.next();
    }
}
