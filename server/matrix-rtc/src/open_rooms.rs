//! The rooms that were opened on the SFU and have not been reported closed, for the SFU forgets them when it restarts.
//! It must not know who is in them.

use std::collections::HashMap;

use livekit_wire::RoomName;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::homeserver::make_room;

/// Webhooks get lost, so that rooms stay here which closed long ago: beyond this the oldest is forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// Rooms and when they were last opened.
#[derive(Debug, Default)]
pub struct OpenRooms(Mutex<HashMap<RoomName, Instant>>);

impl OpenRooms {
    /// The SFU has opened it, or found it open.
    pub fn opened(&self, room: &RoomName) {
        let mut rooms = self.0.lock();
        if !rooms.contains_key(room) {
            make_room(&mut rooms, MOST_REMEMBERED, |opened_at| *opened_at);
        }
        rooms.insert(room.clone(), Instant::now());
    }

    /// The SFU has closed it.
    pub fn closed(&self, room: &RoomName) {
        self.0.lock().remove(room);
    }

    /// All of them.
    pub fn all(&self) -> Vec<RoomName> {
        self.0.lock().keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_open_until_it_is_closed_and_only_so_many_are_remembered() {
        let rooms = OpenRooms::default();
        let room = |number: usize| RoomName::new(number.to_string());
        rooms.opened(&room(1));
        rooms.opened(&room(1));
        rooms.opened(&room(2));
        rooms.closed(&room(2));
        assert_eq!(rooms.all(), [room(1)]);
        for number in 0..=MOST_REMEMBERED {
            rooms.opened(&room(number));
        }
        assert_eq!(rooms.all().len(), MOST_REMEMBERED);
    }
}
