//! A client cannot decode what a track is sent in: the publisher is asked for another codec.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::SubscriptionError;
use proto::signal_response::Message;

use super::Room;
use crate::forward::VideoQuality;
use crate::ground::Now;
use crate::participant::ParticipantKey;
use crate::peer::DownTrackId;

impl Room {
    /// The client cannot decode the track: it gets another codec if there is one, else an error.
    pub(super) fn down_track_refused(&mut self, key: ParticipantKey, id: DownTrackId, now: Now) {
        let Some(sid) = self.media.tracks.copied_as(key, id).cloned() else {
            return;
        };
        let Some(down) = self.media.tracks.remove_copy(&sid, key) else {
            return;
        };
        self.close_down_track(key, id);
        let Some(track) = self.media.tracks.get_mut(&sid) else {
            return;
        };
        let Some(encoding) = track.encodings.get(down.encoding) else {
            return;
        };
        let refused = encoding.codec;
        let backup = track.backup_codec(&[refused]);
        if let (Some(backup), Some(dynacast)) = (backup, &mut track.dynacast) {
            dynacast.set_wanted(key, refused, None, now.instant);
            dynacast.add_codec(backup, now.instant);
            dynacast.set_wanted(key, backup, Some(VideoQuality::High), now.instant);
        }
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if backup.is_some() {
            if let Some(subscription) = participant.subscriptions.get_mut(&sid) {
                subscription.postpone(now.instant);
            }
        } else {
            participant.subscriptions.remove(&sid);
            participant.send(Message::SubscriptionResponse(proto::SubscriptionResponse {
                track_sid: sid.as_str().to_owned(),
                err: SubscriptionError::SeCodecUnsupported.into(),
            }));
        }
        self.poll_dynacast(&sid, now);
    }

    /// Another codec of the track came or went: those who wait for one try again.
    pub(super) fn retry_down_tracks(&mut self, sid: &TrackSid, now: Now) {
        let waiting: Vec<_> = self
            .roster
            .iter_mut()
            .filter_map(|participant| {
                participant
                    .subscriptions
                    .get_mut(sid)?
                    .restart_if_waiting(now.instant);
                Some(participant.key)
            })
            .collect();
        for key in waiting {
            self.reconcile(key, now);
        }
    }
}
