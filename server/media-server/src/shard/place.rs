//! The place that a room of some name has in its shard, whether or not one is open there: where commands of the API
//! find it, open it, and withdraw tokens for it.

use livekit_wire::{Identity, RoomName};

use super::Core;
use crate::ground::{Now, RoomError};
use crate::room::{Room, RoomOptions};

/// One name in its shard, at one moment.
pub struct Place<'a> {
    core: &'a mut Core,
    name: &'a RoomName,
    now: Now,
}

impl<'a> Place<'a> {
    pub(super) fn new(core: &'a mut Core, name: &'a RoomName, now: Now) -> Self {
        Self { core, name, now }
    }

    /// The moment the command came.
    pub fn now(&self) -> Now {
        self.now
    }

    /// The open room of this name.
    pub fn room(&mut self) -> Option<&mut Room> {
        self.core.room(self.name)
    }

    /// The open room of this name; without one it is opened with these options, unless the server is going down.
    pub fn room_or_open(&mut self, options: RoomOptions) -> Result<&mut Room, RoomError> {
        if self.core.room(self.name).is_none() {
            self.core.open_room(self.name, options, self.now);
        }
        self.core.room(self.name).ok_or(RoomError::RoomNotFound)
    }

    /// Refuses the identity's tokens that were made before this moment (Unix seconds), also while nobody is there: an
    /// old token must not open the room later.
    pub fn revoke_tokens(&mut self, identity: Identity, before: i64) {
        self.core
            .revoke_tokens(self.name.clone(), identity, before, self.now);
    }
}
