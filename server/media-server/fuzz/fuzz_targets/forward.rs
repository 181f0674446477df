//! Any packets in any order give each subscriber unique sequence numbers that keep the incoming order.
#![no_main]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use media_server::forward::{
    Codec, DownTrackForwarder, Layer, SenderReport, StreamStart, UpRtp, UpTrack,
};

#[derive(Debug, Arbitrary)]
enum Step<'a> {
    Packet {
        stream: u8,
        ahead: i8,
        time: i16,
        marker: bool,
        payload: &'a [u8],
        descriptor: Option<&'a [u8]>,
        later_ms: u8,
    },
    Max(Option<(u8, u8)>),
    Mute(bool),
    Report { stream: u8, seconds: u16, rtp: u32 },
    Retarget,
}

#[derive(Debug, Arbitrary)]
struct Run<'a> {
    codec: u8,
    seq: u16,
    time: u32,
    steps: Vec<Step<'a>>,
}

fuzz_target!(|run: Run<'_>| {
    let codecs = [Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::H264, Codec::H265, Codec::Opus];
    let codec = codecs[usize::from(run.codec) % codecs.len()];
    let mut track = UpTrack::new(codec, false);
    let mut forwarder =
        DownTrackForwarder::new(codec, StreamStart { seq: run.seq, time: run.time });
    let mut now = Instant::now();
    let mut numbers = [1000u64, 65_500, 1 << 33];
    // Outgoing number → (source, incoming number).
    let mut sent: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
    let mut source = 0u32;
    for step in run.steps {
        match step {
            Step::Packet { stream, ahead, time, marker, payload, descriptor, later_ms } => {
                let stream = stream % 3;
                let number = &mut numbers[usize::from(stream)];
                *number = number.saturating_add_signed(i64::from(ahead));
                now += Duration::from_millis(u64::from(later_ms));
                let packet = track.receive(UpRtp {
                    stream,
                    seq: *number,
                    time: (1u64 << 32).saturating_add_signed(i64::from(time) * 90),
                    marker,
                    payload,
                    dependency_descriptor: descriptor,
                    arrived: now,
                });
                let before = (forwarder.is_streaming(), forwarder.current_stream());
                if let Some(out) = forwarder.forward(&packet, &track) {
                    if before != (true, forwarder.current_stream()) {
                        source += 1;
                    }
                    assert_eq!(sent.insert(out.seq, (source, *number)), None, "sent twice");
                } else if before != (forwarder.is_streaming(), forwarder.current_stream()) {
                    source += 1;
                }
            }
            Step::Max(layer) => forwarder.set_max_layer(
                layer.map(|(spatial, temporal)| Layer { spatial: spatial % 3, temporal: temporal % 4 }),
            ),
            Step::Mute(muted) => forwarder.set_publisher_muted(muted),
            Step::Report { stream, seconds, rtp } => track.sender_report(
                stream,
                SenderReport {
                    ntp: std::time::UNIX_EPOCH + Duration::from_secs(u64::from(seconds)),
                    rtp: u64::from(rtp),
                },
            ),
            Step::Retarget => forwarder.retarget(&track, now),
        }
    }
    let order: Vec<_> = sent.values().collect();
    assert!(order.is_sorted(), "incoming order is lost: {sent:?}");
});
