//! Wishes for tracks, and trying them until they come true (rtc/subscriptionmanager.go).

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::SubscriptionError;
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::{ParticipantKey, Subscription, SubscriptionState};

/// Wishes one participant may have open for tracks that do not exist.
pub(super) const MAX_SUBSCRIPTIONS: usize = 2_000;

impl Room {
    /// Wishes every track that is there, for those who want all.
    pub(super) fn subscribe_to_existing(&mut self, key: ParticipantKey, now: Now) {
        if !self
            .roster
            .get(key)
            .is_some_and(|participant| participant.auto_subscribe)
        {
            return;
        }
        let mut others: Vec<_> = self
            .media
            .tracks
            .iter()
            .filter(|(_, track)| track.publisher != key)
            .map(|(sid, track)| (track.publisher, sid.clone()))
            .collect();
        others.sort();
        for (_, sid) in others {
            self.subscribe(key, &sid, now);
        }
    }

    /// A participant wants a track.
    pub(super) fn subscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return;
        }
        participant
            .subscriptions
            .entry(sid.clone())
            .or_insert_with(|| Subscription::new(now.instant));
        self.try_subscribe(key, sid, now);
    }

    /// A participant does not want a track any more.
    pub(super) fn unsubscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.subscriptions.remove(sid).is_some() {
            self.drop_down_track(key, sid, now);
        }
    }

    /// Tries every wish whose time has come.
    pub(super) fn reconcile(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let due: Vec<_> = participant
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.is_due(now.instant))
            .map(|(sid, _)| sid.clone())
            .collect();
        for sid in due {
            self.try_subscribe(key, &sid, now);
        }
    }

    pub(super) fn try_subscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let publisher = self.media.tracks.get(sid).map(|track| track.publisher);
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let can_subscribe = participant.can_subscribe();
        let Some(subscription) = participant.subscriptions.get_mut(sid) else {
            return;
        };
        if subscription.state == SubscriptionState::Active {
            return;
        }
        subscription.postpone(now.instant);
        if publisher == Some(key) {
            participant.subscriptions.remove(sid);
            return;
        }
        let Some(publisher) = publisher else {
            if can_subscribe && subscription.is_hopeless(now.instant) {
                participant.subscriptions.remove(sid);
                participant.send(Message::SubscriptionResponse(proto::SubscriptionResponse {
                    track_sid: sid.as_str().to_owned(),
                    err: SubscriptionError::SeTrackNotfound.into(),
                }));
            }
            return;
        };
        if can_subscribe && self.check_permission(key, publisher, sid) {
            self.add_down_track(key, sid, now);
        }
    }
}
