//! `addTrack`: a track is announced, and its media may come.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::TrackType;
use proto::request_response::{Reason, Request};
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::{AnnouncedTrack, ParticipantKey, source_fits, track_info};

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

    pub(super) fn send_track_published(
        &mut self,
        key: ParticipantKey,
        cid: String,
        info: proto::TrackInfo,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.send(Message::TrackPublished(proto::TrackPublishedResponse {
            cid,
            track: Some(info),
        }));
    }

    /// A queued announcement may go on once its cid is free.
    pub(super) fn unqueue(&mut self, key: ParticipantKey) {
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
}
