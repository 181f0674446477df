//! `room.room_configurations`: what a room is like that is opened by the name of a preset. Written as LiveKit's own
//! `RoomConfiguration` in JSON is.

use std::{collections::BTreeMap, fmt, sync::Arc};

use livekit_wire::proto::RoomConfiguration;
use serde::Deserialize;

/// Presets by name; cheap to clone.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Presets(Arc<BTreeMap<String, RoomConfiguration>>);

impl Presets {
    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<&RoomConfiguration> {
        self.0.get(name)
    }
}

/// Names only: a preset can hold the keys of a storage.
impl fmt::Debug for Presets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
