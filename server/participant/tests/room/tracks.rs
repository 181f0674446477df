//! Which tracks are sent: by wish, in the best quality, and as many as there are.

use std::collections::HashSet;

use participant::{
    Codec, Content, Event, JoinOptions, Publish, PublishError, Receive, SignalMode, Transport,
    proto,
};

use url::Url;

use crate::harness::{Speaker, TestServer, frames, index_of, join, until, until_frame, url};
use crate::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn only_wished_tracks_come_without_auto_subscribe() {
    let server = TestServer::start().await;
    for signal in [SignalMode::Dual, SignalMode::Single] {
        let options = JoinOptions {
            signal,
            auto_subscribe: false,
            ..frames()
        };
        let (ann, mut events) = join(&server.url(), "ann", options).await;
        let (bob, _bob) = join(&server.url(), "bob", frames()).await;
        let unwanted = Speaker::publish(&bob, Codec::Opus, 1).await;
        let wanted = Speaker::publish(&bob, Codec::Vp8, 1).await;
        let (unwanted, wanted) = (unwanted.track.sid(), wanted.track.sid());
        let both = [&unwanted, &wanted];
        until(&mut events, |event| match event {
            Event::Participant(info) => both
                .iter()
                .all(|sid| info.tracks.iter().any(|track| track.sid == **sid))
                .then_some(()),
            _ => None,
        })
        .await;
        ann.set_subscribed(std::slice::from_ref(&wanted), true)
            .await;
        let frame = until_frame(&mut events, |_| true).await;
        assert_eq!(frame.track, wanted);
        ann.set_subscribed(std::slice::from_ref(&wanted), false)
            .await;
        until(&mut events, |event| {
            matches!(event, Event::Unsubscribed { track } if track == wanted).then_some(())
        })
        .await;
        ann.leave().await;
        bob.leave().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_simulcast_layer_comes_unless_less_is_wanted() {
    let server = TestServer::start().await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Vp8, 3).await;
    let (ann, mut events) = join(&server.url(), "ann", frames()).await;
    until_frame(&mut events, |frame| index_of(frame).0 == 2).await;
    let sid = speaker.track.sid();
    ann.set_track_settings(&sid, proto::VideoQuality::Low, false)
        .await;
    until_frame(&mut events, |frame| index_of(frame).0 == 0).await;
    ann.set_track_settings(&sid, proto::VideoQuality::High, false)
        .await;
    let frame = until_frame(&mut events, |frame| index_of(frame).0 == 2).await;
    assert!(frame.keyframe, "a layer begins with a keyframe");
    server.stop().await;
}

async fn many_tracks_come_and_go(server: TestServer, url: &Url, signal: SignalMode) {
    let options = JoinOptions { signal, ..frames() };
    let (_ann, mut events) = join(url, "ann", options).await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    for _ in 0..2 {
        let mut speakers = Vec::new();
        for codec in [Codec::Vp8, Codec::Opus] {
            for _ in 0..5 {
                speakers.push(Speaker::publish(&bob, codec, 1).await);
            }
        }
        let mut missing: HashSet<String> =
            speakers.iter().map(|speaker| speaker.track.sid()).collect();
        until_frame(&mut events, |frame| {
            index_of(frame);
            missing.remove(&frame.track);
            missing.is_empty()
        })
        .await;
        let mut there: HashSet<String> =
            speakers.iter().map(|speaker| speaker.track.sid()).collect();
        for speaker in speakers {
            speaker.unpublish().await;
        }
        until(&mut events, |event| {
            if let Event::Unsubscribed { track } = event {
                there.remove(&track);
            }
            there.is_empty().then_some(())
        })
        .await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_tracks_than_first_m_lines_come_and_go_on_one_connection() {
    let server = TestServer::start().await;
    let url = server.url();
    many_tracks_come_and_go(server, &url, SignalMode::Single).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_come_and_go_where_packets_do_not_name_their_m_line() {
    for signal in [SignalMode::Single, SignalMode::Dual] {
        let server = TestServer::start().await;
        let path = Path::to(server.address).await;
        many_tracks_come_and_go(server, &url(path.address), signal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_are_counted_without_frames() {
    let server = TestServer::start().await;
    for signal in [SignalMode::Dual, SignalMode::Single] {
        let options = JoinOptions {
            signal,
            receive: Receive::Count,
            transport: Transport::Udp,
            ..JoinOptions::default()
        };
        let (ann, _ann) = join(&server.url(), "ann", options.clone()).await;
        let (bob, _bob) = join(&server.url(), "bob", options).await;
        for content in [
            Content::SyntheticAudio,
            Content::SyntheticVideo {
                bits_per_second: 400_000,
                layers: 3,
                keyframes: true,
            },
        ] {
            let before = ann.received().packets;
            let publish = Publish {
                name: String::new(),
                source: if content == Content::SyntheticAudio {
                    proto::TrackSource::Microphone
                } else {
                    proto::TrackSource::Camera
                },
                content,
            };
            let track = bob.publish(publish).await.unwrap();
            track.speak(true).await;
            let begin = std::time::Instant::now();
            while ann.received().packets < before + 100 {
                assert!(begin.elapsed() < crate::harness::PATIENCE, "{content:?}");
                tokio::task::yield_now().await;
            }
            track.unpublish().await;
        }
        assert!(ann.received().frames > 0, "the last packets of pictures");
        ann.leave().await;
        bob.leave().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_that_the_server_does_not_take_is_an_error() {
    let server = TestServer::start().await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let odd = Publish {
        name: String::new(),
        source: proto::TrackSource::Camera,
        content: Content::SyntheticAudio,
    };
    let refused = bob.publish(odd).await.unwrap_err();
    let reason = proto::request_response::Reason::UnsupportedType;
    assert_eq!(refused, PublishError::Refused(reason));
    let (carl, _carl) = join(
        &server.url(),
        "carl",
        JoinOptions {
            signal: SignalMode::Single,
            ..JoinOptions::default()
        },
    )
    .await;
    let uncut = Publish {
        name: String::new(),
        source: proto::TrackSource::Camera,
        content: Content::Frames {
            codec: Codec::H264,
            layers: 1,
            size: (0, 0),
        },
    };
    let refused = carl.publish(uncut).await.unwrap_err();
    assert_eq!(refused, PublishError::Codec(Codec::H264));
    server.stop().await;
}
