//! Facts about coming back after the signal connection was lost.

use livekit_protocol as proto;
use proto::DisconnectReason;
use proto::leave_request::Action;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;

use super::harness::{House, leave, participants, request};
use crate::ground::{JoinRequest, Resume, SignalMode};
use crate::peer::PeerEvent;
use livekit_wire::ParticipantSid;

#[test]
fn a_resumed_client_hears_what_it_needs_and_keeps_its_stay() {
    let mut house = House::new();
    house.arrive("bob");
    let mut alice = house.arrive("alice");
    house.hang_up(&alice);
    let sid = alice.sid.clone();
    house.webhooks();
    house.resume(&mut alice);
    let frames = house.frames(&mut alice);
    assert!(matches!(frames[0], Response::Reconnect(_)), "{frames:?}");
    let mut seen: Vec<_> = participants(&frames)
        .into_iter()
        .map(|info| info.identity)
        .collect();
    seen.sort();
    assert_eq!(seen, ["alice", "bob"]);
    assert!(
        frames
            .iter()
            .any(|frame| matches!(frame, Response::RoomUpdate(_)))
    );
    assert_eq!(alice.sid, sid);
    assert!(house.webhook_names().is_empty());
}

#[test]
fn with_two_peer_connections_the_server_restarts_ice() {
    let mut house = House::new();
    let dual = JoinRequest {
        mode: SignalMode::Dual,
        ..request("alice")
    };
    let mut alice = house.enter(&dual);
    house.connect(&alice);
    house.hang_up(&alice);
    house.resume(&mut alice);
    assert_eq!(house.notes()[&alice.subscriber].ice_restarts, 1);
}

#[test]
fn an_unknown_client_cannot_resume() {
    let mut house = House::new();
    house.arrive("alice");
    for (identity, sid) in [("nobody", "PA_nobody"), ("alice", "PA_other")] {
        let mut guest = house.enter(&JoinRequest {
            reconnect: Some(Resume {
                participant_sid: Some(ParticipantSid::from_wire(sid)),
                reason: proto::ReconnectReason::RrUnknown,
            }),
            ..request(identity)
        });
        let frames = house.frames(&mut guest);
        let leave = leave(&frames).unwrap();
        assert_eq!(leave.reason(), DisconnectReason::StateMismatch);
        assert_eq!(leave.action(), Action::Reconnect);
        assert!(guest.closed);
    }
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn frames_of_a_replaced_signal_connection_are_not_heard() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let old = alice.session;
    house.resume(&mut alice);
    house.room.handle_signal(
        &alice.sid,
        old,
        proto::SignalRequest {
            message: Some(Request::Leave(proto::LeaveRequest::default())),
        },
        house.now,
    );
    house.room.handle_signal_closed(&alice.sid, old, house.now);
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn a_client_that_comes_back_in_time_is_not_given_up() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.tell(alice.publisher, PeerEvent::IceFailed);
    house.advance(std::time::Duration::from_secs(3));
    house.resume(&mut alice);
    house.tell(alice.publisher, PeerEvent::IceConnected);
    house.advance(std::time::Duration::from_secs(30));
    assert_eq!(house.room.info().num_participants, 1);
}

#[test]
fn a_client_that_publishes_what_the_server_does_not_know_starts_anew() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.resume(&mut alice);
    house.frames(&mut alice);
    house.say(
        &alice,
        Request::SyncState(proto::SyncState {
            publish_tracks: vec![proto::TrackPublishedResponse {
                cid: "cid".to_owned(),
                track: Some(proto::TrackInfo {
                    sid: "TR_unknown".to_owned(),
                    ..proto::TrackInfo::default()
                }),
            }],
            ..proto::SyncState::default()
        }),
    );
    let frames = house.frames(&mut alice);
    assert_eq!(leave(&frames).unwrap().action(), Action::Reconnect);
    assert_eq!(house.room.info().num_participants, 0);
}

#[test]
fn a_client_knows_what_the_server_has_of_its_data() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    for sequence in 1..=7 {
        let packet = proto::DataPacket {
            sequence,
            ..proto::DataPacket::default()
        };
        house.send_data(&alice, crate::peer::DataChannel::Reliable, &packet);
    }
    house.resume(&mut alice);
    let frames = house.frames(&mut alice);
    let Response::Reconnect(reconnect) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert_eq!(reconnect.last_message_seq, 7);
}
