//! RoomService over Twirp, asked by LiveKit's Rust SDK (protobuf) and by plain JSON.

use livekit_api::services::{
    ServiceError,
    room::{CreateRoomOptions, RoomClient, SendDataOptions, UpdateParticipantOptions},
};
use livekit_protocol::{DisconnectReason, ParticipantPermission, signal_response};
use serde_json::{Value, json};

use crate::harness::{KEY, SECRET, TestServer, admin_token, join_token};

fn client(server: &TestServer) -> RoomClient {
    RoomClient::with_api_key(&server.url(""), KEY, SECRET)
}

fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    match result.unwrap_err() {
        ServiceError::Twirp(error) => error.to_string(),
        other => panic!("{other}"),
    }
}

/// Posts JSON; answers status and body.
async fn call(server: &TestServer, path: &str, token: &str, body: &str) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(server.url(&format!("/twirp/livekit.{path}")))
        .bearer_auth(token)
        .header("Content-Type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_created_once_listed_changed_and_deleted() {
    let server = TestServer::start().await;
    let client = client(&server);
    let options = CreateRoomOptions {
        empty_timeout: 30,
        metadata: "m".to_owned(),
        ..Default::default()
    };
    let room = client.create_room("r", options).await.unwrap();
    assert!(room.sid.starts_with("RM_"));
    assert_eq!(
        (
            room.empty_timeout,
            room.departure_timeout,
            room.metadata.as_str()
        ),
        (30, 20, "m")
    );
    let again = client
        .create_room(
            "r",
            CreateRoomOptions {
                empty_timeout: 50,
                ..Default::default()
            },
        )
        .await
        .unwrap();
    assert_eq!((again.sid, again.empty_timeout), (room.sid, 30));

    client
        .create_room("other", CreateRoomOptions::default())
        .await
        .unwrap();
    let mut names: Vec<_> = client
        .list_rooms(vec![])
        .await
        .unwrap()
        .into_iter()
        .map(|room| room.name)
        .collect();
    names.sort();
    assert_eq!(names, ["other", "r"]);
    let named = client
        .list_rooms(vec!["r".to_owned(), "nope".to_owned()])
        .await
        .unwrap();
    assert_eq!(named.len(), 1);

    assert_eq!(
        client
            .update_room_metadata("r", "m2")
            .await
            .unwrap()
            .metadata,
        "m2"
    );
    client.delete_room("r").await.unwrap();
    assert!(code(client.delete_room("r").await).contains("requested room does not exist"));
    assert!(
        code(client.update_room_metadata("r", "m3").await)
            .contains("requested room does not exist")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn participants_are_listed_changed_and_removed() {
    let server = TestServer::start().await;
    let client = client(&server);
    let mut ann = server.join("r", "ann").await;
    let listed = client.list_participants("r").await.unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|p| p.identity.as_str())
            .collect::<Vec<_>>(),
        ["ann"]
    );
    assert_eq!(
        client.get_participant("r", "ann").await.unwrap().sid,
        listed[0].sid
    );
    assert!(client.list_participants("nope").await.unwrap().is_empty());
    assert!(code(client.get_participant("r", "ben").await).contains("participant does not exist"));

    let options = UpdateParticipantOptions {
        name: "Ann".to_owned(),
        attributes: [("hand".to_owned(), "up".to_owned())].into(),
        permission: Some(ParticipantPermission {
            can_subscribe: true,
            ..Default::default()
        }),
        ..Default::default()
    };
    let changed = client
        .update_participant("r", "ann", options)
        .await
        .unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.attributes["hand"].as_str()),
        ("Ann", "up")
    );
    assert!(!changed.permission.unwrap().can_publish);

    client.remove_participant("r", "ann").await.unwrap();
    let leave = ann
        .until(|message| match message {
            signal_response::Message::Leave(leave) => Some(leave),
            _ => None,
        })
        .await;
    assert_eq!(leave.reason(), DisconnectReason::ParticipantRemoved);
    assert!(
        code(client.remove_participant("r", "ann").await).contains("participant does not exist")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_participants_token_lets_it_in_again_unless_it_is_withdrawn() {
    let server = TestServer::start().await;
    let token = join_token("r", "ann");
    let path = format!("/rtc?access_token={token}&protocol=16");
    let mut ann = server.connect(&path).await.unwrap();
    ann.next().await;
    client(&server)
        .remove_participant("r", "ann")
        .await
        .unwrap();
    let mut again = server.connect(&path).await.unwrap();
    again.next().await;
    let (status, _) = call(
        &server,
        "RoomService/RemoveParticipant",
        &admin_token("r"),
        r#"{"room":"r","identity":"ann","revoke_token_ts":"4102444800"}"#,
    )
    .await;
    assert_eq!(status, 200);
    let refused = server.connect(&path).await.err().unwrap();
    assert_eq!(refused.0, 401, "{}", refused.1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_answers_are_snake_case_with_every_field() {
    let server = TestServer::start().await;
    let token = admin_token("r");
    let (status, room) = call(
        &server,
        "RoomService/CreateRoom",
        &token,
        r#"{"name":"r","emptyTimeout":30,"max_participants":3,"nope":1,"metadata":null}"#,
    )
    .await;
    assert_eq!(status, 200);
    let fields: Vec<_> = room
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut wanted = vec![
        "sid",
        "name",
        "empty_timeout",
        "departure_timeout",
        "max_participants",
        "creation_time",
        "creation_time_ms",
        "turn_password",
        "enabled_codecs",
        "metadata",
        "num_participants",
        "num_publishers",
        "active_recording",
        "version",
    ];
    wanted.sort_unstable();
    assert_eq!(
        {
            let mut fields = fields;
            fields.sort_unstable();
            fields
        },
        wanted
    );
    assert_eq!(
        (&room["empty_timeout"], &room["max_participants"]),
        (&json!(30), &json!(3))
    );
    assert!(room["creation_time"].is_string(), "64-bit numbers are text");
    assert_eq!(room["metadata"], "");

    let (_, rooms) = call(&server, "RoomService/ListRooms", &token, "{}").await;
    assert_eq!(rooms["rooms"][0]["sid"], room["sid"]);
    let _ann = server.join("r", "ann").await;
    let (_, list) = call(
        &server,
        "RoomService/ListParticipants",
        &token,
        r#"{"room":"r"}"#,
    )
    .await;
    let ann = &list["participants"][0];
    assert_eq!(
        (&ann["identity"], &ann["kind"], &ann["tracks"]),
        (&json!("ann"), &json!("STANDARD"), &json!([]))
    );
    assert!(ann["permission"]["can_publish"].as_bool().unwrap());
    let (_, deleted) = call(&server, "RoomService/DeleteRoom", &token, r#"{"room":"r"}"#).await;
    assert_eq!(deleted, json!({}));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_error_has_the_code_and_the_text_of_the_real_server() {
    let server = TestServer::start().await;
    let (admin, ann) = (admin_token("r"), join_token("r", "ann"));
    let domain =
        |code: &str, msg: &str| json!({"code": code, "msg": format!("twirp error unknown: {msg}")});
    let denied = json!({"code": "unauthenticated", "msg": "permissions denied"});
    let malformed = json!({"code": "malformed", "msg": "the json request could not be decoded"});
    let long_name = format!(r#"{{"name":"{}"}}"#, "a".repeat(300));
    let long_metadata = format!(r#"{{"room":"r","metadata":"{}"}}"#, "a".repeat(600_000));
    call(&server, "RoomService/CreateRoom", &admin, r#"{"name":"r"}"#).await;
    for (path, token, body, status, answer) in [
        ("RoomService/ListRooms", &ann, "{}", 401, denied.clone()),
        ("RoomService/CreateRoom", &ann, "{}", 401, denied.clone()),
        (
            "RoomService/ListParticipants",
            &admin,
            r#"{"room":"other"}"#,
            401,
            denied.clone(),
        ),
        ("RoomService/ListRooms", &admin, "{", 400, malformed.clone()),
        ("RoomService/ListRooms", &admin, "", 400, malformed.clone()),
        (
            "RoomService/ListRooms",
            &admin,
            r#"{"names":7}"#,
            400,
            malformed,
        ),
        (
            "RoomService/DeleteRoom",
            &admin,
            r#"{"room":"zz"}"#,
            404,
            domain("not_found", "requested room does not exist"),
        ),
        (
            "RoomService/GetParticipant",
            &admin,
            r#"{"room":"r","identity":"x"}"#,
            404,
            domain("not_found", "participant does not exist"),
        ),
        (
            "RoomService/RemoveParticipant",
            &admin,
            r#"{"room":"r","identity":""}"#,
            404,
            domain("not_found", "participant does not exist"),
        ),
        (
            "RoomService/UpdateParticipant",
            &admin,
            r#"{"room":"r","identity":"x","name":"y"}"#,
            404,
            domain("not_found", "participant does not exist"),
        ),
        (
            "RoomService/CreateRoom",
            &admin,
            &long_name,
            400,
            domain(
                "invalid_argument",
                "room name length exceeds limits: max length 256",
            ),
        ),
        (
            "RoomService/UpdateRoomMetadata",
            &admin,
            &long_metadata,
            400,
            json!({"code": "invalid_argument", "msg": "metadata size exceeds limits 524288", "meta": {"argument": "metadata size exceeds limits"}}),
        ),
        (
            "RoomService/SendData",
            &admin,
            r#"{"room":"r","data":"aGk=","nonce":"aGk="}"#,
            400,
            json!({"code": "invalid_argument", "msg": "nonce should be 16-bytes or not present, got: 2 bytes"}),
        ),
        (
            "RoomService/PerformRpc",
            &admin,
            r#"{"room":"r"}"#,
            400,
            domain("invalid_argument", "destination identity is required"),
        ),
        (
            "RoomService/MoveParticipant",
            &admin,
            r#"{"room":"r","identity":"b","destination_room":"r"}"#,
            401,
            denied.clone(),
        ),
        (
            "RoomService/Nope",
            &admin,
            "{}",
            404,
            json!({"code": "bad_route", "msg": "no handler for path \"/twirp/livekit.RoomService/Nope\"", "meta": {"twirp_invalid_route": "POST /twirp/livekit.RoomService/Nope"}}),
        ),
        (
            "Egress/ListEgress",
            &admin,
            "{}",
            500,
            domain("internal", "egress not connected (redis required)"),
        ),
        ("Egress/ListEgress", &ann, "{}", 401, denied.clone()),
        (
            "Ingress/CreateIngress",
            &admin,
            "{}",
            500,
            domain("internal", "ingress not connected (redis required)"),
        ),
        ("SIP/ListSIPTrunk", &admin, "{}", 401, denied.clone()),
        (
            "SIP/TransferSIPParticipant",
            &admin,
            "{}",
            400,
            domain("invalid_argument", "Missing room name"),
        ),
        (
            "AgentDispatchService/ListDispatch",
            &admin,
            r#"{"room":"x"}"#,
            401,
            denied,
        ),
    ] {
        assert_eq!(
            call(&server, path, token, body).await,
            (status, answer),
            "{path} {body:.80}"
        );
    }
    let unknown = reqwest::Client::new()
        .post(server.url("/twirp/livekit.Nope/Nope"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            unknown.status().as_u16(),
            unknown.text().await.unwrap().as_str()
        ),
        (404, "404 page not found\n")
    );
    let get = server.get("/twirp/livekit.RoomService/ListRooms").await;
    assert_eq!(get.0, 404);
    assert!(
        get.1
            .contains(r#"unsupported method \"GET\" (only POST is allowed)"#),
        "{}",
        get.1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_not_even_read() {
    let server = TestServer::with("limit: {max_api_request_body_size: 1000}").await;
    let answer = reqwest::Client::new()
        .post(server.url("/twirp/livekit.RoomService/ListRooms"))
        .bearer_auth(admin_token("r"))
        .header("Content-Type", "application/json")
        .body(vec![b' '; 1001])
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.text().await.unwrap().as_str()
        ),
        (413, "request body too large")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_data_to_a_room_is_accepted_and_to_no_room_is_not() {
    let server = TestServer::start().await;
    let client = client(&server);
    client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    client
        .send_data("r", b"hi".to_vec(), SendDataOptions::default())
        .await
        .unwrap();
    let refused = code(
        client
            .send_data("nope", b"hi".to_vec(), SendDataOptions::default())
            .await,
    );
    assert!(
        refused.contains("requested room does not exist"),
        "{refused}"
    );
    server.stop().await;
}
