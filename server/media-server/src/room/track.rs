//! A published track: its description, its encodings, and the down tracks that carry it to subscribers.

use std::time::{Duration, Instant};

use livekit_protocol as proto;
use livekit_wire::{Identity, ParticipantSid};
use proto::{SimulcastCodecInfo, TrackInfo, TrackSource, TrackType};

use super::tracks::DownTracks;
use crate::forward::{
    AudioLevelConfig, AudioLevelObserver, Codec, Counts, Dynacast, KeyframeThrottle, MAX_SPATIAL,
    PublishedSizes, QualityScorer, UpTrack as Incoming,
};
use crate::participant::{AnnouncedTrack, ParticipantKey, sorted_layers};
use crate::peer::{UpTrack, UpTrackId};

/// One published track.
pub(super) struct Track {
    /// As everybody sees it.
    pub info: TrackInfo,
    /// `addTrack.cid`.
    pub cid: String,
    /// Who publishes it.
    pub publisher: ParticipantKey,
    /// Who publishes it, on the wire.
    pub publisher_sid: ParticipantSid,
    /// Who publishes it, by name.
    pub publisher_identity: Identity,
    /// Its codecs as they are sent, the main one first.
    pub encodings: Vec<Encoding>,
    /// Its subscribers.
    pub down_tracks: DownTracks,
    /// How loud it is; audio only.
    pub loudness: Option<AudioLevelObserver>,
    /// Which qualities are wanted; video only.
    pub dynacast: Option<Dynacast<ParticipantKey>>,
    /// Webhooks were told that it is published.
    pub published_event_sent: bool,
    /// The publisher was told that somebody listens.
    pub subscribed_message_sent: bool,
}

/// One codec of a track.
pub(super) struct Encoding {
    /// Where its packets come from.
    pub up: UpTrackId,
    /// Its codec.
    pub codec: Codec,
    /// Its format parameters.
    pub fmtp: Option<String>,
    /// Parses and watches its packets.
    pub incoming: Incoming,
    /// Requests to the publisher.
    pub keyframes: KeyframeThrottle,
    /// How well it arrives.
    pub quality: QualityScorer,
    /// Round trip time to the publisher.
    pub rtt: Option<Duration>,
    /// What had arrived when quality was judged last.
    pub scored: Counts,
    /// A sender report has arrived since then.
    pub reported: bool,
    /// Its m-line is still sent on.
    pub live: bool,
}

impl Encoding {
    /// A codec whose media section is known and whose packets are to come.
    pub fn new(up: &UpTrack, source: TrackSource, now: Instant) -> Self {
        Self {
            up: up.id,
            codec: up.codec,
            fmtp: up.fmtp.clone(),
            incoming: Incoming::new(up.codec, source == TrackSource::ScreenShare),
            keyframes: KeyframeThrottle::default(),
            quality: QualityScorer::new(up.codec, now),
            rtt: None,
            scored: Counts::default(),
            reported: false,
            live: true,
        }
    }
}

impl Track {
    /// A track whose first encoding is about to be added.
    pub fn new(
        announced: AnnouncedTrack,
        publisher: ParticipantKey,
        publisher_sid: ParticipantSid,
        publisher_identity: Identity,
        now: Instant,
    ) -> Self {
        let info = announced.info;
        let is_video = info.r#type() == TrackType::Video;
        let codec = info
            .codecs
            .first()
            .and_then(|codec| Codec::from_mime(&codec.mime_type));
        Self {
            cid: announced.cid,
            publisher,
            publisher_sid,
            publisher_identity,
            encodings: Vec::new(),
            down_tracks: DownTracks::default(),
            loudness: (!is_video).then(|| {
                AudioLevelObserver::new(AudioLevelConfig::default(), Codec::Opus.clock_rate())
            }),
            dynacast: is_video.then(|| Dynacast::new(codec, now)),
            published_event_sent: false,
            subscribed_message_sent: false,
            info,
        }
    }

    /// Whether one of the track's encodings goes by this client id.
    pub fn has_cid(&self, cid: &str) -> bool {
        self.cid == cid
            || self
                .info
                .codecs
                .iter()
                .any(|codec| codec.cid == cid || codec.sdp_cid == cid)
    }

