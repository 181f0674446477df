//! Counts what each holder has of something, up to a limit. It must not know what is shared.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;

/// How many each key holds; clones are handles to the same count.
#[derive(Debug)]
pub struct Shares<K: Eq + Hash> {
    most: usize,
    held: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self {
            most: self.most,
            held: self.held.clone(),
        }
    }
}

impl<K: Clone + Eq + Hash> Shares<K> {
    /// Nobody holds anything yet, and nobody may hold more than `most`.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            held: Arc::default(),
        }
    }

    /// One more for `key` until the share is dropped, or `None` when it holds the most already.
    pub fn take(&self, key: K) -> Option<Share<K>> {
        let mut held = self.held.lock();
        let count = held.entry(key.clone()).or_default();
        if *count >= self.most {
            if *count == 0 {
                held.remove(&key);
            }
            return None;
        }
        *count += 1;
        Some(Share {
            key,
            held: self.held.clone(),
        })
    }
}

/// One of what a key holds; dropping it gives it back.
#[derive(Debug)]
pub struct Share<K: Eq + Hash> {
    key: K,
    held: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_holds_as_many_as_allowed_and_one_that_is_dropped_is_free_again() {
        let shares = Shares::new(2);
        let first = shares.take("ada");
        let second = shares.take("ada");
        assert!(first.is_some() && second.is_some());
        assert!(shares.take("ada").is_none());
        assert!(shares.take("grace").is_some());
        drop(first);
        assert!(shares.take("ada").is_some());
        drop(second);
        assert!(
            shares.held.lock().is_empty(),
            "nothing is remembered of those who hold nothing"
        );
    }
}
