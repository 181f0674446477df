//! A copy of a track is taken away: for good, with its owner, or until it may be had again.

use std::time::Instant;

use livekit_wire::TrackSid;

use super::Room;
use super::track::Track;
use crate::ground::Now;
use crate::participant::{ParticipantKey, SubscriptionState};
use crate::peer::DownTrackId;

impl Room {
    /// Takes one track away from one participant.
    pub(super) fn drop_down_track(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(down) = self.media.tracks.remove_copy(sid, key) else {
            return;
        };
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let publisher = track.publisher;
        forget_wishes(track, key, now.instant);
        self.close_down_track(key, down.id);
        self.poll_dynacast(sid, now);
        self.subscription_ended(key, publisher);
    }

    /// Takes every track away from a participant who leaves.
    pub(super) fn drop_all_down_tracks(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let sids: Vec<_> = participant.subscriptions.keys().cloned().collect();
        for sid in sids {
            if self.media.tracks.remove_copy(&sid, key).is_none() {
                continue;
            }
            if let Some(track) = self.media.tracks.get_mut(&sid) {
                forget_wishes(track, key, now.instant);
            }
            self.poll_dynacast(&sid, now);
        }
    }

    /// Takes every track away from a participant who may not have any, and keeps its wishes.
    pub(super) fn suspend_subscriptions(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let mut active = Vec::new();
        for (sid, subscription) in &mut participant.subscriptions {
            if subscription.state == SubscriptionState::Active {
                subscription.postpone(now.instant);
                active.push(sid.clone());
            }
        }
        for sid in active {
            self.drop_down_track(key, &sid, now);
        }
    }

    /// Gives back what was taken away, as far as it is still wished.
    pub(super) fn restore_subscriptions(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        for subscription in participant.subscriptions.values_mut() {
            subscription.restart_if_waiting(now.instant);
        }
        self.reconcile(key, now);
    }

    pub(super) fn close_down_track(&mut self, key: ParticipantKey, id: DownTrackId) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let link = participant.down_link();
        link.connection.remove_down_track(id);
        let peer = link.id;
        self.mark_dirty(peer);
    }
}

fn forget_wishes(track: &mut Track, key: ParticipantKey, now: Instant) {
    let Some(dynacast) = &mut track.dynacast else {
        return;
    };
    for encoding in &track.encodings {
        dynacast.set_wanted(key, encoding.codec, None, now);
    }
}
