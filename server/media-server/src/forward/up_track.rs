//! The incoming side of one published track and codec: parses each packet once and watches its layers.
//!
//! It knows nothing of subscribers.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use str0m::rtp::Vp8Descriptor;

use super::av1::av1_keyframe;
use super::codec::Codec;
use super::counters::{Arrival, Counts, StreamCounter};
use super::dependency_descriptor::{DependencyDescriptor, FrameDependencyStructure};
use super::frame_selector::FrameDependency;
use super::layer::{Layer, LayerSet, MAX_SPATIAL};
use super::nal::{NalKeyframe, h264_keyframe, h265_keyframe};
use super::packet::{SenderReport, UpRtp};
use super::rate::{Bitrates, PerLayer, RateMeter};
use super::timestamp_munger::StreamClocks;
use super::vp8::Vp8Header;
use super::vp8_munger::Vp8Packet;
use super::vp9::Vp9Header;

/// A layer without packets for so long is gone.
const CAMERA_SILENCE: Duration = Duration::from_millis(1500);
/// A still screen is sent at one frame per second or less.
const SCREEN_SILENCE: Duration = Duration::from_secs(4);

/// What the codec's header or the dependency descriptor says about a packet.
#[derive(Debug, Clone)]
pub enum Frame {
    /// Nothing that forwarding needs.
    Plain,
    /// A VP8 descriptor.
    Vp8(Vp8Packet),
    /// A VP9 descriptor.
    Vp9(Vp9Header),
    /// A dependency descriptor (AV1, VP9).
    Dependency(FrameDependency),
}

/// A packet, parsed once for all subscribers.
#[derive(Debug, Clone)]
pub struct UpPacket<'a> {
    /// As it came in.
    pub rtp: UpRtp<'a>,
    /// Its layer: with simulcast, the stream is the spatial layer.
    pub layer: Layer,
    /// First packet of a keyframe.
    pub keyframe: bool,
    /// Where it stands among the packets of its stream.
    pub arrival: Arrival,
    /// What its header says.
    pub frame: Frame,
}

impl UpPacket<'_> {
    /// A decoder can start here, and nothing of the frame came before.
    pub fn switch_point(&self) -> bool {
        self.keyframe && matches!(self.arrival, Arrival::Newest { .. })
    }
}

#[derive(Debug, Clone, Default)]
struct UpStream {
    counter: StreamCounter,
    picture: Option<u64>,
    frame: Option<u64>,
    structure: Option<(u64, Arc<FrameDependencyStructure>)>,
    active_targets: u32,
    last_time: Option<u64>,
}

/// One published track in one codec.
#[derive(Debug, Clone)]
pub struct UpTrack {
    codec: Codec,
    silence: Duration,
    streams: [UpStream; MAX_SPATIAL],
    /// When each spatial layer last had a packet.
    last_packet: [Option<Instant>; MAX_SPATIAL],
    clocks: StreamClocks,
    rates: Option<RateMeter>,
    simulcast: bool,
}

impl UpTrack {
    /// A track that has not sent anything yet; screen shares may be still for longer.
    pub fn new(codec: Codec, screen_share: bool) -> Self {
        Self {
            codec,
            silence: if screen_share {
                SCREEN_SILENCE
            } else {
                CAMERA_SILENCE
            },
            streams: Default::default(),
            last_packet: [None; MAX_SPATIAL],
            clocks: StreamClocks::default(),
            rates: None,
            simulcast: false,
        }
    }

    /// The codec.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Whether more than one stream has been sent.
    pub const fn is_simulcast(&self) -> bool {
        self.simulcast
    }

