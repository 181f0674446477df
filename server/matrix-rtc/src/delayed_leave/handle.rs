//! The way in from outside: webhooks, requests and the process's start and end.

use std::{collections::HashSet, sync::Arc};

use livekit_wire::{Identity, RoomName};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    DelayedEvents, Delegation, Key, ParticipantEvent, ParticipantSid, Presence, Settings, Snapshot,
    Store, TakeOverError, counts::Counts, journal::Journal, ports::Ports, registry::Registry,
};

/// More than any client needs; what is held for one participant stays small.
const LONGEST_NAMES: usize = 1024;
/// What MSC4140 homeservers and the store count timeouts in has its end here: nanoseconds in 63 bits.
const LONGEST_TIMEOUT: u128 = i64::MAX as u128;

/// All delayed leaves that are held; cheap to clone. When the last clone is dropped everything stops, as by `close`.
#[derive(Clone)]
pub struct DelayedLeaves(Arc<Running>);

struct Running {
    registry: Arc<Registry>,
    journal: TaskTracker,
    stop_journal: CancellationToken,
}

impl DelayedLeaves {
    /// Resumes what `store` holds and deletes what has expired there. A store that cannot be read does not hold up the
    /// rest: it is read later.
    pub async fn open(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        store: Option<Arc<dyn Store>>,
        settings: Settings,
    ) -> Self {
        Self::open_counting(events, presence, store, settings, Arc::default()).await
    }

    /// The same, with totals that go on.
    pub(super) async fn open_counting(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        store: Option<Arc<dyn Store>>,
        settings: Settings,
        counts: Arc<Counts>,
    ) -> Self {
        let journal = match store {
            None => Journal::none(),
            Some(_) => Journal::new(settings.max_delegations.saturating_mul(2), counts.clone()),
        };
        let ports = Arc::new(Ports::new(events, presence, settings, counts));
        let running = Running {
            registry: Registry::new(ports, journal.clone()),
            journal: TaskTracker::new(),
            stop_journal: CancellationToken::new(),
        };
        if let Some(store) = store {
            let stop = running.stop_journal.clone();
            running.journal.spawn(journal.run(store.clone(), stop));
            running.registry.recover(store).await;
        }
        Self(Arc::new(running))
    }

    /// Keeps a delegation from now on, in place of an earlier one of the same participant. When it returns the
    /// delegation is stored, or the store is out.
    pub async fn take_over(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        check(&delegation)?;
        self.0.registry.take_over(delegation).await
    }

    /// Passes on a webhook; never waits. One of a participant without a delegation is dropped: when a delegation
    /// comes, a lookup finds out what the webhook said.
    pub fn tell(
        &self,
        room: &RoomName,
        identity: &Identity,
        event: ParticipantEvent,
        sid: ParticipantSid,
    ) {
        let key = Key {
            room: room.clone(),
            identity: identity.clone(),
        };
        self.0.registry.tell(&key, event, sid);
    }

    /// The SFU has started anew: nobody is there, and all may come back.
    pub fn sfu_started(&self) {
        self.0.registry.tell_all(ParticipantEvent::Interrupted);
    }

    /// The rooms that somebody with a delayed leave is or was in.
    pub fn rooms(&self) -> HashSet<RoomName> {
        self.0.registry.rooms()
    }

    /// What has been going on.
    pub fn snapshot(&self) -> Snapshot {
        let registry = &self.0.registry;
        Snapshot::of(&registry.ports.counts, registry.live(), true)
    }

    /// Stops everything and waits for it. What is not finished stays stored and resumes with the next `open`.
    pub async fn close(&self) {
        self.0.registry.stop();
        self.0.registry.stopped().await;
        // Only now: the entry of a leave that has just ended is still to be deleted.
        self.0.stop_journal.cancel();
        self.0.journal.close();
        self.0.journal.wait().await;
    }
}

/// Whether a delegation can be held at all.
pub(super) fn check(delegation: &Delegation) -> Result<(), TakeOverError> {
    let timeout = delegation.delay_timeout;
    if timeout.is_zero() || timeout.as_nanos() > LONGEST_TIMEOUT {
        return Err(TakeOverError::InvalidTimeout(timeout));
    }
    let names = [
        delegation.server_name.as_str(),
        delegation.delay_id.as_str(),
        delegation.room.as_str(),
        delegation.identity.as_str(),
    ];
    if names.iter().map(|name| name.len()).sum::<usize>() > LONGEST_NAMES {
        return Err(TakeOverError::TooLong);
    }
    Ok(())
}

impl Drop for Running {
    fn drop(&mut self) {
        self.registry.stop();
        self.stop_journal.cancel();
    }
}
