//! Who has tracks of whom.

use std::collections::HashSet;

use super::Room;
use super::track::Track;
use crate::participant::ParticipantKey;

impl Room {
    /// Everybody who has at least one track of a publisher.
    pub(super) fn subscribers_of(&self, publisher: ParticipantKey) -> HashSet<ParticipantKey> {
        self.tracks_of(publisher)
            .flat_map(|track| track.down_tracks.iter())
            .map(|down| down.subscriber)
            .collect()
    }

    pub(super) fn is_subscribed_to(&self, key: ParticipantKey, publisher: ParticipantKey) -> bool {
        self.tracks_of(publisher)
            .any(|track| track.down_tracks.contains(key))
    }

    /// Everybody of whom a participant has at least one track.
    pub(super) fn publishers_for(&self, subscriber: ParticipantKey) -> HashSet<ParticipantKey> {
        self.roster
            .get(subscriber)
            .into_iter()
            .flat_map(|participant| participant.subscriptions.keys())
            .filter_map(|sid| self.media.tracks.get(sid))
            .filter(|track| track.down_tracks.contains(subscriber))
            .map(|track| track.publisher)
            .collect()
    }

    fn tracks_of(&self, publisher: ParticipantKey) -> impl Iterator<Item = &Track> {
        self.roster
            .get(publisher)
            .into_iter()
            .flat_map(|participant| &participant.tracks)
            .filter_map(|sid| self.media.tracks.get(sid))
    }
}
