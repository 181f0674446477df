//! Who is held: one delayed leave per participant, each a task of its own, and its entry in the journal.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures::future::join_all;
use livekit_wire::RoomName;
use parking_lot::Mutex;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Action, Delegation, Key, ParticipantEvent, ParticipantSid, Store, StoreError, Stored,
    TakeOverError,
    journal::{Journal, Receipt},
    leave::{Leave, Origin},
    mailbox::{Mailbox, Told},
    ports::Ports,
};

/// Reading the whole store may take so long before it counts as failed.
const READ_BOUND: Duration = Duration::from_secs(5);
const READ_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How long a homeserver is asked to forget an event that another took the place of.
const LONGEST_CANCELLING: Duration = Duration::from_mins(5);

pub(super) struct Registry {
    pub(super) ports: Arc<Ports>,
    pub(super) journal: Journal,
    held: Mutex<Held>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Held {
    leaves: HashMap<Key, Entry>,
    last_number: u64,
    closed: bool,
}

struct Entry {
    number: u64,
    delegation: Delegation,
    mailbox: Mailbox,
    replaced: CancellationToken,
}

/// A leave's right to its entry, which ends when another delegation takes its place.
pub(super) struct Seat {
    registry: Arc<Registry>,
    key: Key,
    number: u64,
}

impl Registry {
    pub(super) fn new(ports: Arc<Ports>, journal: Journal) -> Arc<Self> {
        Arc::new(Self {
            ports,
            journal,
            held: Mutex::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    pub(super) fn live(&self) -> usize {
        self.held.lock().leaves.len()
    }

    /// The rooms that somebody with a delayed leave is or was in.
    pub(super) fn rooms(&self) -> HashSet<RoomName> {
        let held = self.held.lock();
        held.leaves.keys().map(|key| key.room.clone()).collect()
    }

    pub(super) fn tell(&self, key: &Key, event: ParticipantEvent, sid: ParticipantSid) {
        if let Some(entry) = self.held.lock().leaves.get(key) {
            entry.mailbox.put(Told { event, sid });
        }
    }

    pub(super) fn tell_all(&self, event: ParticipantEvent) {
        for entry in self.held.lock().leaves.values() {
            let sid = ParticipantSid::default();
            entry.mailbox.put(Told { event, sid });
        }
    }

    /// Holds a delegation, which acts as soon as it is stored or the store turns out to be out.
    pub(super) async fn take_over(
        self: &Arc<Self>,
        delegation: Delegation,
    ) -> Result<(), TakeOverError> {
        let key = Key::of(&delegation);
        let started = {
            let mut held = self.held.lock();
            if held.closed {
                return Err(TakeOverError::ShuttingDown);
            }
            let full = held.leaves.len() >= self.ports.settings.max_delegations;
            if full && !held.leaves.contains_key(&key) {
                return Err(TakeOverError::Full);
            }
            // The homeserver's timeout began when the client made the event: a moment ago, for all we know.
            let restarted_at = (self.ports.settings.sources.wall_clock)();
            // Under the lock, as every change of an entry, so that the store sees them in the order of their causes.
            let saved = self.journal.save(Stored {
                delegation: delegation.clone(),
                restarted_at,
            });
            self.start(&mut held, key, delegation, Origin::HandedOver, saved)
        };
        match started.await {
            Err(_) if self.closing.is_cancelled() => Err(TakeOverError::ShuttingDown),
            // Not started: a newer delegation of the same participant came in between.
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn start(
        self: &Arc<Self>,
        held: &mut Held,
        key: Key,
        delegation: Delegation,
        origin: Origin,
        saved: Receipt,
    ) -> oneshot::Receiver<()> {
        held.last_number += 1;
        self.ports.counts.taken_over.add_one();
        let entry = Entry {
            number: held.last_number,
            delegation: delegation.clone(),
            mailbox: Mailbox::default(),
            replaced: self.closing.child_token(),
        };
        let seat = Seat {
            registry: self.clone(),
            key: key.clone(),
            number: entry.number,
        };
        let (started, has_started) = oneshot::channel();
        let (mailbox, replaced) = (entry.mailbox.clone(), entry.replaced.clone());
        self.tasks.spawn(async move {
            let life = async {
                saved.settled().await;
                // Whoever handed it over may have gone.
                let _ = started.send(());
                Leave::new(seat.registry.ports.clone(), delegation)
                    .run(origin, &mailbox, &seat)
                    .await;
            };
            if replaced.run_until_cancelled(life).await.is_some() {
                seat.vacate();
            }
        });
        let delay_id = entry.delegation.delay_id.clone();
        if let Some(earlier) = held.leaves.insert(key, entry) {
            earlier.replaced.cancel();
            if earlier.delegation.delay_id != delay_id {
                self.cancel(earlier.delegation);
            }
        }
        has_started
    }

    /// Nobody keeps the event alive any longer: in time the homeserver would say that somebody left who is there.
    fn cancel(self: &Arc<Self>, superseded: Delegation) {
        // Twice as many tasks as leaves are under way only when a homeserver is silent and its users hand over on.
        if self.tasks.len() > self.ports.settings.max_delegations.saturating_mul(2) {
            tracing::warn!(room = %superseded.room, "a superseded delayed leave event is not cancelled");
            return;
        }
        let registry = self.clone();
        let until = Instant::now() + superseded.delay_timeout.min(LONGEST_CANCELLING);
        self.tasks.spawn(async move {
            let cancelled = registry.ports.insist(&superseded, Action::Cancel, until);
            if let Some(Err(error)) = registry.closing.run_until_cancelled(cancelled).await {
                tracing::warn!(
                    room = %superseded.room,
                    identity = %superseded.identity,
                    server_name = %superseded.server_name,
                    %error,
                    "a superseded delayed leave event is not cancelled"
                );
            }
        });
    }

    /// Resumes what `store` holds; a store that cannot be read now is read later.
    pub(super) async fn recover(self: &Arc<Self>, store: Arc<dyn Store>) {
        match read(&*store).await {
            Ok(all) => {
                join_all(self.resume(all).into_iter().map(Receipt::settled)).await;
            }
            Err(error) => {
                tracing::error!(%error, "stored delayed leaves cannot be read; this is tried again");
                let registry = self.clone();
                self.tasks.spawn(async move {
                    let closing = registry.closing.clone();
                    let later = registry.recover_later(&*store);
                    closing.run_until_cancelled(later).await;
                });
            }
        }
    }

    async fn recover_later(self: &Arc<Self>, store: &dyn Store) {
        loop {
            sleep(READ_AGAIN_AFTER).await;
            if let Ok(all) = read(store).await {
                for deleted in self.resume(all) {
                    deleted.settled().await;
                }
                return;
            }
        }
    }

    /// The receipts of the deletes of what had expired.
    fn resume(self: &Arc<Self>, all: Vec<Stored>) -> Vec<Receipt> {
        let now = (self.ports.settings.sources.wall_clock)();
        let mut held = self.held.lock();
        let mut deletes = Vec::new();
        for stored in all {
            let key = Key::of(&stored.delegation);
            // A clock that was set back makes an entry of the future, which is not an expired one.
            let age = now.duration_since(stored.restarted_at).unwrap_or_default();
            if held.closed || held.leaves.contains_key(&key) {
                // A delegation that came while the store could not be read is newer.
            } else if age >= stored.delegation.delay_timeout {
                tracing::info!(room = %key.room, identity = %key.identity, "a stored delayed leave has expired");
                deletes.push(self.journal.delete(key));
            } else {
                let origin = Origin::Stored(age);
                self.start(&mut held, key, stored.delegation, origin, Receipt::none());
            }
        }
        deletes
    }

    /// From now on nothing is held that was not before, and what is held stops.
    pub(super) fn stop(&self) {
        self.held.lock().closed = true;
        self.closing.cancel();
        self.tasks.close();
    }

    /// Returns when everything has stopped.
    pub(super) async fn stopped(&self) {
        self.tasks.wait().await;
    }
}

impl Seat {
    /// Stores when the event was restarted. Nobody waits for that: the entry is there, only its time is a little old.
    pub(super) fn restarted(&self, delegation: &Delegation, restarted_at: SystemTime) {
        let held = self.registry.held.lock();
        if self.is_held(&held) {
            let _ = self.registry.journal.save(Stored {
                delegation: delegation.clone(),
                restarted_at,
            });
        }
    }

    /// Gives up the seat and its entry.
    fn vacate(self) {
        let mut held = self.registry.held.lock();
        if self.is_held(&held) {
            held.leaves.remove(&self.key);
            let _ = self.registry.journal.delete(self.key.clone());
        }
    }

    fn is_held(&self, held: &Held) -> bool {
        held.leaves
            .get(&self.key)
            .is_some_and(|entry| entry.number == self.number)
    }
}

async fn read(store: &dyn Store) -> Result<Vec<Stored>, StoreError> {
    timeout(READ_BOUND, store.all())
        .await
        .unwrap_or_else(|_| Err(StoreError("the store does not answer".into())))
}
