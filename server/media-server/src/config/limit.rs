//! `limit`: sizes beyond which input is refused. 0 means no limit everywhere.

use serde::Deserialize;

use super::Room;

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// Metadata of a room or participant.
    pub max_metadata_size: usize,
    /// All attributes of a participant, keys and values.
    pub max_attributes_size: usize,
    /// A room's name.
    pub max_room_name_length: usize,
    /// A participant's identity.
    pub max_participant_identity_length: usize,
    /// A participant's display name.
    pub max_participant_name_length: usize,
    /// One message of a client on its signal WebSocket.
    pub signal_message_size_limit: usize,
    /// The body of an API request.
    pub max_api_request_body_size: usize,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            max_metadata_size: 512 * 1024,
            max_attributes_size: 64 * 1024,
            max_room_name_length: 256,
            max_participant_identity_length: 256,
            max_participant_name_length: 256,
            signal_message_size_limit: 2 << 20,
            max_api_request_body_size: 10 << 20,
        }
    }
}

impl Limit {
    /// Whether `size` is within `limit`.
    pub fn allows(limit: usize, size: usize) -> bool {
        limit == 0 || size <= limit
    }

    pub(super) fn with_legacy(mut self, room: &Room) -> Self {
        for (limit, legacy) in [
            (&mut self.max_metadata_size, room.max_metadata_size),
            (&mut self.max_room_name_length, room.max_room_name_length),
            (
                &mut self.max_participant_identity_length,
                room.max_participant_identity_length,
            ),
        ] {
            if legacy != 0 {
                *limit = legacy;
            }
        }
        self
    }
}
