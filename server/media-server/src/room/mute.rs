//! Muting a track, by its publisher or by the API.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::TrackType;
use proto::request_response::{Reason, Request};
use proto::signal_response::Message;

use super::Room;
use super::broadcast::Broadcast;
use crate::ground::Now;
use crate::participant::ParticipantKey;

impl Room {
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
}
