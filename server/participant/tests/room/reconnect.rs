//! A cut socket is replaced and the stay goes on; a server that forgot us is joined anew; what never comes back is given up.

use std::time::Duration;

use participant::{Codec, Event, JoinOptions, LeaveReason, Participant, SignalMode};

use crate::harness::{
    Proxy, Speaker, TestServer, frames, index_of, join, next, token, until, until_frame,
    until_left, url,
};
use crate::path::Path;

async fn a_cut_socket_resumes(signal: SignalMode) {
    let server = TestServer::start().await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Vp8, 1).await;
    let sid = speaker.track.sid();
    let proxy = Proxy::to(server.address).await;
    let options = JoinOptions { signal, ..frames() };
    let (ann, mut events) = join(&url(proxy.address), "ann", options).await;
    let mine = Speaker::publish(&ann, Codec::Opus, 1).await;
    let (own_sid, my_sid) = (ann.sid(), mine.track.sid());
    until_frame(&mut events, |frame| frame.track == sid).await;
    proxy.cut(Some(server.address));
    let mut repairing = false;
    loop {
        match next(&mut events).await {
            Event::Reconnecting => repairing = true,
            Event::Reconnected { resumed } => {
                assert!(repairing && resumed);
                break;
            }
            Event::Unsubscribed { .. } | Event::Joined { .. } | Event::Left(_) => {
                panic!("the stay ended")
            }
            _ => {}
        }
    }
    // Media goes on, and so does what the server says: of others, and of our own track.
    let after = until_frame(&mut events, |frame| frame.track == sid).await;
    index_of(&after);
    assert_eq!((ann.sid(), mine.track.sid()), (own_sid, my_sid));
    let (carl, mut carls) = join(&server.url(), "carl", frames()).await;
    until(&mut events, |event| {
        matches!(event, Event::Participant(info) if info.identity == "carl").then_some(())
    })
    .await;
    let heard = until_frame(&mut carls, |frame| frame.track == mine.track.sid()).await;
    index_of(&heard);
    let late = Speaker::publish(&carl, Codec::Opus, 1).await;
    until_frame(&mut events, |frame| frame.track == late.track.sid()).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_socket_resumes_with_two_connections() {
    a_cut_socket_resumes(SignalMode::Dual).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_socket_resumes_with_one_connection() {
    a_cut_socket_resumes(SignalMode::Single).await;
}

async fn a_new_server_is_joined_anew(signal: SignalMode) {
    let server = TestServer::start().await;
    let proxy = Proxy::to(server.address).await;
    let options = JoinOptions { signal, ..frames() };
    let (ann, mut events) = join(&url(proxy.address), "ann", options).await;
    let (bob, _bob) = join(&url(proxy.address), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Vp8, 1).await;
    let mine = Speaker::publish(&ann, Codec::Opus, 1).await;
    let old = until_frame(&mut events, |_| true).await.track;
    // As a server that is killed: its last words reach nobody.
    proxy.cut(None);
    server.stop().await;
    let server = TestServer::start().await;
    proxy.cut(Some(server.address));
    let mut gone = false;
    loop {
        match next(&mut events).await {
            Event::Unsubscribed { track } => gone |= track == old,
            Event::Reconnected { resumed } => {
                assert!(gone && !resumed);
                break;
            }
            Event::Left(reason) => panic!("{reason:?}"),
            _ => {}
        }
    }
    let joined = next(&mut events).await;
    let Event::Joined { me, .. } = joined else {
        panic!("{joined:?}");
    };
    assert_eq!((me.identity.as_str(), &me.sid), ("ann", &ann.sid()));
    let frame = until_frame(&mut events, |frame| frame.track != old).await;
    index_of(&frame);
    assert_eq!(frame.track, speaker.track.sid());
    let (_carl, mut carls) = join(&server.url(), "carl", frames()).await;
    until_frame(&mut carls, |frame| frame.track == mine.track.sid()).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_server_is_joined_anew_with_two_connections() {
    a_new_server_is_joined_anew(SignalMode::Dual).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_server_is_joined_anew_with_one_connection() {
    a_new_server_is_joined_anew(SignalMode::Single).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_comes_back_is_given_up() {
    let server = TestServer::start().await;
    let proxy = Proxy::to(server.address).await;
    let options = JoinOptions {
        give_up_after: Duration::from_millis(300),
        ..frames()
    };
    let (_ann, mut events) = join(&url(proxy.address), "ann", options).await;
    proxy.cut(None);
    let reason = until_left(&mut events).await;
    assert!(matches!(reason, LeaveReason::Lost(_)), "{reason:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_down_politely_is_waited_for() {
    let server = TestServer::start().await;
    let proxy = Proxy::to(server.address).await;
    let joined = Participant::join(&url(proxy.address), &token("ann"), frames()).await;
    let (_ann, mut events) = joined.unwrap();
    server.stop().await;
    until(&mut events, |event| {
        matches!(event, Event::Reconnecting).then_some(())
    })
    .await;
    let server = TestServer::start().await;
    proxy.cut(Some(server.address));
    until(&mut events, |event| {
        matches!(event, Event::Reconnected { resumed: false }).then_some(())
    })
    .await;
    server.stop().await;
}

async fn media_that_stops_is_restarted(signal: SignalMode) {
    let server = TestServer::start().await;
    let path = Path::to(server.address).await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Vp8, 1).await;
    let sid = speaker.track.sid();
    let options = JoinOptions { signal, ..frames() };
    let (ann, mut events) = join(&url(path.address), "ann", options).await;
    until_frame(&mut events, |frame| frame.track == sid).await;
    path.stop_media(true);
    until(&mut events, |event| {
        matches!(event, Event::Reconnecting).then_some(())
    })
    .await;
    path.stop_media(false);
    let resumed = until(&mut events, |event| match event {
        Event::Reconnected { resumed } => Some(resumed),
        _ => None,
    })
    .await;
    assert!(resumed);
    // What was on its way before is read; then there are frames again that are newer.
    let newest = speaker.newest();
    until_frame(&mut events, |frame| {
        frame.track == sid && index_of(frame).1 > newest
    })
    .await;
    ann.leave().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_stops_is_restarted_with_two_connections() {
    media_that_stops_is_restarted(SignalMode::Dual).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_stops_is_restarted_with_one_connection() {
    media_that_stops_is_restarted(SignalMode::Single).await;
}
