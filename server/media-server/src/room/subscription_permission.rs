//! Whether a publisher lets somebody have its track.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::ParticipantKey;

impl Room {
    /// Whether the publisher lets the participant have the track; a change is told to the participant.
    pub(super) fn check_permission(
        &mut self,
        key: ParticipantKey,
        publisher: ParticipantKey,
        sid: &TrackSid,
    ) -> bool {
        let Some((identity, recorder)) = self
            .roster
            .get(key)
            .map(|participant| (participant.identity.clone(), participant.is_recorder()))
        else {
            return false;
        };
        let Some(owner) = self.roster.get(publisher) else {
            return false;
        };
        let allowed = recorder || owner.track_permissions.allows(&identity, sid);
        let owner_sid = owner.sid.as_str().to_owned();
        let Some(participant) = self.roster.get_mut(key) else {
            return false;
        };
        let Some(subscription) = participant.subscriptions.get_mut(sid) else {
            return false;
        };
        if subscription.allowed != Some(allowed) {
            subscription.allowed = Some(allowed);
            participant.send(Message::SubscriptionPermissionUpdate(
                proto::SubscriptionPermissionUpdate {
                    participant_sid: owner_sid,
                    track_sid: sid.as_str().to_owned(),
                    allowed,
                },
            ));
        }
        allowed
    }

    /// The publisher changed who may have the track.
    pub(super) fn recheck_subscribers(&mut self, sid: &TrackSid, now: Now) {
        let Some(publisher) = self.media.tracks.get(sid).map(|track| track.publisher) else {
            return;
        };
        let wanting: Vec<_> = self
            .roster
            .iter()
            .filter(|participant| participant.subscriptions.contains_key(sid))
            .map(|participant| participant.key)
            .collect();
        for key in wanting {
            if self.check_permission(key, publisher, sid) {
                if let Some(subscription) = self
                    .roster
                    .get_mut(key)
                    .and_then(|participant| participant.subscriptions.get_mut(sid))
                {
                    subscription.restart_if_waiting(now.instant);
                }
                self.try_subscribe(key, sid, now);
            } else {
                if let Some(subscription) = self
                    .roster
                    .get_mut(key)
                    .and_then(|participant| participant.subscriptions.get_mut(sid))
                {
                    subscription.postpone(now.instant);
                }
                self.drop_down_track(key, sid, now);
            }
        }
    }
}
