//! Who comes, changes, speaks, is muted and leaves is told.

use participant::{Codec, Event, JoinOptions, LeaveReason, SignalMode, proto};

use crate::harness::{Speaker, TestServer, frames, join, next, until, until_left};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_a_mute_and_a_leave_are_told() {
    let server = TestServer::start().await;
    let (ann, mut events) = join(&server.url(), "ann", frames()).await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Opus, 1).await;
    let sid = speaker.track.sid();
    let track =
        |info: &proto::ParticipantInfo| info.tracks.iter().find(|track| track.sid == sid).cloned();
    let first = until(&mut events, |event| match event {
        Event::Participant(info) if info.identity == "bob" => track(&info),
        _ => None,
    })
    .await;
    assert!(!first.muted);
    until(&mut events, |event| match event {
        Event::Subscribed {
            track,
            participant_sid,
            codec,
            ..
        } => {
            assert_eq!(
                (&track, &participant_sid, codec),
                (&sid, &bob.sid(), Codec::Opus)
            );
            Some(())
        }
        _ => None,
    })
    .await;
    speaker.track.set_muted(true).await;
    until(&mut events, |event| match event {
        Event::Participant(info) => track(&info).filter(|track| track.muted),
        _ => None,
    })
    .await;
    let bobs = bob.sid();
    drop(speaker);
    bob.leave().await;
    let mut unsubscribed = false;
    until(&mut events, |event| {
        if let Event::Unsubscribed { track } = &event {
            assert_eq!(*track, sid);
            unsubscribed = true;
        }
        let gone = matches!(&event, Event::Participant(info) if info.sid == bobs
            && info.state() == proto::participant_info::State::Disconnected);
        gone.then_some(())
    })
    .await;
    if !unsubscribed {
        until(&mut events, |event| {
            matches!(event, Event::Unsubscribed { track } if track == sid).then_some(())
        })
        .await;
    }
    ann.leave().await;
    assert!(matches!(until_left(&mut events).await, LeaveReason::Asked));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_is_told() {
    let server = TestServer::start().await;
    let (_ann, mut events) = join(&server.url(), "ann", frames()).await;
    let (bob, _bob) = join(&server.url(), "bob", frames()).await;
    let speaker = Speaker::publish(&bob, Codec::Opus, 1).await;
    until(&mut events, |event| match event {
        Event::Speakers(speakers) => speakers
            .into_iter()
            .find(|speaker| speaker.sid == bob.sid() && speaker.active),
        _ => None,
    })
    .await;
    drop(speaker);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_reason_for_putting_us_out_is_told() {
    let server = TestServer::start().await;
    for signal in [SignalMode::Dual, SignalMode::Single] {
        let options = JoinOptions { signal, ..frames() };
        let (_ann, mut events) = join(&server.url(), "ann", options).await;
        let body = r#"{"room": "r", "identity": "ann"}"#;
        assert_eq!(server.call("RemoveParticipant", body.to_owned()).await, 200);
        let reason = until_left(&mut events).await;
        assert!(
            matches!(
                reason,
                LeaveReason::Server(proto::DisconnectReason::ParticipantRemoved)
            ),
            "{reason:?}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_the_room_is_told() {
    let server = TestServer::start().await;
    let (_ann, mut events) = join(&server.url(), "ann", frames()).await;
    let body = r#"{"room": "r", "metadata": "{\"layout\":\"grid\"}"}"#;
    assert_eq!(
        server.call("UpdateRoomMetadata", body.to_owned()).await,
        200
    );
    until(&mut events, |event| {
        matches!(event, Event::Room(room) if room.metadata.contains("grid")).then_some(())
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_participant_leaves() {
    let server = TestServer::start().await;
    let (ann, mut events) = join(&server.url(), "ann", frames()).await;
    drop(ann);
    assert!(matches!(until_left(&mut events).await, LeaveReason::Asked));
    let refused = participant::Participant::join(&server.url(), "nonsense", frames()).await;
    assert!(refused.is_err());
    let (_ann, mut events) = join(&server.url(), "ann", frames()).await;
    let (_again, _) = join(&server.url(), "ann", frames()).await;
    let reason = loop {
        if let Event::Left(reason) = next(&mut events).await {
            break reason;
        }
    };
    assert!(matches!(
        reason,
        LeaveReason::Server(proto::DisconnectReason::DuplicateIdentity)
    ));
    server.stop().await;
}
