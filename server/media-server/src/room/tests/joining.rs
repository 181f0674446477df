//! Facts about coming in.

use std::time::Duration;

use livekit_protocol as proto;
use proto::DisconnectReason;
use proto::leave_request::Action;
use proto::participant_info::State;
use proto::signal_response::Message as Response;

use super::harness::{House, leave, participants, request};
use crate::ground::{JoinRequest, SignalMode};
use crate::room::RoomOptions;

#[test]
fn the_first_frame_is_join_and_the_second_a_token() {
    let mut house = House::new();
    let mut guest = house.enter(&request("alice"));
    let frames = house.frames(&mut guest);
    let [Response::Join(join), Response::RefreshToken(token), ..] = frames.as_slice() else {
        panic!("{frames:?}");
    };
    assert_eq!(join.participant.as_ref().unwrap().identity, "alice");
    assert!(join.room.as_ref().unwrap().sid.starts_with("RM_"));
    assert!(
        !join.subscriber_primary,
        "one peer connection has no other to be primary"
    );
    assert_eq!((join.ping_interval, join.ping_timeout), (5, 15));
    assert!(!join.sif_trailer.is_empty());
    assert!(
        join.enabled_publish_codecs
            .iter()
            .all(|codec| codec.mime != "video/rtx")
    );
    assert_eq!(token.split('.').count(), 3);
}

#[test]
fn with_two_peer_connections_the_server_offers_at_once() {
    let mut house = House::new();
    let mut guest = house.enter(&JoinRequest {
        mode: SignalMode::Dual,
        ..request("alice")
    });
    house.advance(Duration::from_millis(1));
    let frames = house.frames(&mut guest);
    let Response::Join(join) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert!(join.subscriber_primary && join.fast_publish);
    assert!(
        frames
            .iter()
            .any(|frame| matches!(frame, Response::Offer(_))),
        "{frames:?}"
    );
}

#[test]
fn newcomers_learn_who_is_there_with_tracks() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, proto::TrackSource::Camera);
    let mut bob = house.enter(&request("bob"));
    let frames = house.frames(&mut bob);
    let Response::Join(join) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert_eq!(join.other_participants.len(), 1);
    assert_eq!(join.other_participants[0].identity, "alice");
    assert_eq!(join.other_participants[0].tracks[0].sid, sid);
}

#[test]
fn a_second_join_with_the_same_identity_removes_the_first() {
    let mut house = House::new();
    let mut first = house.arrive("alice");
    let second = house.arrive("alice");
    let frames = house.frames(&mut first);
    let leave = leave(&frames).unwrap();
    assert_eq!(leave.reason(), DisconnectReason::DuplicateIdentity);
    assert_eq!(leave.action(), Action::Disconnect);
    assert!(first.closed);
    assert_ne!(first.sid, second.sid);
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn a_participant_becomes_active_when_its_media_connects() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.webhooks();
    let bob = house.join("bob");
    assert!(
        house.webhook_names().is_empty(),
        "joining the signal connection is no news yet"
    );
    house.connect(&bob);
    assert_eq!(house.webhook_names(), ["participant_joined"]);
    house.advance(Duration::from_secs(4));
    assert_eq!(
        house.seen(&mut alice, "bob").unwrap().state(),
        State::Active
    );
}

#[test]
fn a_full_room_is_told_by_leave() {
    let options = RoomOptions {
        max_participants: 1,
        ..RoomOptions::default()
    };
    let mut house = House::with(super::harness::settings(), options);
    house.arrive("alice");
    let mut bob = house.enter(&request("bob"));
    let frames = house.frames(&mut bob);
    assert_eq!(
        leave(&frames).unwrap().reason(),
        DisconnectReason::JoinFailure
    );
    assert_eq!(frames.len(), 1);
    assert!(bob.closed);
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn a_full_room_still_takes_its_own_participant_back() {
    let options = RoomOptions {
        max_participants: 1,
        ..RoomOptions::default()
    };
    let mut house = House::with(super::harness::settings(), options);
    house.arrive("alice");
    let mut again = house.enter(&request("alice"));
    let frames = house.frames(&mut again);
    assert!(matches!(frames[0], Response::Join(_)));
}

#[test]
fn hidden_participants_are_seen_by_nobody() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut spy = request("spy");
    spy.token.claims.video.as_mut().unwrap().hidden = true;
    let spy = house.enter(&spy);
    house.connect(&spy);
    house.advance(Duration::from_secs(10));
    assert!(house.seen(&mut alice, "spy").is_none());
    let mut bob = house.enter(&request("bob"));
    let frames = house.frames(&mut bob);
    let Response::Join(join) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert!(
        join.other_participants
            .iter()
            .all(|other| other.identity != "spy")
    );
}

#[test]
fn whoever_never_connects_media_is_removed_after_a_minute() {
    let mut house = House::new();
    house.arrive("bob");
    let mut alice = house.join("alice");
    house.webhooks();
    house.advance(Duration::from_secs(61));
    let frames = house.frames(&mut alice);
    assert_eq!(
        leave(&frames).unwrap().reason(),
        DisconnectReason::JoinFailure
    );
    assert_eq!(house.webhook_names(), ["participant_connection_aborted"]);
}

#[test]
fn tokens_are_refreshed_every_five_minutes() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.advance(Duration::from_secs(299));
    let early = house.frames(&mut alice);
    assert!(
        !early
            .iter()
            .any(|frame| matches!(frame, Response::RefreshToken(_)))
    );
    house.advance(Duration::from_secs(2));
    let late = house.frames(&mut alice);
    assert!(
        late.iter()
            .any(|frame| matches!(frame, Response::RefreshToken(_)))
    );
}

#[test]
fn updates_of_silent_participants_are_gathered_and_their_versions_grow() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let frames = house.frames(&mut alice);
    assert!(participants(&frames).is_empty());
    house.advance(Duration::from_secs(3));
    let frames = house.frames(&mut alice);
    let mut seen = participants(&frames);
    seen.retain(|info| info.identity == "bob");
    assert_eq!(seen.len(), 1, "joined and active are told as one");
    house.say(
        &bob,
        proto::signal_request::Message::Leave(proto::LeaveRequest::default()),
    );
    house.advance(Duration::from_secs(3));
    let gone = house.seen(&mut alice, "bob").unwrap();
    assert_eq!(gone.state(), State::Disconnected);
    assert!(gone.version > seen[0].version);
}
