//! Which layers subscribers aim at, and what publishers are asked for because of it: keyframes and qualities.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::signal_response::Message;

use super::Room;
use crate::forward::{Codec, SubscribedCodec, VideoQuality};
use crate::ground::Now;
use crate::participant::ParticipantKey;
use crate::peer::{DownTrackId, UpTrackId};

impl Room {
    /// A client lost a picture.
    pub(super) fn keyframe_requested(&mut self, key: ParticipantKey, id: DownTrackId, now: Now) {
        self.shared.traffic.keyframe_requests_in.add(1);
        let found = self.media.tracks.of_copy(key, id).and_then(|track| {
            let down = track.down_tracks.of(key)?;
            let stream = down
                .forwarder
                .current_layer()
                .map(|layer| layer.spatial)
                .or(down.forwarder.target_stream())?;
            let encoding = track.encodings.get_mut(down.encoding)?;
            let stream = if encoding.incoming.is_simulcast() {
                stream
            } else {
                0
            };
            let send = encoding.keyframes.request(stream, now.instant);
            Some((
                track.publisher,
                encoding.up,
                stream,
                send,
                encoding.keyframes.deadline(),
            ))
        });
        let Some((publisher, up, stream, send, later)) = found else {
            return;
        };
        if send {
            self.request_keyframe(publisher, up, stream);
        }
        if let Some(later) = later {
            self.wake_at(later);
        }
    }

    /// Aims every subscriber of a track anew and asks for the keyframes that needs.
    pub(super) fn retarget_track(&mut self, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let publisher = track.publisher;
        let mut requests = Vec::new();
        let mut wake = None;
        for down in track.down_tracks.iter_mut() {
            let Some(encoding) = track.encodings.get_mut(down.encoding) else {
                continue;
            };
            down.forwarder.retarget(&encoding.incoming, now.instant);
            if !down.is_ready() {
                continue;
            }
            if let Some(stream) = down.forwarder.wants_keyframe() {
                if encoding.keyframes.request(stream, now.instant) {
                    requests.push((encoding.up, stream));
                }
                let later = encoding.keyframes.deadline();
                wake = wake.into_iter().chain(later).min();
            }
        }
        for (up, stream) in requests {
            self.request_keyframe(publisher, up, stream);
        }
        if let Some(wake) = wake {
            self.wake_at(wake);
        }
    }

    /// Sends kept keyframe requests whose time has come.
    pub(super) fn poll_keyframes(&mut self, now: Now) {
        let (requests, next) = self.media.due_keyframes(now.instant);
        for request in requests {
            self.request_keyframe(request.publisher, request.up, request.stream);
        }
        if let Some(wake) = next {
            self.wake_at(wake);
        }
    }

    fn request_keyframe(&mut self, publisher: ParticipantKey, up: UpTrackId, stream: u8) {
        let Some(participant) = self.roster.get_mut(publisher) else {
            return;
        };
        participant
            .publisher
            .connection
            .request_keyframe(up, stream);
        let peer = participant.publisher.id;
        self.shared.traffic.keyframe_requests_out.add(1);
        self.mark_dirty(peer);
    }

    /// Tells the publisher which qualities are wanted, if that changed.
    pub(super) fn poll_dynacast(&mut self, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let Some(dynacast) = &mut track.dynacast else {
            return;
        };
        let news = dynacast.poll(now.instant);
        let later = dynacast.deadline();
        let publisher = track.publisher;
        if let Some(codecs) = news
            && let Some(participant) = self.roster.get_mut(publisher)
        {
            participant.send(Message::SubscribedQualityUpdate(quality_update(
                sid, &codecs,
            )));
        }
        if let Some(later) = later {
            self.wake_at(later);
        }
    }
}

#[expect(
    deprecated,
    reason = "older clients read the qualities of the first codec"
)]
fn quality_update(sid: &TrackSid, codecs: &[SubscribedCodec]) -> proto::SubscribedQualityUpdate {
    let subscribed_codecs: Vec<_> = codecs
        .iter()
        .map(|subscribed| proto::SubscribedCodec {
            codec: short_name(subscribed.codec),
            qualities: subscribed
                .qualities()
                .map(|(quality, enabled)| proto::SubscribedQuality {
                    quality: match quality {
                        VideoQuality::Low => proto::VideoQuality::Low,
                        VideoQuality::Medium => proto::VideoQuality::Medium,
                        VideoQuality::High => proto::VideoQuality::High,
                    }
                    .into(),
                    enabled,
                })
                .to_vec(),
        })
        .collect();
    proto::SubscribedQualityUpdate {
        track_sid: sid.as_str().to_owned(),
        subscribed_qualities: subscribed_codecs
            .first()
            .map(|codec| codec.qualities.clone())
            .unwrap_or_default(),
        subscribed_codecs,
    }
}

/// `vp8`, as clients name codecs.
fn short_name(codec: Codec) -> String {
    let mime = codec.mime();
    mime.split_once('/')
        .map_or(mime, |(_, name)| name)
        .to_ascii_lowercase()
}
