//! A down track's facts: what a subscriber gets of what is sent, whatever is lost, switched or muted.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::dependency_descriptor::tests::l2t2_key;
use super::super::packet::UpRtp;
use super::super::vp8::tests::payload;
use super::*;

const START: StreamStart = StreamStart {
    seq: 100,
    time: 1_000_000,
};
const FRAME: Duration = Duration::from_millis(33);

/// A VP8 simulcast publisher: each stream has its own numbers; every frame is one packet.
struct Publisher {
    track: UpTrack,
    now: Instant,
    frame: u64,
}

impl Publisher {
    fn new() -> Self {
        Self {
            track: UpTrack::new(Codec::Vp8, false),
            now: Instant::now(),
            frame: 0,
        }
    }

    fn tick(&mut self) {
        self.frame += 1;
        self.now += FRAME;
    }

    /// Sends the current frame of `stream` to `forwarder`.
    fn send(
        &mut self,
        stream: u8,
        keyframe: bool,
        forwarder: &mut DownTrackForwarder,
    ) -> Option<DownPacket> {
        self.send_temporal(stream, keyframe, 0, forwarder)
    }

    fn send_temporal(
        &mut self,
        stream: u8,
        keyframe: bool,
        temporal: u8,
        forwarder: &mut DownTrackForwarder,
    ) -> Option<DownPacket> {
        let offset = u64::from(stream) * 10_000;
        let picture = u16::try_from((self.frame + offset) & 0x7fff).unwrap();
        let bytes = payload(picture, 0, temporal, temporal > 0, keyframe, true);
        let packet = self.track.receive(UpRtp {
            stream,
            seq: self.frame + offset,
            time: self.frame * 3000 + offset,
            marker: true,
            payload: &bytes,
            dependency_descriptor: None,
            arrived: self.now,
        });
        forwarder.forward(&packet, &self.track)
    }
}

fn video() -> DownTrackForwarder {
    DownTrackForwarder::new(Codec::Vp8, START)
}

#[test]
fn forwarding_begins_at_a_keyframe() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    assert_eq!(publisher.send(0, false, &mut forwarder), None);
    forwarder.retarget(&publisher.track, publisher.now);
    assert_eq!(forwarder.wants_keyframe(), Some(0));
    publisher.tick();
    let first = publisher.send(0, true, &mut forwarder).unwrap();
    assert_eq!(
        (first.seq, first.time, first.switched),
        (101, 1_000_000, true)
    );
    assert_eq!(forwarder.wants_keyframe(), None);
    publisher.tick();
    let second = publisher.send(0, false, &mut forwarder).unwrap();
    assert_eq!(
        (second.seq, second.time, second.switched),
        (102, 1_003_000, false)
    );
}

#[test]
fn layers_switch_at_a_keyframe_without_a_jump() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    forwarder.set_max_layer(Some(Layer {
        spatial: 0,
        temporal: 3,
    }));
    publisher.send(0, true, &mut forwarder);
    publisher.send(2, true, &mut forwarder);
    forwarder.set_max_layer(Some(Layer::HIGHEST));
    forwarder.retarget(&publisher.track, publisher.now);
    assert_eq!(forwarder.wants_keyframe(), Some(2));
    publisher.tick();
    let low = publisher.send(0, false, &mut forwarder).unwrap();
    assert_eq!(
        publisher.send(2, false, &mut forwarder),
        None,
        "no keyframe yet"
    );
    publisher.tick();
    let high = publisher.send(2, true, &mut forwarder).unwrap();
    assert_eq!(high.seq, low.seq + 1);
    let step = high.time - low.time;
    assert!(
        (2900..3100).contains(&step),
        "one frame later, got {step} ticks"
    );
    assert!(high.switched);
    assert_eq!(
        publisher.send(0, false, &mut forwarder),
        None,
        "the old layer is no longer sent"
    );
}

#[test]
fn a_silent_layer_is_replaced_by_the_best_living_one() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    publisher.send(2, true, &mut forwarder);
    publisher.send(1, true, &mut forwarder);
    forwarder.retarget(&publisher.track, publisher.now);
    assert_eq!(forwarder.target_stream(), Some(2));
    for _ in 0..60 {
        publisher.tick();
        publisher.send(1, false, &mut forwarder);
    }
    forwarder.retarget(&publisher.track, publisher.now);
    assert_eq!(forwarder.wants_keyframe(), Some(1));
    publisher.tick();
    assert!(publisher.send(1, true, &mut forwarder).is_some());
}

#[test]
fn a_disabled_track_sends_nothing_and_resumes_at_a_keyframe_without_a_hole() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    let before = publisher.send(0, true, &mut forwarder).unwrap();
    forwarder.set_max_layer(None);
    for _ in 0..30 {
        publisher.tick();
        assert_eq!(publisher.send(0, false, &mut forwarder), None);
    }
    assert_eq!(forwarder.wants_keyframe(), None);
    forwarder.set_max_layer(Some(Layer::HIGHEST));
    assert_eq!(forwarder.wants_keyframe(), Some(0));
    publisher.tick();
    let after = publisher.send(0, true, &mut forwarder).unwrap();
    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.time - before.time, 31 * 3000);
}

