//! The delayed leaves of this process: its own, or its part of those that several processes share.

use std::{collections::HashSet, sync::Arc};

use livekit_wire::{Identity, RoomName};

use super::{
    DelayedEvents, DelayedLeaves, Delegation, ParticipantEvent, ParticipantSid, Presence, Settings,
    Shared, SharedLeaves, Snapshot, Store, TakeOverError,
};

/// Where delayed leaves are kept over a restart.
#[derive(Clone)]
pub enum Kept {
    /// Nowhere: they end with the process.
    Nowhere,
    /// In what is this process's alone.
    Alone(Arc<dyn Store>),
    /// In what other processes use as well.
    Shared(Arc<dyn Shared>),
}

/// Cheap to clone.
#[derive(Clone)]
pub enum Leaves {
    /// Nobody else has any.
    Own(DelayedLeaves),
    /// Others may hold them.
    Shared(SharedLeaves),
}

impl Leaves {
    /// Resumes what is kept.
    pub async fn open(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        kept: Kept,
        settings: Settings,
    ) -> Self {
        let store = match kept {
            Kept::Nowhere => None,
            Kept::Alone(store) => Some(store),
            Kept::Shared(shared) => {
                let leaves = SharedLeaves::open(events, presence, shared, settings).await;
                return Self::Shared(leaves);
            }
        };
        Self::Own(DelayedLeaves::open(events, presence, store, settings).await)
    }

    /// See [`DelayedLeaves::take_over`].
    pub async fn take_over(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        match self {
            Self::Own(leaves) => leaves.take_over(delegation).await,
            Self::Shared(leaves) => leaves.take_over(delegation).await,
        }
    }

    /// See [`DelayedLeaves::tell`].
    pub fn tell(
        &self,
        room: &RoomName,
        identity: &Identity,
        event: ParticipantEvent,
        sid: ParticipantSid,
    ) {
        match self {
            Self::Own(leaves) => leaves.tell(room, identity, event, sid),
            Self::Shared(leaves) => leaves.tell(room, identity, event, sid),
        }
    }

    /// See [`DelayedLeaves::sfu_started`].
    pub fn sfu_started(&self) {
        match self {
            Self::Own(leaves) => leaves.sfu_started(),
            Self::Shared(leaves) => leaves.sfu_started(),
        }
    }

    /// See [`DelayedLeaves::rooms`].
    pub fn rooms(&self) -> HashSet<RoomName> {
        match self {
            Self::Own(leaves) => leaves.rooms(),
            Self::Shared(leaves) => leaves.rooms(),
        }
    }

    /// See [`DelayedLeaves::snapshot`].
    pub fn snapshot(&self) -> Snapshot {
        match self {
            Self::Own(leaves) => leaves.snapshot(),
            Self::Shared(leaves) => leaves.snapshot(),
        }
    }

    /// See [`DelayedLeaves::close`].
    pub async fn close(&self) {
        match self {
            Self::Own(leaves) => leaves.close().await,
            Self::Shared(leaves) => leaves.close().await,
        }
    }
}
