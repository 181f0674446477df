//! Facts about the room's API.

use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::data_packet::Value;
use proto::signal_response::Message as Response;
use proto::{DisconnectReason, TrackSource};
use tokio::sync::oneshot;

use super::harness::{House, identity, leave, settings};
use crate::engine::{EngineError, RoomAction};
use crate::peer::DataChannel;
use crate::room::RoomOptions;

#[test]
fn a_removed_participant_is_told_why_and_its_tracks_go_first() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut alice);
    house.webhooks();
    house
        .act(|reply| RoomAction::RemoveParticipant {
            identity: identity("alice"),
            revoke_token_ts: 0,
            reply,
        })
        .unwrap();
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
    let answer = house.act(|reply| RoomAction::GetParticipant {
        identity: identity("nobody"),
        reply,
    });
    assert_eq!(answer.err(), Some(EngineError::ParticipantNotFound));
}

#[test]
fn muting_for_a_participant_tells_its_client_and_everybody() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    house.frames(&mut alice);
    house.frames(&mut bob);
    let mut mute = |muted| {
        house.act(|reply| RoomAction::MutePublishedTrack {
            identity: identity("alice"),
            track_sid: TrackSid::from_wire(sid.clone()),
            muted,
            reply,
        })
    };
    assert!(mute(true).unwrap().muted);
    assert_eq!(mute(false).err(), Some(EngineError::RemoteUnmuteDisabled));
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
    let info = house
        .act(|reply| RoomAction::MutePublishedTrack {
            identity: identity("alice"),
            track_sid: TrackSid::from_wire(sid),
            muted: false,
            reply,
        })
        .unwrap();
    assert!(!info.muted);
}

#[test]
fn room_metadata_reaches_everybody() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let room = house
        .act(|reply| RoomAction::UpdateMetadata {
            metadata: "topic".to_owned(),
            reply,
        })
        .unwrap();
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
    house.act(|reply| RoomAction::Delete { reply }).unwrap();
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
    let mut send = |nonce: usize| {
        house.act(|reply| RoomAction::SendData {
            request: Box::new(proto::SendDataRequest {
                data: b"hello".to_vec(),
                nonce: vec![7; nonce],
                ..proto::SendDataRequest::default()
            }),
            reply,
        })
    };
    assert_eq!(send(3).err(), Some(EngineError::InvalidNonce(3)));
    send(16).unwrap();
    send(16).unwrap();
    assert_eq!(house.data(&alice).len(), 1);
}

fn call(
    house: &mut House,
) -> (
    oneshot::Receiver<Result<proto::PerformRpcResponse, EngineError>>,
    String,
) {
    let (reply, answer) = oneshot::channel();
    let request = proto::PerformRpcRequest {
        room: "room".to_owned(),
        destination_identity: "alice".to_owned(),
        method: "greet".to_owned(),
        payload: "hi".to_owned(),
        response_timeout_ms: 5_000,
    };
    house.room.act(
        RoomAction::PerformRpc {
            request: Box::new(request),
            reply,
        },
        house.now,
    );
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
        matches!(error, EngineError::Rpc { code: 1501, .. }),
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
        matches!(error, EngineError::Rpc { code: 1503, .. }),
        "{error:?}"
    );
}
