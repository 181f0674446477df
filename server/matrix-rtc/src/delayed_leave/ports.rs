//! What a delayed leave reaches: homeservers and the SFU, with retries, bounds and counts.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{
    ActError, Acted, Action, DelayedEvents, Delegation, ParticipantSid, Presence, PresenceUnknown,
    Settings, backoff::Backoff, counts::Counts,
};

/// An attempt that has not ended by then counts as failed, whatever bounds the other side has of its own.
const ATTEMPT_BOUND: Duration = Duration::from_secs(10);
/// A participant that is said to have left, or is not found, has this long to come back: full reconnects take a few
/// round trips.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);
/// When the SFU was away, or we were, clients try to get back for three quarters of this.
const LONG_PATIENCE: Duration = Duration::from_mins(1);
/// Lookups for one that may come back are not rarer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// There is one SFU; thousands of resumed delegations do not ask it all at once.
const CONCURRENT_LOOKUPS: usize = 32;

/// Why somebody who was there may not be.
#[derive(Debug, Clone)]
pub(super) enum Absence {
    /// A lookup did not find them.
    Seen,
    /// A webhook said that this stay of theirs is over.
    Told(ParticipantSid),
    /// The SFU was away, or we were.
    Interrupted,
}

/// Shared by all delayed leaves.
pub(super) struct Ports {
    events: Arc<dyn DelayedEvents>,
    presence: Arc<dyn Presence>,
    pub(super) settings: Settings,
    pub(super) counts: Arc<Counts>,
    lookups: Semaphore,
}

impl Ports {
    pub(super) fn new(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        settings: Settings,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            events,
            presence,
            settings,
            counts,
            lookups: Semaphore::new(CONCURRENT_LOOKUPS),
        }
    }

    /// Tries until the homeserver acts, will not act, or no further attempt would start before `deadline`; once in any
    /// case. Returns when the attempt that worked began.
    pub(super) async fn insist(
        &self,
        delegation: &Delegation,
        action: Action,
        deadline: Instant,
    ) -> Result<Instant, ActError> {
        let mut backoff = Backoff::default();
        loop {
            let asked_at = Instant::now();
            let error = match self.act(delegation, action).await {
                Ok(Acted::Done | Acted::AlreadyGone) => return Ok(asked_at),
                Err(error) => error,
            };
            let wait = match &error {
                ActError::NotFound | ActError::NoClientApi => return Err(error),
                ActError::RetryAfter(hint) => backoff.after_hint(*hint),
                ActError::Transient(_) => {
                    backoff.after_failure(self.settings.sources.random.fraction())
                }
            };
            if deadline.saturating_duration_since(Instant::now()) < wait {
                return Err(error);
            }
            tracing::debug!(
                room = %delegation.room,
                identity = %delegation.identity,
                server_name = %delegation.server_name,
                ?action,
                %error,
                "a delayed leave event is tried again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    async fn act(&self, delegation: &Delegation, action: Action) -> Result<Acted, ActError> {
        let attempt = self
            .events
            .act(&delegation.server_name, &delegation.delay_id, action);
        match timeout(ATTEMPT_BOUND, attempt).await {
            // What was to be sent or cancelled is not there: somebody else sent or cancelled it.
            Ok(Err(ActError::NotFound)) if matches!(action, Action::Send | Action::Cancel) => {
                Ok(Acted::AlreadyGone)
            }
            Ok(result) => result,
            Err(_) => Err(ActError::Transient("the attempt took too long".into())),
        }
    }

    /// Asks the SFU until the participant is there.
    pub(super) async fn found_present(&self, delegation: &Delegation) {
        let mut backoff = Backoff::default();
        while !matches!(self.look_up(delegation, ATTEMPT_BOUND).await, Ok(Some(_))) {
            tokio::time::sleep(backoff.after_failure(self.settings.sources.random.fraction()))
                .await;
        }
    }

    /// Asks the SFU now and then until the participant is not there any more. An SFU that does not answer proves
    /// nothing.
    pub(super) async fn found_absent(&self, delegation: &Delegation) {
        let Some(interval) = self.settings.sanity_check_interval else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(interval).await;
            if matches!(self.look_up(delegation, ATTEMPT_BOUND).await, Ok(None)) {
                return;
            }
        }
    }

    /// Asks the SFU until the participant is there (true), or is still not there when its time to come back is over.
    pub(super) async fn has_returned(&self, delegation: &Delegation, absence: &Absence) -> bool {
        let (patience, bound) = match absence {
            Absence::Seen => (SHORT_PATIENCE, ATTEMPT_BOUND),
            Absence::Told(_) => (SHORT_PATIENCE, SHORT_PATIENCE),
            Absence::Interrupted => (LONG_PATIENCE, ATTEMPT_BOUND),
        };
        let mut backoff = Backoff::default();
        let mut missing_since = None;
        loop {
            let asked_at = Instant::now();
            let is_missing = match (self.look_up(delegation, bound).await, absence) {
                // The SFU may not have let go yet of the very stay that it said is over.
                (Ok(Some(found)), Absence::Told(over)) if found == *over => true,
                (Ok(Some(_)), _) => return true,
                // An SFU that does not answer proves nothing.
                (Err(_), Absence::Seen | Absence::Interrupted) => false,
                // Where it said so itself, nothing speaks against it.
                (Ok(None), _) | (Err(_), Absence::Told(_)) => true,
            };
            let mut next = backoff
                .after_failure(self.settings.sources.random.fraction())
                .min(LONGEST_PAUSE);
            if is_missing {
                let since: Instant = *missing_since.get_or_insert(asked_at);
                let left = patience.saturating_sub(asked_at - since);
                if left.is_zero() {
                    return false;
                }
                next = match absence {
                    Absence::Interrupted => next.min(left),
                    Absence::Seen | Absence::Told(_) => left,
                };
            }
            tokio::time::sleep(next).await;
        }
    }

    async fn look_up(
        &self,
        delegation: &Delegation,
        bound: Duration,
    ) -> Result<Option<ParticipantSid>, PresenceUnknown> {
        // The semaphore is never closed.
        let _permit = self.lookups.acquire().await;
        let lookup = self.presence.find(&delegation.room, &delegation.identity);
        let found = timeout(bound, lookup)
            .await
            .unwrap_or_else(|_| Err(PresenceUnknown("the lookup took too long".into())));
        if let Err(error) = &found {
            self.counts.failed_lookups.add_one();
            tracing::debug!(
                room = %delegation.room,
                identity = %delegation.identity,
                %error,
                "the SFU did not say who is there"
            );
        }
        found
    }
}
