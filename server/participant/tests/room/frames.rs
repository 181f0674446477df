//! Frames arrive whole, in order, with their clock, over every signal protocol and transport.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

use participant::{Codec, Frame, JoinOptions, SignalMode, Transport};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Speaker, TestServer, frames, index_of, join, until_frame};

async fn frames_arrive_whole(publisher: SignalMode, subscriber: SignalMode, transport: Transport) {
    let server = TestServer::start().await;
    let options = |signal| JoinOptions {
        signal,
        transport,
        ..frames()
    };
    let (ann, _ann) = join(&server.url(), "ann", options(publisher)).await;
    let (bob, mut events) = join(&server.url(), "bob", options(subscriber)).await;
    for codec in [Codec::Vp8, Codec::Opus] {
        let speaker = Speaker::publish(&ann, codec, 1).await;
        let sid = speaker.track.sid();
        let first = until_frame(&mut events, |frame| frame.track == sid).await;
        let (_, mut last) = index_of(&first);
        let mut rtp_time = first.rtp_time;
        for _ in 0..60 {
            let frame = until_frame(&mut events, |frame| frame.track == sid).await;
            let (_, index) = index_of(&frame);
            assert_eq!(index, last + 1);
            assert!(frame.contiguous);
            assert_eq!(frame.clock_rate, codec.clock_rate());
            assert_eq!(
                frame.rtp_time - rtp_time,
                u64::from(codec.clock_rate()) / 50
            );
            (last, rtp_time) = (index, frame.rtp_time);
        }
        let reported = until_frame(&mut events, |frame| {
            frame.track == sid && frame.report.is_some()
        })
        .await;
        let report = reported.report.unwrap();
        let apart = reported.rtp_time.abs_diff(report.rtp_time);
        assert!(apart < 10 * u64::from(codec.clock_rate()), "{report:?}");
    }
    ann.leave().await;
    bob.leave().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_udp_with_two_connections() {
    frames_arrive_whole(SignalMode::Dual, SignalMode::Dual, Transport::Udp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_udp_with_one_connection() {
    frames_arrive_whole(SignalMode::Single, SignalMode::Single, Transport::Udp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp_with_two_connections() {
    frames_arrive_whole(SignalMode::Single, SignalMode::Dual, Transport::Tcp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp_with_one_connection() {
    frames_arrive_whole(SignalMode::Dual, SignalMode::Single, Transport::Tcp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_comes_up_before_there_is_anything_to_see() {
    let server = TestServer::start().await;
    for signal in [SignalMode::Dual, SignalMode::Single] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let options = JoinOptions {
                signal,
                transport,
                ..frames()
            };
            let (ann, _ann) = join(&server.url(), "ann", options).await;
            timeout(PATIENCE, ann.connected()).await.unwrap();
            ann.leave().await;
        }
    }
    server.stop().await;
}

/// When a frame was captured, by the clock of its sender reports.
fn captured(frame: &Frame) -> Option<SystemTime> {
    let report = frame.report?;
    let apart = |from: u64, to: u64| {
        Duration::from_nanos((to - from) * 1_000_000_000 / u64::from(frame.clock_rate))
    };
    Some(if frame.rtp_time >= report.rtp_time {
        report.ntp + apart(report.rtp_time, frame.rtp_time)
    } else {
        report.ntp - apart(frame.rtp_time, report.rtp_time)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn lips_move_as_they_did_though_the_picture_takes_longer_than_the_sound() {
    const LONGER: Duration = Duration::from_millis(400);
    let server = TestServer::start().await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let (_ann, mut events) = join(&server.url(), "ann", frames()).await;
    let start = Instant::now();
    let sound = Speaker::publish_late(&bob, Codec::Opus, 1, start, Duration::ZERO).await;
    let picture = Speaker::publish_late(&bob, Codec::Vp8, 1, start, LONGER).await;
    let mut sounds = HashMap::new();
    let mut last = None;
    until_frame(&mut events, |frame| {
        let Some(captured) = captured(frame) else {
            return false;
        };
        let (_, index) = index_of(frame);
        if frame.track == sound.track.sid() {
            sounds.insert(index, captured);
            return false;
        }
        assert_eq!(frame.track, picture.track.sid());
        let apart = sounds.get(&index).map(|sound| {
            let (early, late) = (*sound.min(&captured), *sound.max(&captured));
            late.duration_since(early).unwrap()
        });
        last = apart.or(last);
        assert!(
            start.elapsed() < PATIENCE,
            "sound and picture are {last:?} apart"
        );
        apart.is_some_and(|apart| apart < LONGER / 8)
    })
    .await;
    server.stop().await;
}
