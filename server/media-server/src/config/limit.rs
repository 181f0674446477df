//! `limit`: sizes beyond which input is refused. 0 means no limit everywhere.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::Room;

/// What is longer than its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// The display name of a participant.
    Name,
    /// The metadata of a room or participant.
    Metadata,
    /// All attributes of a participant.
    Attributes,
}

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
    /// One message of an agent's worker on its WebSocket.
    pub agent_signal_message_size_limit: usize,
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
            agent_signal_message_size_limit: 2 << 20,
            max_api_request_body_size: 10 << 20,
        }
    }
}

impl Limit {
    /// Whether `size` is within `limit`.
    pub fn allows(limit: usize, size: usize) -> bool {
        limit == 0 || size <= limit
    }

    /// Whether a display name is short enough.
    pub fn check_name(&self, name: &str) -> Result<(), TooLong> {
        check(self.max_participant_name_length, name.len(), TooLong::Name)
    }

    /// Whether metadata is short enough.
    pub fn check_metadata(&self, metadata: &str) -> Result<(), TooLong> {
        check(self.max_metadata_size, metadata.len(), TooLong::Metadata)
    }

    /// Whether the attributes that are there stay short enough once some are changed.
    pub fn check_attributes(
        &self,
        present: &BTreeMap<String, String>,
        changed: &HashMap<String, String>,
    ) -> Result<(), TooLong> {
        let size = present
            .iter()
            .filter(|(name, _)| !changed.contains_key(*name))
            .chain(changed)
            .map(|(name, value)| name.len() + value.len())
            .sum();
        check(self.max_attributes_size, size, TooLong::Attributes)
    }

    /// What the limit is that something is beyond.
    pub fn of(&self, too_long: TooLong) -> usize {
        match too_long {
            TooLong::Name => self.max_participant_name_length,
            TooLong::Metadata => self.max_metadata_size,
            TooLong::Attributes => self.max_attributes_size,
        }
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

fn check(limit: usize, size: usize, too_long: TooLong) -> Result<(), TooLong> {
    if Limit::allows(limit, size) {
        Ok(())
    } else {
        Err(too_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_that_is_replaced_counts_once() {
        let limit = Limit {
            max_attributes_size: 10,
            ..Limit::default()
        };
        let present = BTreeMap::from([("hand".to_owned(), "up".to_owned())]);
        let set = |name: &str, value: &str| HashMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(
            limit.check_attributes(&present, &set("hand", "higher")),
            Ok(())
        );
        let more = limit.check_attributes(&present, &set("mood", "good"));
        assert_eq!(more, Err(TooLong::Attributes));
    }

    #[test]
    fn zero_is_no_limit() {
        let limit = Limit {
            max_metadata_size: 0,
            ..Limit::default()
        };
        assert_eq!(limit.check_metadata(&"x".repeat(1 << 20)), Ok(()));
    }
}
