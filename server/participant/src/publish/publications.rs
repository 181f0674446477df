//! What we publish, through all reconnections: how it is announced, on which m-line it goes out, when its next frame is due.

use std::time::{Duration, Instant};

use livekit_protocol as proto;
use str0m::media::{Mid, Rid};
use tokio::sync::{oneshot, watch};

use super::{
    Content, LocalFrame, LocalTrack, Publish, PublishError,
    synthetic_audio::SyntheticAudio,
    synthetic_video::{self, SyntheticVideo, bitrate_share},
};
use crate::connection::{Outgoing, layer_name};

enum Source {
    Video(SyntheticVideo),
    Audio(SyntheticAudio),
    Caller,
}

/// One track of ours.
pub(crate) struct Publication {
    pub cid: String,
    publish: Publish,
    source: Source,
    pub mid: Option<Mid>,
    pub muted: bool,
    sid: watch::Sender<String>,
    /// Whether the server has given it a name in this stay.
    pub announced: bool,
    due: Instant,
    /// Who waits until media flows.
    waiting: Option<(
        LocalTrack,
        oneshot::Sender<Result<LocalTrack, PublishError>>,
    )>,
}

impl Publication {
    /// Its announcement.
    pub fn request(&self) -> proto::AddTrackRequest {
        let codec = self.publish.content.codec();
        let layers = self.publish.content.layers();
        let (width, height) = match self.publish.content {
            Content::Frames { size, .. } => size,
            Content::SyntheticVideo { .. } | Content::SyntheticAudio => synthetic_video::SIZE,
        };
        let video_layers: Vec<proto::VideoLayer> = (0..layers)
            .filter(|_| codec.is_video())
            .map(|layer| {
                let below = layers - 1 - layer;
                proto::VideoLayer {
                    quality: i32::from(if layers == 1 { 2 } else { layer }),
                    width: width >> below,
                    height: height >> below,
                    bitrate: match self.publish.content {
                        Content::SyntheticVideo {
                            bits_per_second, ..
                        } => bits_per_second / bitrate_share(below.into()),
                        Content::SyntheticAudio | Content::Frames { .. } => 0,
                    },
                    rid: if layers > 1 {
                        layer_name(layer).to_owned()
                    } else {
                        String::new()
                    },
                    ..Default::default()
                }
            })
            .collect();
        proto::AddTrackRequest {
            cid: self.cid.clone(),
            name: self.publish.name.clone(),
            r#type: self.kind().into(),
            source: self.publish.source.into(),
            muted: self.muted,
            width: if codec.is_video() { width } else { 0 },
            height: if codec.is_video() { height } else { 0 },
            simulcast_codecs: vec![proto::SimulcastCodec {
                codec: codec
                    .mime()
                    .split('/')
                    .next_back()
                    .unwrap_or_default()
                    .to_lowercase(),
                cid: self.cid.clone(),
                layers: video_layers.clone(),
                ..Default::default()
            }],
            layers: video_layers,
            disable_red: true,
            ..Default::default()
        }
    }

    /// Audio or video.
    pub fn kind(&self) -> proto::TrackType {
        if self.publish.content.codec().is_video() {
            proto::TrackType::Video
        } else {
            proto::TrackType::Audio
        }
    }

    /// How many simulcast layers.
    pub fn layers(&self) -> u8 {
        self.publish.content.layers()
    }

    /// Its id at the server; empty before it has one.
    pub fn sid(&self) -> String {
        self.sid.borrow().clone()
    }

    /// The server named it.
    pub fn announce(&mut self, sid: &str) {
        self.announced = true;
        self.sid.send_replace(sid.to_owned());
    }

    /// The server knows nothing of it.
    pub fn forget(&mut self) {
        self.announced = false;
        self.mid = None;
    }

    /// Synthetic audio speaks, or falls silent, from now on.
    pub fn speak(&mut self, speaking: bool, now: Instant) {
        if let Source::Audio(audio) = &mut self.source {
            audio.speak(speaking);
            self.due = now;
        }
    }

    fn keyframe_asked(&mut self, layer: Option<u8>) {
        let answers = match self.publish.content {
            Content::SyntheticVideo { keyframes, .. } => keyframes,
            Content::SyntheticAudio | Content::Frames { .. } => false,
        };
        if let Source::Video(video) = &mut self.source
            && answers
        {
            video.ask_for_keyframe(layer);
        }
    }

    /// What the caller's frame is on the wire.
    pub fn outgoing(&self, frame: LocalFrame) -> Outgoing {
        let layers = self.layers();
        Outgoing {
            codec: self.publish.content.codec(),
            layer: (frame.layer.min(layers - 1), layers),
            rtp_time: frame.rtp_time,
            captured: frame.captured,
            loudness: frame.loudness,
            data: frame.data,
        }
    }

