//! Facts about what the methods do with a room.

use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::data_packet::Value;
use proto::signal_response::Message as Response;
use proto::{DisconnectReason, TrackSource};

use super::{
    delete_room, get_participant, mute_published_track, perform_rpc, send_data,
    update_room_metadata,
};
use crate::ground::RoomError;
use crate::participant::CloseReason;
use crate::peer::DataChannel;
use crate::room::tests::harness::{House, identity, leave, settings};
use crate::room::{RoomOptions, RpcAnswer};

#[test]
fn a_removed_participant_is_told_why_and_its_tracks_go_first() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut alice);
    house.webhooks();
    house.act(|room, now| {
        let key = room.key_of("alice").unwrap();
        room.remove(key, CloseReason::Removed, now);
    });
    let frames = house.frames(&mut alice);
    assert_eq!(
        leave(&frames).unwrap().reason(),
        DisconnectReason::ParticipantRemoved
    );
    assert_eq!(
        house.webhook_names(),
        ["track_unpublished", "participant_left"]
    );
}

#[test]
fn an_absent_participant_is_not_found() {
    let mut house = House::new();
    let answer = house.act(|room, _| get_participant::find(room, &identity("nobody")));
    assert_eq!(answer.err(), Some(RoomError::ParticipantNotFound));
}

#[test]
fn muting_for_a_participant_tells_its_client_and_everybody() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    house.frames(&mut alice);
    house.frames(&mut bob);
    let (name, track) = (identity("alice"), TrackSid::from_wire(sid.clone()));
    let mut mute =
        |muted| house.act(|room, now| mute_published_track::mute(room, &name, &track, muted, now));
    assert!(mute(true).unwrap().muted);
    assert_eq!(mute(false).err(), Some(RoomError::RemoteUnmuteDisabled));
    let frames = house.frames(&mut alice);
    let told = frames.iter().any(
        |frame| matches!(frame, Response::Mute(request) if request.sid == sid && request.muted),
    );
    assert!(told, "{frames:?}");
    assert!(house.seen(&mut bob, "alice").unwrap().tracks[0].muted);
}

#[test]
fn unmuting_for_a_participant_can_be_allowed() {
    let mut settings = settings();
    settings.room.enable_remote_unmute = true;
    let mut house = House::with(settings, RoomOptions::default());
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    let (name, track) = (identity("alice"), TrackSid::from_wire(sid));
    let info = house
        .act(|room, now| mute_published_track::mute(room, &name, &track, false, now))
        .unwrap();
    assert!(!info.muted);
}

#[test]
fn room_metadata_reaches_everybody() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let room = house.act(|room, _| update_room_metadata::update(room, "topic".to_owned()));
    assert_eq!(room.metadata, "topic");
    let frames = house.frames(&mut alice);
    let told = frames.iter().any(|frame| {
        matches!(frame, Response::RoomUpdate(update)
            if update.room.as_ref().unwrap().metadata == "topic")
    });
    assert!(told, "{frames:?}");
}

#[test]
fn a_deleted_room_sends_everybody_away() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.webhooks();
    house.act(delete_room::close);
    let frames = house.frames(&mut alice);
    assert_eq!(
        leave(&frames).unwrap().reason(),
        DisconnectReason::RoomDeleted
    );
    assert!(house.room.is_finished());
    assert_eq!(house.webhook_names(), ["participant_left", "room_finished"]);
}

#[test]
fn data_sent_twice_with_one_nonce_arrives_once() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    for _ in 0..2 {
        let request = proto::SendDataRequest {
            data: b"hello".to_vec(),
            nonce: vec![7; 16],
            ..proto::SendDataRequest::default()
        };
        house
            .act(|room, now| send_data::send(room, request, now))
            .unwrap();
    }
    assert_eq!(house.data(&alice).len(), 1);
}

fn call(house: &mut House) -> (RpcAnswer, String) {
    let request = proto::PerformRpcRequest {
        room: "room".to_owned(),
        destination_identity: "alice".to_owned(),
        method: "greet".to_owned(),
        payload: "hi".to_owned(),
        response_timeout_ms: 5_000,
    };
    let answer = perform_rpc::call(&mut house.room, request, house.now).unwrap();
    let notes = house.notes();
    let (_, bytes) = notes.values().flat_map(|notes| &notes.data).last().unwrap();
    let packet: proto::DataPacket = prost::Message::decode(bytes.as_slice()).unwrap();
    let Some(Value::RpcRequest(request)) = packet.value else {
        panic!("no call")
    };
    assert_eq!(
        (request.method.as_str(), request.payload.as_str()),
        ("greet", "hi")
    );
    (answer, request.id)
}

#[test]
fn a_call_is_answered_by_its_callee_and_shown_to_nobody_else() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let (mut answer, id) = call(&mut house);
    let bob = house.arrive("bob");
    let respond = |payload: &str| proto::DataPacket {
        value: Some(Value::RpcResponse(proto::RpcResponse {
            request_id: id.clone(),
            value: Some(proto::rpc_response::Value::Payload(payload.to_owned())),
        })),
        ..proto::DataPacket::default()
    };
    house.send_data(&bob, DataChannel::Reliable, &respond("forged"));
    assert!(answer.try_recv().is_err(), "only the callee answers");
    house.send_data(&alice, DataChannel::Reliable, &respond("hello"));
    assert_eq!(answer.try_recv().unwrap().unwrap().payload, "hello");
    assert!(house.data(&bob).is_empty());
}

#[test]
fn a_call_that_nobody_acknowledges_fails_soon() {
    let mut house = House::new();
    house.arrive("alice");
    let (mut answer, _) = call(&mut house);
    house.advance(Duration::from_secs(3));
    let error = answer.try_recv().unwrap().unwrap_err();
    assert!(
        matches!(error, RoomError::Rpc { code: 1501, .. }),
        "{error:?}"
    );
}

#[test]
fn a_call_fails_when_its_callee_leaves() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let (mut answer, _) = call(&mut house);
    house.say(
        &alice,
        proto::signal_request::Message::Leave(proto::LeaveRequest::default()),
    );
    let error = answer.try_recv().unwrap().unwrap_err();
    assert!(
        matches!(error, RoomError::Rpc { code: 1503, .. }),
        "{error:?}"
    );
}
