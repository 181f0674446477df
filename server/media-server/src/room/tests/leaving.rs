//! Facts about going, and about the end of rooms.

use std::time::Duration;

use livekit_protocol as proto;
use proto::DisconnectReason;
use proto::leave_request::Action;
use proto::participant_info::State;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;

use super::harness::{Guest, House, leave, request};
use crate::ground::{JoinRequest, SignalMode};
use crate::peer::{CloseReason, PeerEvent};

#[test]
fn a_leaver_is_seen_to_go_with_its_reason() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    house.publish(&mut bob, proto::TrackSource::Microphone);
    house.webhooks();
    house.say(&bob, Request::Leave(proto::LeaveRequest::default()));
    let gone = house.seen(&mut alice, "bob").unwrap();
    assert_eq!(gone.state(), State::Disconnected);
    assert_eq!(gone.disconnect_reason(), DisconnectReason::ClientInitiated);
    let events = house.webhooks();
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(names, ["track_unpublished", "participant_left"]);
    assert_eq!(
        events[1].participant.as_ref().unwrap().state(),
        State::Disconnected
    );
}

#[test]
fn losing_the_signal_before_media_is_up_ends_the_stay() {
    let mut house = House::new();
    let alice = house.join("alice");
    house.webhooks();
    house.hang_up(&alice);
    assert_eq!(house.room.info().num_participants, 0);
    assert_eq!(house.webhook_names(), ["participant_connection_aborted"]);
}

#[test]
fn losing_the_signal_keeps_a_participant_whose_media_is_up() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    house.hang_up(&alice);
    house.advance(Duration::from_mins(1));
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn failed_media_asks_for_a_resume_and_ends_the_stay_after_five_seconds() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.tell(alice.publisher, PeerEvent::IceDisconnected);
    house.tell(alice.publisher, PeerEvent::IceFailed);
    let frames = house.frames(&mut alice);
    assert_eq!(leave(&frames).unwrap().action(), Action::Resume);
    assert!(alice.closed);
    house.advance(Duration::from_secs(4));
    assert_eq!(house.room.info().num_participants, 1);
    house.webhooks();
    house.advance(Duration::from_secs(2));
    assert_eq!(house.room.info().num_participants, 0);
    let left = &house.webhooks()[0];
    assert_eq!(
        left.participant.as_ref().unwrap().disconnect_reason(),
        DisconnectReason::ConnectionTimeout
    );
}

#[test]
fn a_client_that_hangs_up_media_and_signal_is_gone_at_once() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    house.hang_up(&alice);
    house.tell(alice.publisher, PeerEvent::Closed(CloseReason::Remote));
    assert_eq!(house.room.info().num_participants, 0);
}

#[test]
fn a_client_that_closes_media_first_leaves_by_its_own_wish() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    house.webhooks();
    house.tell(alice.publisher, PeerEvent::Closed(CloseReason::Remote));
    assert_eq!(house.room.info().num_participants, 1);
    house.advance(Duration::from_secs(1));
    house.say(&alice, Request::Leave(proto::LeaveRequest::default()));
    assert_eq!(house.room.info().num_participants, 0);
    let left = &house.webhooks()[0];
    assert_eq!(left.event, "participant_left");
    assert_eq!(
        left.participant.as_ref().unwrap().disconnect_reason(),
        DisconnectReason::ClientInitiated
    );
}

#[test]
fn a_client_that_closes_media_and_then_its_signal_is_gone_at_once() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    house.tell(alice.publisher, PeerEvent::Closed(CloseReason::Remote));
    house.hang_up(&alice);
    assert_eq!(house.room.info().num_participants, 0);
}

#[test]
fn a_client_that_closes_media_and_says_nothing_is_asked_to_come_back() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.tell(alice.publisher, PeerEvent::Closed(CloseReason::Remote));
    house.advance(Duration::from_millis(2500));
    let frames = house.frames(&mut alice);
    assert_eq!(leave(&frames).unwrap().action(), Action::Resume);
    house.advance(Duration::from_millis(4500));
    assert_eq!(
        house.room.info().num_participants,
        0,
        "after five seconds more"
    );
}

#[test]
fn an_empty_room_ends_after_the_departure_timeout() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    house.say(&alice, Request::Leave(proto::LeaveRequest::default()));
    house.webhooks();
    house.advance(Duration::from_secs(18));
    assert!(!house.room.is_finished());
    house.advance(Duration::from_secs(3));
    assert!(house.room.is_finished());
    assert_eq!(house.webhook_names(), ["room_finished"]);
}

#[test]
fn a_room_that_nobody_enters_ends_after_the_empty_timeout() {
    let mut house = House::new();
    assert_eq!(house.webhook_names(), ["room_started"]);
    house.advance(Duration::from_secs(298));
    assert!(!house.room.is_finished());
    house.advance(Duration::from_secs(3));
    assert!(house.room.is_finished());
}

#[test]
fn a_room_with_only_a_recorder_ends() {
    let mut house = House::new();
    let mut recorder = request("recorder");
    recorder.token.claims.kind = "egress".to_owned();
    house.enter(&recorder);
    let alice = house.arrive("alice");
    house.say(&alice, Request::Leave(proto::LeaveRequest::default()));
    house.advance(Duration::from_secs(21));
    assert!(house.room.is_finished());
}

#[test]
fn a_client_that_does_not_read_its_frames_is_removed() {
    let mut house = House::new();
    let bob = house.arrive("bob");
    let alice = house.arrive("alice");
    for number in 0..400 {
        let name = format!("name {number}");
        house.room.handle_signal(
            &bob.sid,
            bob.session,
            proto::SignalRequest {
                message: Some(Request::Mute(proto::MuteTrackRequest {
                    sid: name,
                    muted: true,
                })),
            },
            house.now,
        );
    }
    house.advance(Duration::from_secs(1));
    let infos = house.act(|room, _| room.participant_infos());
    let identities: Vec<_> = infos.iter().map(|info| info.identity.as_str()).collect();
    assert_eq!(identities, [alice.identity.as_str()]);
}

#[test]
fn who_publishes_in_one_shot_is_gone_at_once_when_anything_is_lost() {
    let gone = |lose: &dyn Fn(&mut House, &Guest)| {
        let mut house = House::new();
        let encoder = house.enter(&JoinRequest {
            mode: SignalMode::OneShot,
            ..request("encoder")
        });
        house.connect(&encoder);
        assert_eq!(house.room.info().num_participants, 1);
        lose(&mut house, &encoder);
        assert_eq!(house.room.info().num_participants, 0);
    };
    gone(&|house, encoder| house.hang_up(encoder));
    gone(&|house, encoder| house.tell(encoder.publisher, PeerEvent::IceFailed));
    for reason in [CloseReason::Remote, CloseReason::Handshake] {
        gone(&|house, encoder| house.tell(encoder.publisher, PeerEvent::Closed(reason)));
    }
}

#[test]
fn who_publishes_in_one_shot_is_sent_nothing() {
    let mut house = House::new();
    let mut encoder = house.enter(&JoinRequest {
        mode: SignalMode::OneShot,
        ..request("encoder")
    });
    house.connect(&encoder);
    let mut alice = house.arrive("alice");
    house.publish(&mut alice, proto::TrackSource::Camera);
    house.advance(Duration::from_secs(1));
    assert_eq!(house.receives(&encoder), Vec::<String>::new());
    let frames = house.frames(&mut encoder);
    assert!(
        !frames.iter().any(|frame| matches!(
            frame,
            Response::Offer(_) | Response::MediaSectionsRequirement(_)
        )),
        "{frames:?}"
    );
}
