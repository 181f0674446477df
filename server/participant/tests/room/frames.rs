//! Frames arrive whole, in order, with their clock, over every signal protocol and transport.

use participant::{Codec, JoinOptions, SignalMode, Transport};

use crate::harness::{Speaker, TestServer, frames, index_of, join, until_frame};

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
