//! The handle to all delayed leaves.

use std::sync::Arc;

use livekit_wire::{Identity, RoomName};

use super::{
    DelayedEvents, Delegation, ParticipantEvent, Presence, Settings, Snapshot, Store, TakeOverError,
};

/// All delayed leaves that are held; cheap to clone.
#[derive(Clone)]
pub struct DelayedLeaves {
    ports: Arc<Ports>,
}

struct Ports {
    _events: Arc<dyn DelayedEvents>,
    _presence: Arc<dyn Presence>,
    _store: Option<Arc<dyn Store>>,
    settings: Settings,
}

impl DelayedLeaves {
    /// Resumes what `store` holds and deletes what has expired there.
    #[expect(
        clippy::unused_async,
        reason = "the interface comes before its implementation"
    )]
    pub async fn open(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        store: Option<Arc<dyn Store>>,
        settings: Settings,
    ) -> Self {
        Self {
            ports: Arc::new(Ports {
                _events: events,
                _presence: presence,
                _store: store,
                settings,
            }),
        }
    }

    /// Keeps a delegation from now on, in place of an earlier one of the same participant. Stored when it returns.
    #[expect(
        clippy::unused_async,
        reason = "the interface comes before its implementation"
    )]
    pub async fn take_over(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        if delegation.delay_timeout.is_zero() {
            return Err(TakeOverError::InvalidTimeout(delegation.delay_timeout));
        }
        if self.ports.settings.max_delegations == 0 {
            return Err(TakeOverError::Full);
        }
        Err(TakeOverError::ShuttingDown)
    }

    /// Passes on a webhook; never waits. A participant without a delegation is nobody's concern.
    pub fn tell(&self, room: &RoomName, identity: &Identity, event: ParticipantEvent) {
        tracing::trace!(%room, %identity, ?event, "no delayed leave is held");
    }

    /// What has been going on.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::default()
    }

    /// Stops everything and waits for it. What is not finished stays stored and resumes with the next `open`.
    #[expect(
        clippy::unused_async,
        reason = "the interface comes before its implementation"
    )]
    pub async fn close(&self) {}
}
