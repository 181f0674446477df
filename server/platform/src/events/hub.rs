//! Hands live events to whoever listens now; it keeps no history and must not know who may see what.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::broadcast;

use super::event::Event;

// More sign-outs at once than this make every listener look.
const ACCESS_CAPACITY: usize = 256;
// A burst of a large room's joins; a listener further behind than this is told to start over.
const CAPACITY: usize = 1024;

/// One event with its place in this process's sequence.
#[derive(Debug, Clone)]
pub struct Published {
    pub sequence: u64,
    pub event: Event,
}

/// The events of this process.
pub struct Hub {
    boot: String,
    sequence: AtomicU64,
    sender: broadcast::Sender<Published>,
    access: broadcast::Sender<String>,
}

impl Hub {
    /// A silent hub; `boot` tells this process's event ids from those of the one before.
    pub fn new(boot: String) -> Hub {
        Hub {
            boot,
            sequence: AtomicU64::new(0),
            sender: broadcast::Sender::new(CAPACITY),
            access: broadcast::Sender::new(ACCESS_CAPACITY),
        }
    }

    /// Tells everybody who listens. Call it after the commit, never before.
    pub fn publish(&self, event: Event) {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        // No listener is no error.
        let _ = self.sender.send(Published { sequence, event });
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.sender.subscribe()
    }

    /// Tells streams that an account's sessions or rights changed. Call it after the commit, never before.
    pub fn access_changed(&self, user_id: &impl ToString) {
        let _ = self.access.send(user_id.to_string());
    }

    /// The ids of accounts whose sessions or rights change from now on.
    pub fn watch_access(&self) -> broadcast::Receiver<String> {
        self.access.subscribe()
    }

    /// The id of an event in this process's sequence.
    pub fn id(&self, sequence: u64) -> String {
        format!("{}-{sequence}", self.boot)
    }

    /// The id of the newest event.
    pub fn latest_id(&self) -> String {
        self.id(self.sequence.load(Ordering::Relaxed))
    }
}
