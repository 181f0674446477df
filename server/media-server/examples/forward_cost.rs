//! Prints what forwarding one packet to one subscriber costs: `cargo run --release -p media-server --example forward_cost`.

#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use media_server::forward::{Codec, DownTrackForwarder, Layer, StreamStart, UpRtp, UpTrack};

const SUBSCRIBERS: u16 = 100;
const PACKETS: u64 = 20_000;
/// Packets per frame at 1.6 Mbit/s and 30 frames per second.
const PER_FRAME: u64 = 6;

#[expect(clippy::print_stdout, reason = "printing is this program's purpose")]
fn main() {
    for (name, temporal) in [("all layers", 3), ("base frame rate only", 0)] {
        let (parse, forward, sent) = run(temporal);
        println!(
            "VP8, {name}: parse {parse} ns/packet, forward {forward} ns/packet and subscriber, {sent} sent"
        );
    }
}

fn run(temporal: u8) -> (u128, u128, u64) {
    let mut track = UpTrack::new(Codec::Vp8, false);
    let mut subscribers: Vec<_> = (0..SUBSCRIBERS)
        .map(|n| {
            let mut subscriber = DownTrackForwarder::new(
                Codec::Vp8,
                StreamStart {
                    seq: n,
                    time: u32::from(n),
                },
            );
            subscriber.set_max_layer(Some(Layer {
                spatial: 2,
                temporal,
            }));
            subscriber
        })
        .collect();
    let begin = Instant::now();
    let (mut parsing, mut forwarding, mut sent) = (Duration::ZERO, Duration::ZERO, 0);
    let mut payload = vec![0u8; 1100];
    for seq in 0..PACKETS {
        let frame = seq / PER_FRAME;
        write_descriptor(&mut payload, frame, seq.is_multiple_of(PER_FRAME));
        let before = Instant::now();
        let packet = track.receive(UpRtp {
            stream: 0,
            seq,
            time: frame * 3000,
            marker: seq % PER_FRAME == PER_FRAME - 1,
            payload: &payload,
            dependency_descriptor: None,
            arrived: begin + Duration::from_millis(frame * 33),
        });
        let parsed = Instant::now();
        for subscriber in &mut subscribers {
            sent += u64::from(black_box(subscriber.forward(&packet, &track)).is_some());
        }
        parsing += parsed - before;
        forwarding += parsed.elapsed();
    }
    let packets = u128::from(PACKETS);
    let copies = packets * u128::from(SUBSCRIBERS);
    (
        parsing.as_nanos() / packets,
        forwarding.as_nanos() / copies,
        sent,
    )
}

/// A descriptor as Chrome writes it, with temporal layers 0, 2, 1, 2.
fn write_descriptor(payload: &mut [u8], frame: u64, start: bool) {
    let temporal = [0u8, 2, 1, 2][usize::try_from(frame % 4).unwrap_or_default()];
    let [low, high, ..] = frame.to_le_bytes();
    let bytes = [
        if start { 0x90 } else { 0x80 },
        0xf0,
        0x80 | high,
        low,
        low >> 2,
        temporal << 6,
        u8::from(frame > 0),
    ];
    payload[..bytes.len()].copy_from_slice(&bytes);
}
