//! The port to whatever keeps delegations over a restart of the process.

use std::time::SystemTime;

use futures::future::BoxFuture;
use livekit_wire::{Identity, RoomName};

use super::Delegation;

/// A delegation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What was handed over.
    pub delegation: Delegation,
    /// When the homeserver's timeout was last known to start.
    pub restarted_at: SystemTime,
}

/// The store did not do it; why, in words for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// One entry per room and identity. Calls for the same entry never overlap, and a call that takes too long is dropped.
pub trait Store: Send + Sync {
    /// Writes an entry over what is there.
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Removes an entry; a missing one is no error.
    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Every entry that can be read; the others are skipped with a warning.
    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>>;
}
