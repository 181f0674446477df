//! What a delayed leave reaches: homeservers and the SFU, with retries, bounds and counts.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{
    ActError, Acted, Action, DelayedEvents, Delegation, Presence, PresenceUnknown, Settings,
    backoff::Backoff, counts::Counts,
};

/// An attempt that has not ended by then counts as failed, whatever bounds the other side has of its own.
const ATTEMPT_BOUND: Duration = Duration::from_secs(10);
/// There is one SFU; thousands of resumed delegations do not ask it all at once.
const CONCURRENT_LOOKUPS: usize = 32;

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
            // What was to be sent is not there: somebody else sent or cancelled it.
            Ok(Err(ActError::NotFound)) if action == Action::Send => Ok(Acted::AlreadyGone),
            Ok(result) => result,
            Err(_) => Err(ActError::Transient("the attempt took too long".into())),
        }
    }

    /// Asks the SFU until the participant is there.
    pub(super) async fn found_present(&self, delegation: &Delegation) {
        let mut backoff = Backoff::default();
        while !matches!(self.look_up(delegation).await, Ok(true)) {
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
            if matches!(self.look_up(delegation).await, Ok(false)) {
                return;
            }
        }
    }

    async fn look_up(&self, delegation: &Delegation) -> Result<bool, PresenceUnknown> {
        // The semaphore is never closed.
        let _permit = self.lookups.acquire().await;
        let lookup = self
            .presence
            .is_present(&delegation.room, &delegation.identity);
        let found = timeout(ATTEMPT_BOUND, lookup)
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