#[test]
fn lack_of_bandwidth_lowers_the_layer_or_pauses() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    publisher.send(0, true, &mut forwarder);
    publisher.send(2, true, &mut forwarder);
    forwarder.set_allocated(Allocation::Layer(Layer {
        spatial: 0,
        temporal: 1,
    }));
    assert_eq!(
        forwarder.allowed(),
        Some(Layer {
            spatial: 0,
            temporal: 1
        })
    );
    forwarder.set_allocated(Allocation::Paused);
    assert!(!forwarder.is_streaming());
    assert_eq!(forwarder.wants_keyframe(), None);
}

#[test]
fn the_distance_counts_layers_that_are_sent_and_not_received() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    publisher.send(0, true, &mut forwarder);
    assert_eq!(forwarder.layer_distance(&publisher.track, publisher.now), 0);
    publisher.send(2, true, &mut forwarder);
    assert_eq!(forwarder.layer_distance(&publisher.track, publisher.now), 2);
    forwarder.set_max_layer(Some(Layer {
        spatial: 1,
        temporal: 3,
    }));
    assert_eq!(forwarder.layer_distance(&publisher.track, publisher.now), 0);
}

#[test]
fn padding_only_packets_vanish_without_a_hole() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    let first = publisher.send(0, true, &mut forwarder).unwrap();
    publisher.tick();
    let padding = publisher.track.receive(UpRtp {
        stream: 0,
        seq: publisher.frame,
        time: 0,
        marker: false,
        payload: &[],
        dependency_descriptor: None,
        arrived: publisher.now,
    });
    assert_eq!(forwarder.forward(&padding, &publisher.track), None);
    publisher.tick();
    assert_eq!(
        publisher.send(0, false, &mut forwarder).unwrap().seq,
        first.seq + 1
    );
}

#[test]
fn dropped_temporal_layers_leave_no_hole() {
    let (mut publisher, mut forwarder) = (Publisher::new(), video());
    forwarder.set_max_layer(Some(Layer {
        spatial: 0,
        temporal: 0,
    }));
    publisher.send(0, true, &mut forwarder);
    let mut numbers = Vec::new();
    for frame in 1..10u8 {
        publisher.tick();
        numbers.extend(
            publisher
                .send_temporal(0, false, frame % 2, &mut forwarder)
                .map(|p| p.seq),
        );
    }
    assert_eq!(numbers, [102, 103, 104, 105]);
}

#[test]
fn audio_begins_with_any_packet_and_stops_while_the_publisher_is_muted() {
    let mut track = UpTrack::new(Codec::Opus, false);
    let mut forwarder = DownTrackForwarder::new(Codec::Opus, START);
    let now = Instant::now();
    let mut send = |forwarder: &mut DownTrackForwarder, n: u32| {
        let packet = track.receive(UpRtp {
            stream: 0,
            seq: u64::from(n),
            time: u64::from(n) * 960,
            marker: false,
            payload: &[1, 2, 3],
            dependency_descriptor: None,
            arrived: now + Duration::from_millis(20) * n,
        });
        forwarder
            .forward(&packet, &track)
            .map(|packet| (packet.seq, packet.time))
    };
    assert_eq!(send(&mut forwarder, 7), Some((101, 1_000_000)));
    assert_eq!(send(&mut forwarder, 8), Some((102, 1_000_960)));
    forwarder.set_publisher_muted(true);
    assert_eq!(send(&mut forwarder, 9), None);
    forwarder.set_publisher_muted(false);
    assert_eq!(send(&mut forwarder, 10), Some((103, 1_000_000 + 3 * 960)));
    assert_eq!(forwarder.wants_keyframe(), None);
}

#[test]
fn an_av1_subscriber_of_the_small_picture_gets_its_frames_with_markers() {
    let mut track = UpTrack::new(Codec::Av1, false);
    let mut forwarder = DownTrackForwarder::new(Codec::Av1, START);
    forwarder.set_max_layer(Some(Layer {
        spatial: 0,
        temporal: 3,
    }));
    let now = Instant::now();
    let mut sent = Vec::new();
    for (frame, template) in (0u16..).zip([0u32, 3, 2, 5, 1, 4]) {
        let descriptor = l2t2_key(frame, template, template == 0);
        let packet = track.receive(UpRtp {
            stream: 0,
            seq: u64::from(frame),
            time: u64::from(frame / 2) * 3000,
            marker: frame % 2 == 1,
            payload: &[0x10, 1],
            dependency_descriptor: Some(&descriptor),
            arrived: now,
        });
        sent.extend(
            forwarder
                .forward(&packet, &track)
                .map(|p| (p.seq, p.marker)),
        );
    }
    assert_eq!(sent, [(101, true), (102, true), (103, true)]);
}

