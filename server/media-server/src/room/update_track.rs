//! What a publisher says anew about its own track: audio features, the picture's size.

use livekit_protocol as proto;
use proto::request_response::{Reason, Request};

use super::Room;
use super::broadcast::Broadcast;
use crate::ground::Now;
use crate::participant::{ParticipantKey, known_audio_features};

impl Room {
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
}