    fn next_frames(&mut self, now: Instant) -> Vec<Outgoing> {
        let (codec, layers) = (self.publish.content.codec(), self.layers());
        let outgoing = |layer, rtp_time, loudness, data| Outgoing {
            codec,
            layer: (layer, layers),
            rtp_time,
            captured: now,
            loudness,
            data,
        };
        match &mut self.source {
            Source::Video(video) => {
                self.due = next_turn(self.due, SyntheticVideo::INTERVAL, now);
                let (rtp_time, frames) = video.next_picture();
                (0..)
                    .zip(frames)
                    .map(|(layer, data)| outgoing(layer, rtp_time, None, data))
                    .collect()
            }
            Source::Audio(audio) => {
                let packet = audio.next_packet();
                self.due = next_turn(self.due, packet.next, now);
                vec![outgoing(
                    0,
                    packet.rtp_time,
                    Some(packet.loudness),
                    packet.data,
                )]
            }
            Source::Caller => Vec::new(),
        }
    }
}

/// A turn that was missed by far is not made up for.
fn next_turn(due: Instant, interval: Duration, now: Instant) -> Instant {
    let next = due + interval;
    if next + interval * 5 < now { now } else { next }
}

/// All tracks of ours.
#[derive(Default)]
pub(crate) struct Publications {
    all: Vec<Publication>,
    made: u32,
}

impl Publications {
    /// A new track, with the hand for its publisher.
    pub fn add(
        &mut self,
        publish: Publish,
        commands: tokio::sync::mpsc::Sender<crate::command::Command>,
        answer: oneshot::Sender<Result<LocalTrack, PublishError>>,
        now: Instant,
    ) -> &mut Publication {
        self.made += 1;
        let cid = format!("local-{}", self.made);
        let (sid, sid_receiver) = watch::channel(String::new());
        let hand = LocalTrack {
            cid: cid.clone(),
            sid: sid_receiver,
            commands,
        };
        let source = match publish.content {
            Content::SyntheticVideo {
                bits_per_second, ..
            } => Source::Video(SyntheticVideo::new(
                bits_per_second,
                publish.content.layers(),
            )),
            Content::SyntheticAudio => Source::Audio(SyntheticAudio::default()),
            Content::Frames { .. } => Source::Caller,
        };
        self.all.push(Publication {
            cid,
            publish,
            source,
            mid: None,
            muted: false,
            sid,
            announced: false,
            due: now,
            waiting: Some((hand, answer)),
        });
        let last = self.all.len() - 1;
        &mut self.all[last]
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Publication> {
        self.all.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Publication> {
        self.all.iter_mut()
    }

    pub fn by_cid(&mut self, cid: &str) -> Option<&mut Publication> {
        self.all.iter_mut().find(|one| one.cid == cid)
    }

    pub fn by_sid(&mut self, sid: &str) -> Option<&mut Publication> {
        self.all.iter_mut().find(|one| *one.sid.borrow() == sid)
    }

    pub fn remove(&mut self, cid: &str) -> Option<Publication> {
        let index = self.all.iter().position(|one| one.cid == cid)?;
        Some(self.all.remove(index))
    }

    /// The server does not take a track.
    pub fn refused(&mut self, cid: &str, error: PublishError) -> Option<Publication> {
        let mut refused = self.remove(cid)?;
        if let Some((_, answer)) = refused.waiting.take() {
            // Whoever asked may be gone.
            let _ = answer.send(Err(error));
        }
        Some(refused)
    }

    /// Media flows on our sending connection: whoever waits for a track has it.
    pub fn connected(&mut self) {
        for one in &mut self.all {
            if one.announced
                && one.mid.is_some()
                && let Some((hand, answer)) = one.waiting.take()
            {
                // Whoever asked may be gone; the track stays.
                let _ = answer.send(Ok(hand));
            }
        }
    }

    /// Somebody needs a keyframe on an m-line.
    pub fn keyframe_asked(&mut self, mid: Mid, rid: Option<Rid>) {
        for one in self.all.iter_mut().filter(|one| one.mid == Some(mid)) {
            let layers = one.layers();
            let layer =
                rid.and_then(|rid| (0..layers).find(|layer| Rid::from(layer_name(*layer)) == rid));
            one.keyframe_asked(layer);
        }
    }

    /// When the next synthetic frame is due.
    pub fn due(&self) -> Option<Instant> {
        self.all
            .iter()
            .filter(|one| !matches!(one.source, Source::Caller) && !one.muted)
            .filter(|one| one.mid.is_some())
            .map(|one| one.due)
            .min()
    }

    /// The synthetic frames that are due, with their m-lines.
    pub fn due_frames(&mut self, now: Instant) -> Vec<(Mid, Outgoing)> {
        let mut frames = Vec::new();
        for one in &mut self.all {
            if let Some(mid) = one.mid.filter(|_| one.due <= now && !one.muted) {
                frames.extend(one.next_frames(now).into_iter().map(|frame| (mid, frame)));
            }
        }
        frames
    }
}