    /// Takes over what the description of the media says; the answer is the encoding's index.
    pub fn add_encoding(&mut self, encoding: Encoding, up: &UpTrack, now: Instant) -> usize {
        let mime_type = encoding.codec.mime();
        let position = self
            .info
            .codecs
            .iter()
            .position(|codec| codec.cid == up.cid && !codec.cid.is_empty())
            .or_else(|| {
                self.info
                    .codecs
                    .iter()
                    .position(|codec| codec.mime_type.eq_ignore_ascii_case(mime_type))
            })
            .unwrap_or_else(|| {
                if self.info.codecs.is_empty() || !self.encodings.is_empty() {
                    self.info.codecs.push(SimulcastCodecInfo::default());
                    self.info.codecs.len() - 1
                } else {
                    0
                }
            });
        let codec = &mut self.info.codecs[position];
        mime_type.clone_into(&mut codec.mime_type);
        codec.mid.clone_from(&up.mid);
        codec.cid.clone_from(&up.cid);
        if let Some(sdp_cid) = &up.sdp_cid {
            codec.sdp_cid.clone_from(sdp_cid);
        }
        let rids = up.rids.len();
        for (layer, rid) in codec.layers.iter_mut().zip(&up.rids) {
            layer.rid = rid.to_string();
        }
        if self.encodings.is_empty() {
            self.describe_main(position, rids);
        }
        if let Some(dynacast) = &mut self.dynacast {
            dynacast.add_codec(encoding.codec, now);
        }
        // A client that republishes its main codec on a new m-line takes the old place.
        if let Some(index) = self
            .encodings
            .iter()
            .position(|known| known.codec == encoding.codec)
        {
            self.encodings[index] = encoding;
            return index;
        }
        self.encodings.push(encoding);
        self.encodings.len() - 1
    }

    #[expect(
        deprecated,
        reason = "LiveKit still fills the fields that older clients read"
    )]
    fn describe_main(&mut self, position: usize, rids: usize) {
        let codec = &self.info.codecs[position];
        self.info.mime_type.clone_from(&codec.mime_type);
        self.info.mid.clone_from(&codec.mid);
        self.info.layers.clone_from(&codec.layers);
        self.info.simulcast |= rids > 1;
    }

    /// A codec is not sent any more, others are.
    pub fn end_encoding(&mut self, index: usize) {
        if let Some(encoding) = self.encodings.get_mut(index) {
            encoding.live = false;
        }
    }

    /// The client will publish another codec of the track under these ids.
    pub fn add_codec_cids(&mut self, codecs: &[proto::SimulcastCodec]) {
        for asked in codecs.iter().filter(|asked| !asked.cid.is_empty()) {
            let kind = match self.info.r#type() {
                TrackType::Video => "video",
                TrackType::Audio | TrackType::Data => "audio",
            };
            let Some(wanted) = Codec::from_mime(&format!("{kind}/{}", asked.codec))
                .or_else(|| Codec::from_mime(&asked.codec))
                .filter(|codec| codec.is_video() == (kind == "video"))
            else {
                continue;
            };
            let mime_type = wanted.mime();
            let codecs = &mut self.info.codecs;
            let position = codecs
                .iter()
                .position(|codec| codec.mime_type.eq_ignore_ascii_case(mime_type))
                .unwrap_or(codecs.len());
            if position == codecs.len() {
                codecs.push(SimulcastCodecInfo {
                    mime_type: mime_type.to_owned(),
                    ..SimulcastCodecInfo::default()
                });
            }
            let codec = &mut codecs[position];
            codec.cid.clone_from(&asked.cid);
            if !asked.layers.is_empty() {
                codec.layers = sorted_layers(&asked.layers);
            }
        }
    }

    /// The codec that subscribers who cannot decode the main one could have.
    pub fn backup_codec(&self, refused: &[Codec]) -> Option<Codec> {
        self.info
            .codecs
            .iter()
            .filter_map(|codec| Codec::from_mime(&codec.mime_type))
            .find(|codec| !refused.contains(codec))
    }

    /// Mutes or unmutes for every subscriber.
    pub fn set_muted(&mut self, muted: bool, now: Instant) {
        self.info.muted = muted;
        if muted && let Some(loudness) = &mut self.loudness {
            loudness.silence();
        }
        for encoding in &mut self.encodings {
            encoding.quality.set_muted(muted, now);
        }
        for down in self.down_tracks.iter_mut() {
            down.forwarder.set_publisher_muted(muted);
        }
    }

    /// The sizes of the track and its layers.
    pub fn sizes(&self, encoding: usize) -> PublishedSizes {
        let mime_type = self
            .encodings
            .get(encoding)
            .map(|encoding| encoding.codec.mime());
        let layers = self
            .info
            .codecs
            .iter()
            .find(|codec| {
                mime_type.is_some_and(|mime_type| codec.mime_type.eq_ignore_ascii_case(mime_type))
            })
            .map(|codec| codec.layers.as_slice())
            .unwrap_or_default();
        let mut sizes = PublishedSizes {
            width: self.info.width,
            height: self.info.height,
            layers: [None; MAX_SPATIAL],
        };
        for (place, layer) in sizes.layers.iter_mut().zip(layers) {
            *place = Some((layer.width, layer.height));
        }
        sizes
    }
}
