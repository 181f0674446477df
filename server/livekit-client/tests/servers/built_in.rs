//! The media server that this repository brings, as a stand-in for the wire of the real one.

use std::{net::SocketAddr, time::Duration};

use http::StatusCode;
use http_body_util::Full;
use hyper_util::{client::legacy, rt::TokioExecutor};
use livekit_client::{
    CallError, Code, Grant, PlainHttp, Probe, ProbeError, Way, egress, room_service,
};
use livekit_wire::proto::{
    CreateRoomRequest, DeleteRoomRequest, ListEgressRequest, ListRoomsRequest,
    RoomParticipantIdentity,
};
use media_server::{Config, Server};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::harness::{KEY, SECRET, client, endpoint, now};

const PATIENCE: Duration = Duration::from_secs(30);

async fn start() -> (SocketAddr, DropGuard) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let yaml = format!(
        "port: 0\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n\
         rtc: {{udp_port: 0, tcp_port: 0, node_ip: 127.0.0.1, enable_loopback_candidate: true}}\n"
    );
    let (config, _) = Config::from_yaml(&yaml).unwrap();
    let server = Server::bind(&config).await.unwrap();
    let address = server.addresses()[0];
    let stop = CancellationToken::new();
    tokio::spawn(server.serve(stop.clone()));
    (address, stop.drop_guard())
}

fn probe(address: SocketAddr, secret: &str) -> Probe {
    let plain: PlainHttp = legacy::Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http::<Full<_>>();
    Probe {
        endpoint: endpoint(address, secret),
        way: Way::Plain(Box::new(plain)),
        wall_clock: now,
        timeout: PATIENCE,
    }
}

#[tokio::test]
async fn a_room_is_made_listed_and_ended() {
    let (address, _running) = start().await;
    let client = client(address, SECRET, PATIENCE);
    let request = CreateRoomRequest {
        name: "r".to_owned(),
        ..CreateRoomRequest::default()
    };
    let made = client
        .call(
            room_service::CREATE_ROOM,
            Grant::CreateRooms,
            &request,
            now(),
        )
        .await
        .unwrap();
    let all = ListRoomsRequest::default();
    let listed = client
        .call(room_service::LIST_ROOMS, Grant::ListRooms, &all, now())
        .await
        .unwrap();
    assert_eq!(listed.rooms[0].sid, made.sid);
    let room = DeleteRoomRequest {
        room: "r".to_owned(),
    };
    for end in [None, Some(Code::NotFound)] {
        let ended = client
            .call(room_service::DELETE_ROOM, Grant::CreateRooms, &room, now())
            .await;
        assert_eq!(ended.err().and_then(|error| error.code()), end);
    }
}

#[tokio::test]
async fn who_is_not_there_and_what_is_not_there_are_told_apart() {
    let (address, _running) = start().await;
    let client = client(address, SECRET, PATIENCE);
    let nobody = RoomParticipantIdentity {
        room: "r".to_owned(),
        identity: "ann".to_owned(),
        ..RoomParticipantIdentity::default()
    };
    let absent = client
        .call(
            room_service::GET_PARTICIPANT,
            Grant::Room("r"),
            &nobody,
            now(),
        )
        .await;
    assert!(absent.unwrap_err().is_not_found());
    let request = ListEgressRequest::default();
    let egress = client
        .call(egress::LIST_EGRESS, Grant::Record, &request, now())
        .await;
    match egress.unwrap_err() {
        CallError::Refused(refusal) => {
            assert_eq!(refusal.code(), Some(Code::Internal));
            assert!(refusal.message.contains("egress not connected"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_before_twirp_sees_the_call() {
    let (address, _running) = start().await;
    let client = client(address, "another secret", PATIENCE);
    let request = ListRoomsRequest::default();
    let refused = client
        .call(room_service::LIST_ROOMS, Grant::ListRooms, &request, now())
        .await;
    match refused.unwrap_err() {
        CallError::Status { status, .. } => assert_eq!(status, StatusCode::UNAUTHORIZED),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_probe_knows_our_server_from_one_with_other_keys() {
    let (address, _running) = start().await;
    probe(address, SECRET).ready().await.unwrap();
    let stranger = probe(address, "another secret").ready().await;
    assert!(
        matches!(stranger, Err(ProbeError::KeysRefused(_))),
        "{stranger:?}"
    );
    probe(address, "another secret").healthy().await.unwrap();
}