    /// Parses and counts a packet; call it once per packet, before any subscriber gets it.
    pub fn receive<'a>(&mut self, rtp: UpRtp<'a>) -> UpPacket<'a> {
        let index = usize::from(rtp.stream).min(MAX_SPATIAL - 1);
        self.simulcast |= index > 0;
        let clock_rate = self.codec.clock_rate();
        let stream = &mut self.streams[index];
        let arrival = stream.counter.add(
            rtp.seq,
            rtp.payload.len(),
            rtp.time,
            rtp.arrived,
            clock_rate,
        );
        let (frame, keyframe) = stream.parse(self.codec, &rtp, arrival);
        if matches!(arrival, Arrival::Newest { .. }) {
            stream.last_time = Some(rtp.time);
        }
        let inner = match &frame {
            Frame::Plain => Layer::LOWEST,
            Frame::Vp8(vp8) => Layer {
                spatial: 0,
                temporal: vp8.header.temporal.unwrap_or(0),
            },
            Frame::Vp9(vp9) => vp9.layer,
            Frame::Dependency(dependency) => dependency.layer,
        };
        let spatial = if self.simulcast {
            rtp.stream
        } else {
            inner.spatial
        };
        let layer = Layer {
            spatial,
            temporal: inner.temporal,
        };
        self.watch(layer, inner.spatial, &rtp, &frame);
        UpPacket {
            rtp,
            layer,
            keyframe,
            arrival,
            frame,
        }
    }

    fn watch(&mut self, layer: Layer, inner_spatial: u8, rtp: &UpRtp<'_>, frame: &Frame) {
        if rtp.payload.is_empty() {
            return;
        }
        if let Some(last) = self.last_packet.get_mut(usize::from(layer.spatial)) {
            *last = Some(rtp.arrived);
        }
        if !self.codec.is_video() {
            return;
        }
        let rates = self
            .rates
            .get_or_insert_with(|| RateMeter::new(rtp.arrived));
        if !self.simulcast && inner_spatial > 0 {
            rates.set_svc();
        }
        let frame_end = match frame {
            Frame::Dependency(dependency) => dependency.end_of_frame,
            Frame::Vp9(vp9) => vp9.end,
            Frame::Plain | Frame::Vp8(_) => rtp.marker,
        };
        rates.add(layer, rtp.payload.len(), frame_end, rtp.arrived);
    }

    /// Notes a sender report of a stream, to align its clock with the others'.
    pub fn sender_report(&mut self, stream: u8, report: SenderReport) {
        self.clocks.report(stream, report);
    }

    /// What the publisher's wall clock was at `time` of a stream, by its last report.
    pub fn ntp(&self, stream: u8, time: u64) -> Option<SystemTime> {
        self.clocks.ntp(stream, time, self.codec.clock_rate())
    }

    pub(super) const fn clocks(&self) -> &StreamClocks {
        &self.clocks
    }

    /// The spatial layers that have packets now.
    pub fn live_layers(&self, now: Instant) -> LayerSet {
        let mut live = LayerSet::EMPTY;
        for (spatial, last) in (0u8..).zip(&self.last_packet) {
            if last.is_some_and(|last| now.saturating_duration_since(last) < self.silence) {
                live = live.with(spatial);
            }
        }
        live
    }

    /// Bits per second of each layer.
    pub fn bitrates(&mut self, now: Instant) -> Bitrates {
        self.rates
            .as_mut()
            .map(|rates| rates.bitrates(now))
            .unwrap_or_default()
    }

    /// Frames per second of each layer.
    pub fn frame_rates(&mut self, now: Instant) -> PerLayer<f64> {
        self.rates
            .as_mut()
            .map(|rates| rates.frame_rates(now))
            .unwrap_or_default()
    }

    /// Totals of one stream.
    pub fn counts(&self, stream: u8) -> Counts {
        self.streams
            .get(usize::from(stream))
            .map(|s| s.counter.counts())
            .unwrap_or_default()
    }

    /// The largest jitter of all streams, in milliseconds.
    pub fn jitter_ms(&self) -> f64 {
        let clock_rate = self.codec.clock_rate();
        self.streams
            .iter()
            .map(|s| s.counter.jitter_ms(clock_rate))
            .fold(0.0, f64::max)
    }
}