/// What happens to one packet between publisher and server.
#[derive(Debug, Clone, Copy)]
enum Transit {
    Arrives,
    Lost,
    Delayed(u8),
    Twice,
}

fn transits() -> impl Strategy<Value = Vec<(Transit, u8)>> {
    let transit = prop_oneof![
        12 => Just(Transit::Arrives),
        2 => Just(Transit::Lost),
        3 => (1u8..12).prop_map(Transit::Delayed),
        1 => Just(Transit::Twice),
    ];
    proptest::collection::vec((transit, 0u8..3), 30..300)
}

#[derive(Debug, Clone, Copy)]
enum Command {
    Max(Option<(u8, u8)>),
    Mute(bool),
}

fn commands() -> impl Strategy<Value = HashMap<usize, Command>> {
    let command = prop_oneof![
        4 => (0u8..3, 0u8..3).prop_map(|layer| Command::Max(Some(layer))),
        1 => Just(Command::Max(None)),
        1 => any::<bool>().prop_map(Command::Mute),
    ];
    proptest::collection::hash_map(0usize..300, command, 0..20)
}

proptest! {
    /// Three streams with loss, reordering, duplicates, wrapping numbers and changing wishes.
    #[test]
    fn the_subscriber_sees_one_consistent_stream(
        transits in transits(), commands in commands(), start in prop_oneof![Just(1000u64), Just(65_400)]
    ) {
        let mut track = UpTrack::new(Codec::Vp8, false);
        let mut forwarder = video();
        let begin = Instant::now();
        let mut wire: Vec<(usize, u8, u64, u64, Vec<u8>)> = Vec::new();
        let mut seqs = [start, start + 40_000, start + 7];
        for (turn, (transit, temporal)) in transits.into_iter().enumerate() {
            let frame = (turn / 6) as u64;
            let stream = u8::try_from(turn % 3).unwrap();
            // Two packets per frame and stream.
            let first = (turn / 3).is_multiple_of(2);
            let keyframe = frame.is_multiple_of(5);
            let seq = &mut seqs[usize::from(stream)];
            *seq += 1;
            let picture = u16::try_from((frame + 32_700 + u64::from(stream)) & 0x7fff).unwrap();
            let temporal = if keyframe { 0 } else { temporal };
            let bytes = payload(picture, 1, temporal, false, keyframe, first);
            let time = (u64::from(u32::MAX) - 5000) + frame * 3000 + u64::from(stream) * 77;
            let mut put = |at| wire.push((at, stream, *seq, time, bytes.clone()));
            match transit {
                Transit::Lost => {}
                Transit::Arrives => put(turn),
                Transit::Delayed(by) => put(turn + usize::from(by) * 3),
                Transit::Twice => { put(turn); put(turn + 4); }
            }
        }
        wire.sort_by_key(|packet| packet.0);
        let mut sent: HashMap<u64, (u8, u64, u32, u32)> = HashMap::new();
        let mut episode = 0u32;
        for (at, stream, seq, time, bytes) in wire {
            match commands.get(&at) {
                Some(Command::Max(layer)) => forwarder.set_max_layer(
                    layer.map(|(spatial, temporal)| Layer { spatial, temporal })),
                Some(Command::Mute(muted)) => forwarder.set_publisher_muted(*muted),
                None => {}
            }
            let arrived = begin + FRAME * u32::try_from(at / 6).unwrap();
            forwarder.retarget(&track, arrived);
            let was_streaming = forwarder.is_streaming();
            let packet = track.receive(UpRtp {
                stream, seq, time, marker: bytes[0] & 0x10 == 0,
                payload: &bytes, dependency_descriptor: None, arrived,
            });
            if let Some(out) = forwarder.forward(&packet, &track) {
                if !was_streaming || out.switched { episode += 1; }
                let before = sent.insert(out.seq, (stream, seq, out.time, episode));
                prop_assert_eq!(before, None, "sequence number {} sent twice", out.seq);
            }
        }
        let mut order: Vec<_> = sent.into_iter().collect();
        order.sort_unstable_by_key(|entry| entry.0);
        for pair in order.windows(2) {
            let ((seq_a, (stream_a, in_a, time_a, episode_a)), (seq_b, (stream_b, in_b, time_b, episode_b)))
                = (pair[0], pair[1]);
            prop_assert!(time_b.wrapping_sub(time_a) < 1 << 31, "time runs forward");
            prop_assert!(episode_a <= episode_b);
            if episode_a == episode_b {
                prop_assert_eq!(stream_a, stream_b);
                prop_assert!(in_a < in_b, "incoming order is kept");
                prop_assert!(seq_b - seq_a <= in_b - in_a, "holes never grow");
            } else {
                prop_assert_eq!(seq_b, seq_a + 1, "a switch leaves no hole");
                prop_assert!(time_a != time_b, "a switch starts a new frame");
            }
        }
    }
}
