//! A wish comes true: a copy of a track for one participant, from its m-line until the client knows it.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::TrackType;
use proto::signal_response::Message;
use rand::RngExt as _;
use str0m::media::MediaKind;

use super::Room;
use super::down_track::DownTrack;
use super::track::Track;
use crate::forward::{Codec, StreamStart};
use crate::ground::Now;
use crate::participant::{ParticipantKey, SubscriptionState};
use crate::peer::{DownTrackId, DownTrackSpec};

impl Room {
    pub(super) fn add_down_track(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get(sid) else {
            return;
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let Some(index) = track.encodings.iter().position(|encoding| encoding.live) else {
            return;
        };
        let encoding = &track.encodings[index];
        let sync = self.sync_streams && participant.protocol().syncs_streams();
        let spec = DownTrackSpec {
            track_sid: sid.as_str().to_owned(),
            stream_id: stream_id(track, sid, sync, participant.protocol().packs_stream_ids()),
            kind: match track.info.r#type() {
                TrackType::Video => MediaKind::Video,
                TrackType::Audio | TrackType::Data => MediaKind::Audio,
            },
            codecs: accepted_codecs(encoding.codec),
            fmtp: encoding.fmtp.clone(),
            stereo: track
                .info
                .audio_features()
                .any(|feature| feature == proto::AudioTrackFeature::TfStereo),
        };
        let link = participant.down_link();
        let peer = link.id;
        let id = link.connection.add_down_track(spec);
        let start = StreamStart {
            seq: self.random.random(),
            time: self.random.random(),
        };
        let mut down = DownTrack::new(key, id, index, encoding.codec, start, now.instant);
        if let Some(settings) = participant.track_settings.get(sid) {
            down.set_settings(settings);
        }
        down.forwarder.set_publisher_muted(track.info.muted);
        let publisher = track.publisher;
        if let Some(subscription) = participant.subscriptions.get_mut(sid) {
            subscription.state = SubscriptionState::Active;
        }
        let first_of_publisher = !self.is_subscribed_to(key, publisher);
        self.media.tracks.add_copy(sid, down);
        self.mark_dirty(peer);
        self.apply_settings(key, sid, now);
        if first_of_publisher {
            self.tell_about_publisher(key, publisher);
        }
    }

    /// The client knows the down track now.
    pub(super) fn down_track_ready(
        &mut self,
        key: ParticipantKey,
        id: DownTrackId,
        codecs: &[Codec],
        now: Now,
    ) {
        let Some(sid) = self.media.tracks.copied_as(key, id).cloned() else {
            return;
        };
        let Some(track) = self.media.tracks.get_mut(&sid) else {
            return;
        };
        if let Some(down) = track.down_tracks.of_mut(key) {
            codecs.clone_into(&mut down.codecs);
        }
        let publisher = track.publisher;
        let first_subscriber = !std::mem::replace(&mut track.subscribed_message_sent, true);
        if first_subscriber && let Some(publisher) = self.roster.get_mut(publisher) {
            publisher.send(Message::TrackSubscribed(proto::TrackSubscribed {
                track_sid: sid.as_str().to_owned(),
            }));
        }
        self.retarget_track(&sid, now);
    }
}

/// Audio is taken with or without redundancy.
fn accepted_codecs(codec: Codec) -> Vec<Codec> {
    match codec {
        Codec::Opus | Codec::Red => vec![
            codec,
            if codec == Codec::Red {
                Codec::Opus
            } else {
                Codec::Red
            },
        ],
        Codec::Pcmu
        | Codec::Pcma
        | Codec::Vp8
        | Codec::H264
        | Codec::Vp9
        | Codec::Av1
        | Codec::H265 => vec![codec],
    }
}

/// First word of the msid: `PA_…|TR_…`, or with a shared stream `PA_…|<stream>`; very old clients want the sid alone.
fn stream_id(track: &Track, sid: &TrackSid, sync: bool, packed: bool) -> String {
    let publisher = &track.publisher_sid;
    if !packed {
        return publisher.as_str().to_owned();
    }
    if sync && !track.info.stream.is_empty() {
        return format!("{publisher}|{}", track.info.stream);
    }
    format!("{publisher}|{sid}")
}
