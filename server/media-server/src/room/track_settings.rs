//! `trackSetting`: which layer of a track a subscriber wants, and what that means for its publisher.

use livekit_protocol as proto;
use livekit_wire::TrackSid;

use super::Room;
use super::down_track::wanted_layer;
use super::subscribe::MAX_SUBSCRIPTIONS;
use crate::forward::VideoQuality;
use crate::ground::Now;
use crate::participant::ParticipantKey;

impl Room {
    /// `trackSetting`
    pub(super) fn update_track_settings(
        &mut self,
        key: ParticipantKey,
        settings: &proto::UpdateTrackSettings,
        now: Now,
    ) {
        for sid in &settings.track_sids {
            let sid = TrackSid::from_wire(sid.clone());
            self.set_track_settings(key, &sid, settings.clone(), now);
        }
    }

    pub(super) fn set_track_settings(
        &mut self,
        key: ParticipantKey,
        sid: &TrackSid,
        mut settings: proto::UpdateTrackSettings,
        now: Now,
    ) {
        settings.track_sids.clear();
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.track_settings.len() >= MAX_SUBSCRIPTIONS {
            let tracks = &self.media.tracks;
            participant
                .track_settings
                .retain(|sid, _| tracks.contains(sid));
        }
        if participant.track_settings.len() < MAX_SUBSCRIPTIONS {
            participant
                .track_settings
                .insert(sid.clone(), settings.clone());
        }
        let Some(down) = self
            .media
            .tracks
            .get_mut(sid)
            .and_then(|track| track.down_tracks.of_mut(key))
        else {
            return;
        };
        down.set_settings(&settings);
        self.apply_settings(key, sid, now);
    }

    /// Turns a subscriber's wishes into a layer, and tells the publisher what is needed of it.
    pub(super) fn apply_settings(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let Some(index) = track.down_tracks.of(key).map(|down| down.encoding) else {
            return;
        };
        let sizes = track.sizes(index);
        let (Some(down), Some(encoding)) = (
            track.down_tracks.of_mut(key),
            track.encodings.get_mut(index),
        ) else {
            return;
        };
        let wanted = wanted_layer(&down.settings, &sizes, &mut encoding.incoming, now.instant);
        down.wanted = wanted;
        down.forwarder.set_max_layer(wanted);
        down.quality
            .set_muted(wanted.is_none() || track.info.muted, now.instant);
        if let Some(dynacast) = &mut track.dynacast {
            let quality = wanted.map(|layer| VideoQuality::from_spatial(layer.spatial));
            dynacast.set_wanted(key, encoding.codec, quality, now.instant);
        }
        self.poll_dynacast(sid, now);
        self.retarget_track(sid, now);
    }
}
