//! The end of a published track: the client stops sending it, or the server takes it away.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::signal_response::Message;

use super::Room;
use super::broadcast::Broadcast;
use super::events::TrackNews;
use crate::ground::Now;
use crate::participant::ParticipantKey;
use crate::peer::UpTrackId;

impl Room {
    /// The client stopped sending on an m-line: that is how it unpublishes.
    pub(super) fn up_track_gone(&mut self, key: ParticipantKey, up: UpTrackId, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let Some((sid, index)) = participant.up_tracks.remove(&up) else {
            return;
        };
        let others_remain = participant
            .up_tracks
            .values()
            .any(|(other, _)| *other == sid);
        if others_remain {
            if let Some(track) = self.media.tracks.get_mut(&sid) {
                track.end_encoding(index);
            }
            self.retry_down_tracks(&sid, now);
            return;
        }
        self.remove_track(&sid, now);
        self.unqueue(key);
        self.broadcast(key, Broadcast::default(), now);
    }

    /// Ends a published track: subscribers lose it, webhooks are told.
    pub(super) fn remove_track(&mut self, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.remove(sid) else {
            return;
        };
        tracing::info!(room = %self.name, track = %sid, "track is unpublished");
        for down in track.down_tracks.iter() {
            self.close_down_track(down.subscriber, down.id);
        }
        for participant in self.roster.iter_mut() {
            participant.subscriptions.remove(sid);
            participant.track_settings.remove(sid);
        }
        for down in track.down_tracks.iter() {
            self.subscription_ended(down.subscriber, track.publisher);
        }
        if let Some(publisher) = self.roster.get_mut(track.publisher) {
            publisher.tracks.retain(|other| other != sid);
            publisher.up_tracks.retain(|_, (other, _)| other != sid);
            publisher.touch();
            if publisher.tracks.is_empty() {
                self.forget_speaker(track.publisher);
            }
        }
        if track.published_event_sent {
            self.tell_track("track_unpublished", TrackNews::of(&track), now);
        }
        self.room_changed(now);
    }

    /// The server takes a track away from its publisher.
    pub(super) fn unpublish(&mut self, sid: &TrackSid, now: Now) {
        let Some(publisher) = self.media.tracks.get(sid).map(|track| track.publisher) else {
            return;
        };
        self.remove_track(sid, now);
        let Some(participant) = self.roster.get_mut(publisher) else {
            return;
        };
        participant.send(Message::TrackUnpublished(proto::TrackUnpublishedResponse {
            track_sid: sid.as_str().to_owned(),
        }));
    }
}
