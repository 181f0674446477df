//! Brings the store up to date behind the delayed leaves, which never wait for it longer than a bound. What a store
//! that is out could not take is written when it is back. It must not know what the entries mean.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::future::join_all;
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Key, Store, StoreError, Stored, counts::Counts};

/// A write that has not ended by then has failed, and nobody waits longer for one.
const WRITE_BOUND: Duration = Duration::from_secs(2);
/// The last writes may take so long in all.
const CLOSING_BOUND: Duration = Duration::from_secs(3);
const CONCURRENT_WRITES: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where changes are left; cheap to clone. Without a store nothing is kept.
#[derive(Clone)]
pub(super) struct Journal(Option<Arc<Shared>>);

struct Shared {
    pending: Mutex<Pending>,
    changed: Notify,
    limit: usize,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Pending {
    /// The last word on each entry; earlier ones need not be written.
    changes: HashMap<Key, Change>,
    out: bool,
}

struct Change {
    write: Write,
    receipt: Option<oneshot::Sender<()>>,
}

impl Change {
    /// It was written, or will not be for now: nobody needs to wait for it.
    fn settle(self) -> Write {
        if let Some(receipt) = self.receipt {
            // Whoever had the receipt may be gone.
            let _ = receipt.send(());
        }
        self.write
    }
}

enum Write {
    Save(Stored),
    Delete,
}

/// Becomes ready when a change was written, or cannot be for now.
#[must_use = "a receipt is there to be awaited"]
pub(super) struct Receipt(Option<oneshot::Receiver<()>>);

impl Receipt {
    /// Nothing is to be written.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    pub(super) async fn settled(self) {
        if let Some(settled) = self.0 {
            // Either way nothing is to be waited for any longer: the journal knows what is left to write.
            let _ = timeout(WRITE_BOUND, settled).await;
        }
    }
}

impl Journal {
    /// A journal that forgets.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// A journal for [`Self::run`], that remembers about `limit` entries to delete while the store is out.
    pub(super) fn new(limit: usize, counts: Arc<Counts>) -> Self {
        Self(Some(Arc::new(Shared {
            pending: Mutex::default(),
            changed: Notify::new(),
            limit,
            counts,
        })))
    }

    /// Writes an entry, in time.
    pub(super) fn save(&self, stored: Stored) -> Receipt {
        self.change(Key::of(&stored.delegation), Write::Save(stored))
    }

    /// Removes an entry, in time.
    pub(super) fn delete(&self, key: Key) -> Receipt {
        self.change(key, Write::Delete)
    }

    fn change(&self, key: Key, write: Write) -> Receipt {
        let Some(shared) = &self.0 else {
            return Receipt::none();
        };
        let mut pending = shared.pending.lock();
        // Delegations are counted, so only deletes can pile up. One that is forgotten leaves an entry that the next
        // start finds expired, or the homeserver does not know.
        if pending.changes.len() >= shared.limit && matches!(write, Write::Delete) {
            pending.changes.remove(&key);
            return Receipt::none();
        }
        let (sender, receipt) = if pending.out {
            (None, None)
        } else {
            let (sender, receiver) = oneshot::channel();
            (Some(sender), Some(receiver))
        };
        let change = Change {
            write,
            receipt: sender,
        };
        pending.changes.insert(key, change);
        drop(pending);
        shared.changed.notify_one();
        Receipt(receipt)
    }

    /// Writes until `stop`, then what is left.
    pub(super) async fn run(self, store: Arc<dyn Store>, stop: CancellationToken) {
        let Some(shared) = self.0 else { return };
        tokio::select! {
            () = shared.write_until(&*store, &stop) => {}
            () = async {
                stop.cancelled().await;
                tokio::time::sleep(CLOSING_BOUND).await;
            } => tracing::warn!("the store of delayed leaves was too slow to take the last changes"),
        }
        let left = shared.pending.lock().changes.len();
        if left > 0 {
            tracing::warn!(left, "changes of delayed leaves are not stored");
        }
    }
}

impl Shared {
    async fn write_until(&self, store: &dyn Store, stop: &CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let stopped = stop.is_cancelled();
            let written = self.write_pending(store).await;
            if stopped {
                return;
            }
            if written {
                pause = FIRST_PAUSE;
                tokio::select! {
                    () = self.changed.notified() => {}
                    () = stop.cancelled() => {}
                }
            } else {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// False when the store failed; what it did not take is pending again.
    async fn write_pending(&self, store: &dyn Store) -> bool {
        let changes = std::mem::take(&mut self.pending.lock().changes);
        let mut left: Vec<_> = changes.into_iter().collect();
        let mut works = true;
        while works && !left.is_empty() {
            // A store that was out is tried with one write.
            let count = if self.pending.lock().out {
                1
            } else {
                CONCURRENT_WRITES
            };
            let batch = left.split_off(left.len().saturating_sub(count));
            let results = join_all(batch.iter().map(|(key, change)| write(store, key, change)));
            let results = results.await;
            works = self.observe(&results);
            for ((key, change), result) in batch.into_iter().zip(results) {
                match result {
                    Ok(()) => drop(change.settle()),
                    Err(_) => left.push((key, change)),
                }
            }
        }
        self.put_back(left);
        works
    }

    /// Tells the log about an outage once, and once about its end.
    fn observe(&self, results: &[Result<(), StoreError>]) -> bool {
        let mut failures = results.iter().filter_map(|result| result.as_ref().err());
        let first = failures.next();
        let mut pending = self.pending.lock();
        match first {
            Some(error) => {
                self.counts.failed_writes.add_one();
                if !pending.out {
                    tracing::error!(%error, "the store of delayed leaves fails; changes wait until it is back");
                }
            }
            None if pending.out => tracing::info!("the store of delayed leaves is back"),
            None => {}
        }
        pending.out = first.is_some();
        first.is_none()
    }

    fn put_back(&self, left: Vec<(Key, Change)>) {
        let mut pending = self.pending.lock();
        for (key, change) in left {
            let write = change.settle();
            // A newer word on the entry counts more.
            let change = Change {
                write,
                receipt: None,
            };
            pending.changes.entry(key).or_insert(change);
        }
    }
}

async fn write(store: &dyn Store, key: &Key, change: &Change) -> Result<(), StoreError> {
    let write = match &change.write {
        Write::Save(stored) => store.save(stored),
        Write::Delete => store.delete(&key.room, &key.identity),
    };
    timeout(WRITE_BOUND, write)
        .await
        .unwrap_or_else(|_| Err(StoreError("the store does not answer".into())))
}