impl UpStream {
    fn parse(&mut self, codec: Codec, rtp: &UpRtp<'_>, arrival: Arrival) -> (Frame, bool) {
        if rtp.payload.is_empty() {
            return (Frame::Plain, false);
        }
        match codec {
            Codec::Opus | Codec::Red | Codec::Pcmu | Codec::Pcma => (Frame::Plain, true),
            Codec::Vp8 => self.parse_vp8(rtp.payload),
            Codec::H264 => (
                Frame::Plain,
                self.nal_start(h264_keyframe(rtp.payload), rtp, arrival),
            ),
            Codec::H265 => (
                Frame::Plain,
                self.nal_start(h265_keyframe(rtp.payload), rtp, arrival),
            ),
            Codec::Vp9 => self.parse_dependency(rtp).unwrap_or_else(|| {
                Vp9Header::parse(rtp.payload).map_or((Frame::Plain, false), |vp9| {
                    (Frame::Vp9(vp9), vp9.keyframe())
                })
            }),
            Codec::Av1 => self
                .parse_dependency(rtp)
                .unwrap_or_else(|| (Frame::Plain, av1_keyframe(rtp.payload))),
        }
    }

    /// Bare pictures count only when nothing of their frame came before: their parameter sets may be lost.
    fn nal_start(&self, keyframe: NalKeyframe, rtp: &UpRtp<'_>, arrival: Arrival) -> bool {
        match keyframe {
            NalKeyframe::No => false,
            NalKeyframe::ParameterSets => true,
            NalKeyframe::Picture => {
                arrival == Arrival::Newest { contiguous: true } && self.last_time != Some(rtp.time)
            }
        }
    }

    fn parse_vp8(&mut self, payload: &[u8]) -> (Frame, bool) {
        let (Some(header), Ok(descriptor)) =
            (Vp8Header::parse(payload), Vp8Descriptor::parse(payload))
        else {
            return (Frame::Plain, false);
        };
        let mut picture = 0;
        if let Some(id) = header.picture_id {
            picture = unwrap(self.picture, id.value, if id.wide { 15 } else { 7 });
            self.picture = Some(self.picture.map_or(picture, |last| last.max(picture)));
        }
        (
            Frame::Vp8(Vp8Packet {
                header,
                descriptor,
                picture,
            }),
            header.keyframe,
        )
    }

    fn parse_dependency(&mut self, rtp: &UpRtp<'_>) -> Option<(Frame, bool)> {
        let known = self
            .structure
            .as_ref()
            .map(|(_, structure)| structure.as_ref());
        let parsed = DependencyDescriptor::parse(rtp.dependency_descriptor?, known).ok()?;
        let frame = unwrap(self.frame, parsed.frame_number, 16);
        self.frame = Some(self.frame.map_or(frame, |last| last.max(frame)));
        let keyframe = parsed.attached.is_some() && parsed.start_of_frame;
        if let Some(attached) = parsed.attached
            && self
                .structure
                .as_ref()
                .is_none_or(|(since, _)| frame >= *since)
        {
            self.structure = Some((frame, attached));
        }
        if let Some(active) = parsed.active_targets {
            self.active_targets = active;
        }
        let (_, structure) = self.structure.as_ref()?;
        let dependency = FrameDependency {
            frame,
            start_of_frame: parsed.start_of_frame,
            end_of_frame: parsed.end_of_frame,
            layer: parsed.layer,
            indications: parsed.indications,
            frame_diffs: parsed.frame_diffs,
            active_targets: self.active_targets,
            structure: Arc::clone(structure),
        };
        Some((Frame::Dependency(dependency), keyframe))
    }
}

/// The number nearest to `last` that ends in `value`'s `bits` bits; the first one starts well above zero.
fn unwrap(last: Option<u64>, value: u16, bits: u32) -> u64 {
    let size = 1u64 << bits;
    let value = u64::from(value) & (size - 1);
    let Some(last) = last else {
        return (1 << 32) + value;
    };
    let ahead = value.wrapping_sub(last) & (size - 1);
    if ahead < size / 2 {
        last + ahead
    } else {
        (last + ahead).saturating_sub(size)
    }
}

#[cfg(test)]
mod tests {
    use super::super::vp8::tests::payload;
    use super::*;

