//! One subscriber's copy of one published track: chooses its packets and renumbers them.
//!
//! It knows the track only through [`UpTrack`] and [`UpPacket`], and nothing of other subscribers.

use super::bandwidth_allocator::Allocation;
use super::codec::Codec;
use super::counters::Counts;
use super::frame_selector::{FrameSelector, Selection};
use super::layer::Layer;
use super::packet::DownPacket;
use super::sequence_munger::{Order, SequenceMunger};
use super::timestamp_munger::TimestampMunger;
use super::up_track::{Frame, UpPacket, UpTrack};
use super::vp8_munger::{Vp8Munger, Vp8Verdict};
use super::vp9_selector::Vp9Selector;

use std::time::Instant;

/// Random first numbers of an outgoing stream.
#[derive(Debug, Clone, Copy)]
pub struct StreamStart {
    /// Any number; the top bit is ignored, so that the stream starts in its first rollover period.
    pub seq: u16,
    /// Any number.
    pub time: u32,
}

/// The codec's own numbering and layer choice.
#[derive(Debug, Clone)]
enum Selector {
    Plain,
    Vp8(Vp8Munger),
    Svc {
        frames: FrameSelector,
        vp9: Vp9Selector,
    },
}

/// Forwards one track to one subscriber.
#[derive(Debug, Clone)]
pub struct DownTrackForwarder {
    codec: Codec,
    sequence: SequenceMunger,
    timestamps: TimestampMunger,
    selector: Selector,
    wanted: Option<Layer>,
    allocation: Allocation,
    publisher_muted: bool,
    /// The next first packet follows a publisher's mute.
    after_mute: bool,
    target: Option<u8>,
    current: Option<u8>,
    /// Highest spatial layer that lives, when layers share a stream.
    live_spatial: u8,
    counts: Counts,
}

impl DownTrackForwarder {
    /// A subscription that wants everything and has sent nothing.
    pub fn new(codec: Codec, start: StreamStart) -> Self {
        Self {
            codec,
            sequence: SequenceMunger::new(start.seq),
            timestamps: TimestampMunger::new(codec.clock_rate(), start.time),
            selector: match codec {
                Codec::Vp8 => Selector::Vp8(Vp8Munger::default()),
                Codec::Vp9 | Codec::Av1 => Selector::Svc {
                    frames: FrameSelector::default(),
                    vp9: Vp9Selector::default(),
                },
                Codec::Opus
                | Codec::Red
                | Codec::Pcmu
                | Codec::Pcma
                | Codec::H264
                | Codec::H265 => Selector::Plain,
            },
            wanted: Some(Layer::HIGHEST),
            allocation: Allocation::Unlimited,
            publisher_muted: false,
            after_mute: false,
            target: None,
            current: None,
            live_spatial: 0,
            counts: Counts::default(),
        }
    }

    /// The codec.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// What the subscriber wants at most; `None` stops the track.
    pub fn set_max_layer(&mut self, wanted: Option<Layer>) {
        self.wanted = wanted;
        self.stop_if_blocked();
    }

    /// What the subscriber's bandwidth allows.
    pub fn set_allocated(&mut self, allocation: Allocation) {
        self.allocation = allocation;
        self.stop_if_blocked();
    }

    /// The publisher muted or unmuted the track.
    pub fn set_publisher_muted(&mut self, muted: bool) {
        self.publisher_muted = muted;
        self.after_mute |= muted;
        self.stop_if_blocked();
    }

    /// The next packet comes from a new source, for instance after the publisher reconnected.
    pub const fn restart(&mut self) {
        self.current = None;
    }

    fn stop_if_blocked(&mut self) {
        if self.allowed().is_none() {
            self.current = None;
        }
    }

    /// The best layer that wish, bandwidth and mute leave.
    pub fn allowed(&self) -> Option<Layer> {
        let wanted = self.wanted.filter(|_| !self.publisher_muted)?;
        match self.allocation {
            Allocation::Unlimited => Some(wanted),
            Allocation::Paused => None,
            Allocation::Layer(layer) => Some(Layer {
                spatial: wanted.spatial.min(layer.spatial),
                temporal: wanted.temporal.min(layer.temporal),
            }),
        }
    }

    /// Aims at the best living layer; call it after every change of settings and every half second or so.
    pub fn retarget(&mut self, track: &UpTrack, now: Instant) {
        let Some(allowed) = self.allowed() else {
            return;
        };
        let live = track.live_layers(now);
        if !track.is_simulcast() {
            self.target = Some(0);
            self.live_spatial = live.highest().unwrap_or(self.live_spatial);
        } else if let Some(target) = live.closest_to(allowed.spatial) {
            self.target = Some(target);
        }
    }

    /// The stream that a keyframe is needed of, to begin or to change layers.
    pub fn wants_keyframe(&self) -> Option<u8> {
        if self.codec.is_audio() || self.allowed().is_none() {
            return None;
        }
        if self.current.is_none() || self.current != self.target {
            return self.target.or(self.current);
        }
        match &self.selector {
            Selector::Svc { frames, vp9 } if frames.wants_keyframe() || vp9.wants_keyframe() => {
                self.current
            }
            Selector::Svc { .. } | Selector::Vp8(_) | Selector::Plain => None,
        }
    }

