//! A track on its way to one subscriber.

use std::time::{Duration, Instant};

use livekit_protocol as proto;

use crate::forward::{
    Codec, Counts, DownTrackForwarder, Layer, PublishedSizes, QualityScorer, StreamStart,
    TrackSettings, UpTrack, VideoQuality, select_layer,
};
use crate::participant::ParticipantKey;
use crate::peer::DownTrackId;

/// One subscriber's copy of a track.
pub(super) struct DownTrack {
    /// Who gets it.
    pub subscriber: ParticipantKey,
    /// Its name in the subscriber's connection.
    pub id: DownTrackId,
    /// Which encoding it carries.
    pub encoding: usize,
    /// Chooses and renumbers packets.
    pub forwarder: DownTrackForwarder,
    /// Codecs the client accepts; empty until it is negotiated.
    pub codecs: Vec<Codec>,
    /// The best layer the client wants; None for nothing.
    pub wanted: Option<Layer>,
    /// What the client wishes.
    pub settings: TrackSettings,
    /// Who is served first when bandwidth is short.
    pub priority: u32,
    /// The client was told that the track is paused.
    pub paused: bool,
    /// What had been sent when bandwidth was judged last.
    pub counted: Counts,
    /// How well it gets through.
    pub quality: QualityScorer,
    /// Part of the packets the client lost, by its last report.
    pub loss: Option<f32>,
    /// Round trip time, by its last report.
    pub rtt: Option<Duration>,
    /// What had been sent when quality was judged last.
    pub scored: Counts,
}

impl DownTrack {
    /// A copy that is to be negotiated.
    pub fn new(
        subscriber: ParticipantKey,
        id: DownTrackId,
        encoding: usize,
        codec: Codec,
        start: StreamStart,
        now: Instant,
    ) -> Self {
        Self {
            subscriber,
            id,
            encoding,
            forwarder: DownTrackForwarder::new(codec, start),
            codecs: Vec::new(),
            wanted: Some(Layer::HIGHEST),
            quality: QualityScorer::new(codec, now),
            loss: None,
            rtt: None,
            scored: Counts::default(),
            settings: TrackSettings {
                quality: Some(VideoQuality::High),
                ..Default::default()
            },
            priority: 0,
            paused: false,
            counted: Counts::default(),
        }
    }

    /// Whether packets may be written.
    pub fn is_ready(&self) -> bool {
        !self.codecs.is_empty()
    }

    /// Takes over a client's wishes.
    pub fn set_settings(&mut self, settings: &proto::UpdateTrackSettings) {
        self.settings = TrackSettings {
            disabled: settings.disabled,
            quality: match settings.quality() {
                proto::VideoQuality::Low => Some(VideoQuality::Low),
                proto::VideoQuality::Medium => Some(VideoQuality::Medium),
                proto::VideoQuality::High => Some(VideoQuality::High),
                proto::VideoQuality::Off => None,
            },
            width: settings.width,
            height: settings.height,
            fps: settings.fps,
        };
        // 1 is the highest on the wire, 0 says nothing.
        self.priority = match settings.priority {
            0 => 0,
            priority => u32::MAX - priority,
        };
    }
}

/// The best layer that a subscriber of a track should get; None for nothing.
pub(super) fn wanted_layer(
    settings: &TrackSettings,
    sizes: &PublishedSizes,
    incoming: &mut UpTrack,
    now: Instant,
) -> Option<Layer> {
    if incoming.codec().is_audio() {
        return (!settings.disabled).then_some(Layer::HIGHEST);
    }
    select_layer(settings, sizes, &incoming.frame_rates(now))
}