    fn rtp(stream: u8, seq: u64, payload: &[u8], arrived: Instant) -> UpRtp<'_> {
        UpRtp {
            stream,
            seq,
            time: seq * 3000,
            marker: true,
            payload,
            dependency_descriptor: None,
            arrived,
        }
    }

    #[test]
    fn numbers_unwrap_forwards_and_backwards() {
        let first = unwrap(None, 32_767, 15);
        assert_eq!(unwrap(Some(first), 0, 15), first + 1);
        assert_eq!(unwrap(Some(first + 1), 32_767, 15), first);
        let short = unwrap(None, 127, 7);
        assert_eq!(unwrap(Some(short), 0, 7), short + 1);
    }

    #[test]
    fn a_picture_number_may_grow_from_seven_to_fifteen_bits() {
        let short = unwrap(None, 127, 7);
        assert_eq!(unwrap(Some(short), 128, 15), short + 1);
    }

    #[test]
    fn a_layer_lives_while_it_has_packets() {
        let start = Instant::now();
        let mut track = UpTrack::new(Codec::Vp8, false);
        let key = payload(1, 1, 0, true, true, true);
        track.receive(rtp(0, 1, &key, start));
        track.receive(rtp(2, 1, &key, start + Duration::from_secs(1)));
        let now = start + Duration::from_millis(1100);
        assert_eq!(track.live_layers(now), LayerSet::EMPTY.with(0).with(2));
        let later = start + Duration::from_secs(2);
        assert_eq!(track.live_layers(later), LayerSet::EMPTY.with(2));
    }

    #[test]
    fn a_still_screen_is_alive_for_longer() {
        let start = Instant::now();
        let mut track = UpTrack::new(Codec::Vp8, true);
        let key = payload(1, 1, 0, true, true, true);
        track.receive(rtp(0, 1, &key, start));
        assert!(
            track
                .live_layers(start + Duration::from_secs(3))
                .contains(0)
        );
    }

    #[test]
    fn a_report_tells_the_wall_clock_of_packets_before_and_after_it() {
        let mut track = UpTrack::new(Codec::Vp8, false);
        assert_eq!(track.ntp(1, 0), None);
        let ntp = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
        let round = 1 << 32;
        track.sender_report(1, SenderReport { ntp, rtp: 45_000 });
        let half = Duration::from_millis(500);
        assert_eq!(track.ntp(1, 3 * round + 90_000), Some(ntp + half));
        assert_eq!(track.ntp(1, 3 * round), Some(ntp - half));
        assert_eq!(track.ntp(0, 0), None, "another layer's");
    }

    #[test]
    fn padding_does_not_keep_a_layer_alive() {
        let start = Instant::now();
        let mut track = UpTrack::new(Codec::Vp8, false);
        track.receive(rtp(0, 1, &[], start));
        assert!(track.live_layers(start).is_empty());
    }

    #[test]
    fn a_keyframe_whose_first_packet_comes_late_is_no_switch_point() {
        let start = Instant::now();
        let mut track = UpTrack::new(Codec::Vp8, false);
        let key = payload(1, 1, 0, true, true, true);
        let rest = payload(1, 1, 0, true, true, false);
        track.receive(rtp(0, 10, &rest, start));
        let late = track.receive(rtp(0, 9, &key, start));
        assert!(late.keyframe && !late.switch_point());
    }

    #[test]
    fn an_idr_picture_without_its_parameter_sets_is_no_keyframe_start() {
        let start = Instant::now();
        let mut track = UpTrack::new(Codec::H264, false);
        assert!(!track.receive(rtp(0, 1, &[0x61, 0], start)).keyframe);
        assert!(
            track.receive(rtp(0, 2, &[0x65, 0], start)).keyframe,
            "complete before it"
        );
        assert!(
            !track.receive(rtp(0, 4, &[0x65, 0], start)).keyframe,
            "something is missing"
        );
        assert!(track.receive(rtp(0, 6, &[24, 0, 1, 0x67], start)).keyframe);
    }
}
