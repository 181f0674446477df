//! Publishing: from `addTrack` over media to the end of a track, and muting on the way.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::request_response::{Reason, Request};
use proto::signal_response::Message;
use proto::{TrackType, participant_info::State};

use super::Room;
use super::broadcast::Broadcast;
use super::events::TrackNews;
use super::track::{Encoding, Track};
use crate::ground::Now;
use crate::participant::{
    AnnouncedTrack, ParticipantKey, known_audio_features, source_fits, track_info,
};
use crate::peer::{UpTrack, UpTrackId};

/// Tracks that may be announced and not yet published.
const MAX_ANNOUNCED: usize = 20;
/// Tracks one participant may announce and publish at a time.
const MAX_TRACKS: usize = 64;

impl Room {
    /// `addTrack`: the client will publish this.
    pub(super) fn add_track(
        &mut self,
        key: ParticipantKey,
        request: &proto::AddTrackRequest,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let refusal = if !participant.can_publish_source(request.source()) {
            Some(Reason::NotAllowed)
        } else if request.r#type() == TrackType::Data
            || !source_fits(request.source(), request.r#type())
        {
            Some(Reason::UnsupportedType)
        } else if participant.announced.len() >= MAX_ANNOUNCED
            || participant.announced.len() + participant.tracks.len() >= MAX_TRACKS
        {
            Some(Reason::LimitExceeded)
        } else {
            None
        };
        if let Some(reason) = refusal {
            tracing::info!(participant = %participant.sid, ?reason, "addTrack refused");
            self.answer_request(key, 0, reason, "", Request::AddTrack(request.clone()));
            return;
        }
        if !request.sid.is_empty() {
            self.add_backup_codec(key, request);
            return;
        }
        let same_cid = participant
            .announced
            .iter()
            .find(|track| track.cid == request.cid)
            .map(|track| TrackSid::from_wire(track.info.sid.clone()));
        let published = participant.tracks.iter().any(|sid| {
            self.media
                .tracks
                .get(sid)
                .is_some_and(|track| track.has_cid(&request.cid))
        });
        // Several announcements of one client track are one track; one that is published already has to wait.
        let sid = same_cid.clone().unwrap_or_else(|| {
            TrackSid::random(&mut self.random, request.r#type(), request.source())
        });
        let enabled = &self.shared.settings.room.enabled_codecs;
        let track = AnnouncedTrack {
            cid: request.cid.clone(),
            info: track_info(request, &sid, enabled),
            queued: published,
        };
        let info = track.info.clone();
        if same_cid.is_none() {
            participant.announced.push(track);
        }
        if same_cid.is_some() || published {
            self.answer_request(
                key,
                0,
                Reason::Queued,
                "",
                Request::AddTrack(request.clone()),
            );
        } else {
            self.send_track_published(key, request.cid.clone(), info);
        }
        self.wake_at(now.instant);
    }

    /// `addTrack` with a sid: another codec of a track that is published.
    fn add_backup_codec(&mut self, key: ParticipantKey, request: &proto::AddTrackRequest) {
        let sid = TrackSid::from_wire(request.sid.clone());
        let track = self
            .media
            .tracks
            .get_mut(&sid)
            .filter(|track| track.publisher == key && track.info.r#type() == request.r#type());
        let Some(track) = track else {
            let request = Request::AddTrack(request.clone());
            self.answer_request(key, 0, Reason::NotFound, "", request);
            return;
        };
        track.add_codec_cids(&request.simulcast_codecs);
        let info = track.info.clone();
        self.send_track_published(key, request.cid.clone(), info);
    }

    fn send_track_published(&mut self, key: ParticipantKey, cid: String, info: proto::TrackInfo) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.send(Message::TrackPublished(proto::TrackPublishedResponse {
            cid,
            track: Some(info),
        }));
    }

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

    /// A queued announcement may go on once its cid is free.
    fn unqueue(&mut self, key: ParticipantKey) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let mut free = Vec::new();
        for track in participant
            .announced
            .iter_mut()
            .filter(|track| track.queued)
        {
            let taken = participant.tracks.iter().any(|sid| {
                self.media
                    .tracks
                    .get(sid)
                    .is_some_and(|other| other.has_cid(&track.cid))
            });
            if !taken {
                track.queued = false;
                free.push((track.cid.clone(), track.info.clone()));
            }
        }
        for (cid, info) in free {
            self.send_track_published(key, cid, info);
        }
    }

    /// The client mutes or unmutes its own track.
    pub(super) fn client_mutes(
        &mut self,
        key: ParticipantKey,
        request: &proto::MuteTrackRequest,
        now: Now,
    ) {
        if self
            .set_muted(key, &request.sid, request.muted, now)
            .is_none()
        {
            let request = Request::Mute(request.clone());
            self.answer_request(key, 0, Reason::NotFound, "", request);
        }
    }

    /// Tells a client to mute or unmute its track, so that it stops or starts its own capture.
    pub(crate) fn tell_to_mute(&mut self, key: ParticipantKey, sid: &TrackSid, muted: bool) {
        if let Some(participant) = self.roster.get_mut(key) {
            participant.send(Message::Mute(proto::MuteTrackRequest {
                sid: sid.as_str().to_owned(),
                muted,
            }));
        }
    }

    /// Whether the API may unmute what a participant has muted.
    pub(crate) fn allows_remote_unmute(&self) -> bool {
        self.shared.settings.room.enable_remote_unmute
    }

    /// Mutes or unmutes; the track as it is then, or None when the participant has no such track.
    pub(crate) fn set_muted(
        &mut self,
        key: ParticipantKey,
        sid: &str,
        muted: bool,
        now: Now,
    ) -> Option<proto::TrackInfo> {
        let participant = self.roster.get_mut(key)?;
        if let Some(announced) = participant
            .announced
            .iter_mut()
            .find(|track| track.info.sid == sid)
        {
            announced.info.muted = muted;
            return Some(announced.info.clone());
        }
        let track = self
            .media
            .tracks
            .get_mut(sid)
            .filter(|track| track.publisher == key)?;
        let changed = track.info.muted != muted;
        track.set_muted(muted, now.instant);
        let info = track.info.clone();
        if changed {
            participant.touch();
            if muted && info.r#type() == TrackType::Audio {
                self.forget_speaker(key);
            }
            self.retarget_track(&TrackSid::from_wire(sid), now);
            self.broadcast(
                key,
                Broadcast {
                    to_self: true,
                    immediate: false,
                },
                now,
            );
        }
        Some(info)
    }

