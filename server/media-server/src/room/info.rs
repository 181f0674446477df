//! The room and its participants as clients and the API see them, and who is told when that changes.

use std::time::UNIX_EPOCH;

use livekit_protocol as proto;
use proto::signal_response::Message;

use super::{Room, timers};
use crate::ground::{Now, RoomError};
use crate::participant::{Participant, ParticipantKey};

impl Room {
    /// The room as clients and the API see it.
    pub fn info(&self) -> proto::Room {
        let created = self
            .lifetime
            .created()
            .system
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let count = |wanted: &dyn Fn(&Participant) -> bool| {
            let found = self.roster.iter().filter(|participant| wanted(participant));
            u32::try_from(found.count()).unwrap_or(u32::MAX)
        };
        proto::Room {
            sid: self.sid.as_str().to_owned(),
            name: self.name.as_str().to_owned(),
            empty_timeout: u32::try_from(self.lifetime.empty_timeout().as_secs())
                .unwrap_or(u32::MAX),
            departure_timeout: u32::try_from(self.lifetime.departure_timeout().as_secs())
                .unwrap_or(u32::MAX),
            max_participants: self.max_participants,
            creation_time: i64::try_from(created.as_secs()).unwrap_or(i64::MAX),
            creation_time_ms: i64::try_from(created.as_millis()).unwrap_or(i64::MAX),
            enabled_codecs: self.shared.settings.room.enabled_codecs.clone(),
            metadata: self.metadata.clone(),
            num_participants: count(&|participant| !participant.is_dependent()),
            num_publishers: count(&Participant::is_publisher),
            turn_password: self.turn_password.clone(),
            active_recording: self.is_recorded(),
            ..proto::Room::default()
        }
    }

    /// Whether a recorder is there.
    pub(super) fn is_recorded(&self) -> bool {
        self.roster.iter().any(Participant::is_recorder)
    }

    /// The participant as others see it, with its published tracks.
    pub(super) fn participant_info(&self, participant: &Participant) -> proto::ParticipantInfo {
        let tracks = participant
            .tracks
            .iter()
            .filter_map(|sid| self.media.tracks.get(sid))
            .map(|track| track.info.clone())
            .collect();
        participant.info(tracks)
    }

    /// Everybody in the room, in the order they came.
    pub(crate) fn participant_infos(&self) -> Vec<proto::ParticipantInfo> {
        self.roster
            .iter()
            .map(|participant| self.participant_info(participant))
            .collect()
    }

    /// Who has this identity now.
    pub(crate) fn key_of(&self, identity: &str) -> Result<ParticipantKey, RoomError> {
        self.roster
            .by_identity(identity)
            .ok_or(RoomError::ParticipantNotFound)
    }

    /// A participant as others see it.
    pub(crate) fn info_of(&self, key: ParticipantKey) -> Result<proto::ParticipantInfo, RoomError> {
        self.roster
            .get(key)
            .map(|participant| self.participant_info(participant))
            .ok_or(RoomError::ParticipantNotFound)
    }

    /// Replaces the room's metadata and tells everybody.
    pub(crate) fn set_metadata(&mut self, metadata: String) {
        self.metadata = metadata;
        self.send_room_update();
    }

    /// Tells everybody about the room.
    pub(super) fn send_room_update(&mut self) {
        let update = proto::RoomUpdate {
            room: Some(self.info()),
        };
        for participant in self.roster.iter_mut() {
            participant.send(Message::RoomUpdate(update.clone()));
        }
    }

    /// Counts changed: everybody is told soon.
    pub(super) fn room_changed(&mut self, now: Now) {
        let due = self
            .timers
            .room_update
            .get_or_insert(now.instant + timers::ROOM_UPDATE);
        let due = *due;
        self.wake_at(due);
    }
}
