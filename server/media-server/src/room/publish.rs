//! Publishing: media of an announced track is here.

use livekit_protocol::participant_info::State;
use livekit_wire::TrackSid;

use super::Room;
use super::broadcast::Broadcast;
use super::events::TrackNews;
use super::track::{Encoding, Track};
use crate::ground::Now;
use crate::participant::ParticipantKey;
use crate::peer::UpTrack;

impl Room {
    /// Media of an announced track is known: it is published now.
    pub(super) fn up_track(&mut self, key: ParticipantKey, up: &UpTrack, now: Now) {
        let sid = TrackSid::from_wire(up.track_sid.clone());
        if self.media.tracks.contains(&sid) {
            self.add_encoding(key, &sid, up, now);
            return;
        }
        let version = self.next_version(now);
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let Some(position) = participant
            .announced
            .iter()
            .position(|track| track.info.sid == up.track_sid)
        else {
            tracing::debug!(participant = %participant.sid, "media of a track nobody announced");
            return;
        };
        let mut announced = participant.announced.remove(position);
        announced.info.version = Some(version);
        let mut track = Track::new(
            announced,
            key,
            participant.sid.clone(),
            participant.identity.clone(),
            now.instant,
        );
        participant.up_tracks.insert(up.id, (sid.clone(), 0));
        participant.tracks.push(sid.clone());
        participant.touch();
        participant.set_publisher(true);
        let encoding = Encoding::new(up, track.info.source(), now.instant);
        track.add_encoding(encoding, up, now.instant);
        tracing::info!(
            room = %self.name, participant = %participant.sid, track = %sid, codec = ?up.codec,
            "track is published"
        );
        self.media.tracks.insert(sid.clone(), track);
        self.tell_published(key, now);
        self.broadcast(key, Broadcast::default(), now);
        self.offer_to_subscribers(key, &sid, now);
        self.room_changed(now);
        let first = self.note_first_track(key);
        if first {
            self.tell_agents_published(key);
        }
        self.wish_egress_of(key, &sid, first);
    }

    /// Whether the participant has published nothing before.
    fn note_first_track(&mut self, key: ParticipantKey) -> bool {
        let participant = self.roster.get_mut(key);
        participant
            .is_some_and(|participant| !std::mem::replace(&mut participant.has_published, true))
    }

    /// Tells webhooks about tracks of a participant that is active: nobody is told of media before its owner.
    pub(super) fn tell_published(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        if participant.state() != State::Active {
            return;
        }
        for sid in participant.tracks.clone() {
            let Some(track) = self.media.tracks.get_mut(&sid) else {
                continue;
            };
            if !std::mem::replace(&mut track.published_event_sent, true) {
                let news = TrackNews::of(track);
                self.tell_track("track_published", news, now);
            }
        }
    }

    fn add_encoding(&mut self, key: ParticipantKey, sid: &TrackSid, up: &UpTrack, now: Now) {
        let Some(track) = self
            .media
            .tracks
            .get_mut(sid)
            .filter(|track| track.publisher == key)
        else {
            return;
        };
        let source = track.info.source();
        let encoding = Encoding::new(up, source, now.instant);
        let index = track.add_encoding(encoding, up, now.instant);
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.up_tracks.insert(up.id, (sid.clone(), index));
        participant.touch();
        self.retry_down_tracks(sid, now);
        self.broadcast(key, Broadcast::default(), now);
    }

    /// Subscribes everybody who wants every track, and those who asked for this one.
    fn offer_to_subscribers(&mut self, publisher: ParticipantKey, sid: &TrackSid, now: Now) {
        let wanting: Vec<_> = self
            .roster
            .iter()
            .filter(|participant| participant.key != publisher)
            .filter(|participant| {
                participant.subscriptions.contains_key(sid)
                    || (participant.auto_subscribe && participant.state() == State::Active)
            })
            .map(|participant| participant.key)
            .collect();
        for subscriber in wanting {
            self.subscribe(subscriber, sid, now);
        }
    }
}