    pub(super) fn update_audio_track(
        &mut self,
        key: ParticipantKey,
        request: &proto::UpdateLocalAudioTrack,
        now: Now,
    ) {
        let features = known_audio_features(&request.features);
        let found = self.change_track(key, &request.track_sid, now, |info| {
            info.audio_features = features;
        });
        if !found {
            let request = Request::UpdateAudioTrack(request.clone());
            self.answer_request(key, 0, Reason::NotFound, "", request);
        }
    }

    pub(super) fn update_video_track(
        &mut self,
        key: ParticipantKey,
        request: &proto::UpdateLocalVideoTrack,
        now: Now,
    ) {
        let found = self.change_track(key, &request.track_sid, now, |info| {
            info.width = request.width;
            info.height = request.height;
        });
        if !found {
            let request = Request::UpdateVideoTrack(request.clone());
            self.answer_request(key, 0, Reason::NotFound, "", request);
        }
    }

    fn change_track(
        &mut self,
        key: ParticipantKey,
        sid: &str,
        now: Now,
        change: impl FnOnce(&mut proto::TrackInfo),
    ) -> bool {
        let Some(participant) = self.roster.get_mut(key) else {
            return false;
        };
        if let Some(announced) = participant
            .announced
            .iter_mut()
            .find(|track| track.info.sid == sid)
        {
            change(&mut announced.info);
            return true;
        }
        let Some(track) = self
            .media
            .tracks
            .get_mut(sid)
            .filter(|track| track.publisher == key)
        else {
            return false;
        };
        change(&mut track.info);
        participant.touch();
        self.broadcast(
            key,
            Broadcast {
                to_self: true,
                immediate: false,
            },
            now,
        );
        true
    }

    /// `requestResponse`; success is only told to clients that know such answers.
    pub(super) fn answer_request(
        &mut self,
        key: ParticipantKey,
        request_id: u32,
        reason: Reason,
        message: &str,
        request: Request,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if reason == Reason::Ok && !participant.protocol().knows_ok_responses() {
            return;
        }
        participant.send(Message::RequestResponse(proto::RequestResponse {
            request_id,
            reason: reason.into(),
            message: message.to_owned(),
            request: Some(request),
        }));
    }

    /// Data tracks are not offered by this server; the client is told rather than left waiting.
    pub(super) fn refuse_data_track(
        &mut self,
        key: ParticipantKey,
        request: proto::PublishDataTrackRequest,
    ) {
        let request = Request::PublishDataTrack(request);
        let message = "data tracks are not supported by this server";
        self.answer_request(key, 0, Reason::NotAllowed, message, request);
    }

    pub(super) fn refuse_unpublish_data_track(
        &mut self,
        key: ParticipantKey,
        request: proto::UnpublishDataTrackRequest,
    ) {
        let request = Request::UnpublishDataTrack(request);
        self.answer_request(key, 0, Reason::NotFound, "", request);
    }
}