    /// Whether packets are being sent.
    pub const fn is_streaming(&self) -> bool {
        self.current.is_some()
    }

    /// The layer that is being sent.
    pub fn current_layer(&self) -> Option<Layer> {
        let spatial = self.current?;
        Some(match &self.selector {
            Selector::Vp8(munger) => Layer {
                spatial,
                temporal: munger.temporal().min(Layer::HIGHEST.temporal),
            },
            Selector::Svc { frames, vp9 } => {
                let inner = frames
                    .current_layer()
                    .unwrap_or_else(|| vp9.current_layer());
                Layer {
                    spatial: spatial.max(inner.spatial),
                    temporal: inner.temporal.min(Layer::HIGHEST.temporal),
                }
            }
            Selector::Plain => Layer {
                spatial,
                temporal: Layer::HIGHEST.temporal,
            },
        })
    }

    /// The simulcast stream that is being sent.
    pub const fn current_stream(&self) -> Option<u8> {
        self.current
    }

    /// The simulcast stream aimed at.
    pub const fn target_stream(&self) -> Option<u8> {
        self.target
    }

    /// How many spatial layers the subscriber lacks of what it wants and the publisher sends.
    pub fn layer_distance(&self, track: &UpTrack, now: Instant) -> u8 {
        let (Some(wanted), Some(current)) = (self.wanted, self.current_layer()) else {
            return 0;
        };
        let best = track.live_layers(now).closest_to(wanted.spatial);
        best.map_or(0, |best| best.saturating_sub(current.spatial))
    }

    /// Packets and bytes sent so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Decides about a packet of the track; `None` when this subscriber does not get it.
    pub fn forward(&mut self, packet: &UpPacket<'_>, track: &UpTrack) -> Option<DownPacket> {
        let allowed = self.allowed()?;
        let rtp = &packet.rtp;
        let before = self.current_layer().map(|layer| layer.spatial);
        if self.current != Some(rtp.stream) {
            if self.target.is_none() {
                self.retarget(track, rtp.arrived);
            }
            if self.target != Some(rtp.stream) && self.codec.is_video() || !packet.switch_point() {
                return None;
            }
            self.switch(packet, track, allowed);
        }
        let order = self.sequence.order(rtp.seq)?;
        if rtp.payload.is_empty() {
            self.sequence.drop(rtp.seq);
            return None;
        }
        let Some((vp8_patch, marker)) = self.select(packet, order, track.is_simulcast(), allowed)
        else {
            self.sequence.drop(rtp.seq);
            return None;
        };
        let seq = self.sequence.forward(rtp.seq)?;
        self.counts.packets += 1;
        self.counts.bytes += rtp.payload.len() as u64;
        Some(DownPacket {
            seq,
            time: self.timestamps.forward(rtp.time, rtp.arrived),
            marker,
            vp8_patch,
            switched: before != self.current_layer().map(|layer| layer.spatial),
        })
    }

    fn switch(&mut self, packet: &UpPacket<'_>, track: &UpTrack, allowed: Layer) {
        let rtp = &packet.rtp;
        self.sequence.switch(rtp.seq);
        let clocks = track.clocks();
        self.timestamps
            .switch(clocks, rtp.stream, rtp.time, rtp.arrived, self.after_mute);
        match &mut self.selector {
            Selector::Plain => {}
            Selector::Vp8(munger) => {
                if let Frame::Vp8(vp8) = &packet.frame {
                    munger.switch(vp8, allowed.temporal);
                }
            }
            Selector::Svc { frames, vp9 } => {
                frames.reset();
                vp9.reset();
            }
        }
        self.after_mute = false;
        self.current = Some(rtp.stream);
    }

    /// The codec's part of the decision: bytes to replace and the marker bit, or `None` to drop.
    fn select(
        &mut self,
        packet: &UpPacket<'_>,
        order: Order,
        simulcast: bool,
        allowed: Layer,
    ) -> Option<(Option<str0m::rtp::Vp8Patch>, bool)> {
        let marker = packet.rtp.marker;
        // With simulcast the stream is the spatial layer, whatever is inside it.
        let inner = |live: u8| Layer {
            spatial: if simulcast {
                u8::MAX
            } else {
                allowed.spatial.min(live)
            },
            temporal: allowed.temporal,
        };
        let selection = match (&mut self.selector, &packet.frame) {
            (Selector::Vp8(munger), Frame::Vp8(vp8)) => {
                return match munger.forward(vp8, order, marker, allowed.temporal) {
                    Vp8Verdict::Forward(patch) => Some((patch, marker)),
                    Vp8Verdict::Drop => None,
                };
            }
            (Selector::Svc { frames, .. }, Frame::Dependency(dependency)) => {
                frames.select(dependency, inner(u8::MAX))
            }
            (Selector::Svc { vp9, .. }, Frame::Vp9(header)) => {
                vp9.select(header, marker, inner(self.live_spatial))
            }
            _ => Selection::Forward {
                last_of_picture: false,
            },
        };
        match selection {
            Selection::Forward { last_of_picture } => Some((None, marker || last_of_picture)),
            Selection::Drop => None,
        }
    }
}

#[cfg(test)]
mod tests;
