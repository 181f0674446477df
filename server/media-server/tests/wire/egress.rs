//! The Egress service with a scripted server behind it: what it is asked, and what callers get of its answers.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use livekit_api::services::{
    egress::{EgressClient, EgressOutput, RoomCompositeOptions},
    room::{CreateRoomOptions, RoomClient},
};
use livekit_protocol as proto;
use livekit_wire::{
    ApiKeys, Claims, VideoGrants,
    token::{sign, verify},
};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use crate::{
    harness::{KEY, SECRET, TestServer, admin_token, join_token},
    webhook::Receiver,
};

/// One call as it arrived.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    method: String,
    content_type: String,
    body: Bytes,
}

/// Status, content type and body.
type Answered = (u16, &'static str, Bytes);

/// A server of the Egress service that answers as told, and else with an empty message.
struct Recorder {
    address: SocketAddr,
    asked: mpsc::UnboundedReceiver<Asked>,
    answers: Answers,
}

type Answers = Arc<Mutex<VecDeque<Answered>>>;

async fn answer(
    State((answers, told)): State<(Answers, mpsc::UnboundedSender<Asked>)>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let keys = ApiKeys::new([(KEY.to_owned(), SECRET.into())]).unwrap();
    let bearer = headers["authorization"].to_str().unwrap();
    let token = bearer.strip_prefix("Bearer ").unwrap();
    let token = verify(token, &keys, SystemTime::now()).unwrap();
    let grants = token.claims.video.unwrap();
    assert!(grants.room_record && !grants.room_admin && !grants.room_join);
    let content_type = headers["content-type"].to_str().unwrap().to_owned();
    let usual = (200, "application/protobuf", Bytes::new());
    let scripted = answers.lock().unwrap().pop_front();
    let (status, answered_type, answer) = scripted.unwrap_or(usual);
    let asked = Asked {
        method,
        content_type,
        body,
    };
    told.send(asked).unwrap();
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", answered_type)], answer).into_response()
}

impl Recorder {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (told, asked) = mpsc::unbounded_channel();
        let recorder = Self {
            address: listener.local_addr().unwrap(),
            asked,
            answers: Answers::default(),
        };
        let app = Router::new()
            .route("/twirp/livekit.Egress/{method}", post(answer))
            .with_state((recorder.answers.clone(), told));
        tokio::spawn(async move { axum::serve(listener, app).await });
        recorder
    }

    fn yaml(&self) -> String {
        format!("egress: {{url: 'http://{}'}}", self.address)
    }

    /// Answers the next call so.
    fn will_answer(&self, status: u16, content_type: &'static str, body: impl Into<Bytes>) {
        let answer = (status, content_type, body.into());
        self.answers.lock().unwrap().push_back(answer);
    }

    /// The calls since the last look.
    fn asked(&mut self) -> Vec<Asked> {
        std::iter::from_fn(|| self.asked.try_recv().ok()).collect()
    }

    /// The next call of somebody who does not wait for its answer.
    async fn next(&mut self) -> Asked {
        let asked = timeout(Duration::from_secs(30), self.asked.recv());
        asked.await.unwrap().unwrap()
    }
}

fn rooms(server: &TestServer) -> RoomClient {
    RoomClient::with_api_key(&server.url(""), KEY, SECRET)
}

async fn post_json(server: &TestServer, method: &str, token: &str, body: &str) -> (u16, Value) {
    let (status, body) =
        post_bytes(server, method, token, "application/json", body.to_owned()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

async fn post_bytes(
    server: &TestServer,
    method: &str,
    token: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, Bytes) {
    let answer = reqwest::Client::new()
        .post(server.url(&format!("/twirp/livekit.Egress/{method}")))
        .bearer_auth(token)
        .header("Content-Type", content_type)
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap())
}

fn domain(code: &str, msg: &str) -> Value {
    json!({"code": code, "msg": format!("twirp error unknown: {msg}")})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_its_answer_pass_unchanged_in_both_encodings() {
    let mut recorder = Recorder::start().await;
    let server = TestServer::with(&recorder.yaml()).await;
    let (url, admin) = (server.url(""), admin_token("r"));

    let (body, list) = (r#"{ "roomName": "r", "future": 1}"#, r#"{"items": [ ]}"#);
    recorder.will_answer(200, "application/json", list);
    let answered = post_bytes(&server, "ListEgress", &admin, "application/json", body).await;
    assert_eq!(answered, (200, Bytes::from_static(list.as_bytes())));
    let asked = Asked {
        method: "ListEgress".to_owned(),
        content_type: "application/json".to_owned(),
        body: Bytes::from_static(body.as_bytes()),
    };
    assert_eq!(recorder.asked(), [asked]);

    let refusal = json!({
        "code": "failed_precondition",
        "msg": "egress with status EGRESS_COMPLETE cannot be stopped",
        "meta": {"cause": "x"},
    });
    recorder.will_answer(412, "application/json", refusal.to_string());
    let stopped = post_json(&server, "StopEgress", &admin, r#"{"egress_id":"EG_1"}"#).await;
    assert_eq!(stopped, (412, refusal));

    recorder.asked();
    rooms(&server)
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    let info = proto::EgressInfo {
        egress_id: "EG_1".to_owned(),
        ..Default::default()
    };
    recorder.will_answer(200, "application/protobuf", info.encode_to_vec());
    let output = proto::EncodedFileOutput {
        filepath: "x.mp4".to_owned(),
        ..Default::default()
    };
    let started = EgressClient::with_api_key(&url, KEY, SECRET)
        .start_room_composite_egress(
            "r",
            vec![EgressOutput::File(output.clone())],
            RoomCompositeOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(started.egress_id, "EG_1");
    let asked = recorder.asked();
    assert_eq!(asked[0].content_type, "application/protobuf");
    let request = proto::RoomCompositeEgressRequest::decode(asked[0].body.clone()).unwrap();
    assert_eq!(request.file_outputs, [output]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_record_and_what_is_no_method_never_reach_the_recorder() {
    let mut recorder = Recorder::start().await;
    let server = TestServer::with(&recorder.yaml()).await;
    let ann = join_token("r", "ann");
    assert_eq!(
        post_json(&server, "ListEgress", &ann, "{}").await,
        (
            401,
            json!({"code": "unauthenticated", "msg": "permissions denied"})
        )
    );
    for method in ["Nope", "..%2FRoomService%2FListRooms"] {
        let (status, error) = post_json(&server, method, &admin_token("r"), "{}").await;
        assert_eq!((status, &error["code"]), (404, &json!("bad_route")));
    }
    assert!(recorder.asked().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_not_open_is_not_found_before_the_recorder_is_asked() {
    let mut recorder = Recorder::start().await;
    let server = TestServer::with(&recorder.yaml()).await;
    let admin = admin_token("r");
    let missing = domain("not_found", "requested room does not exist");
    let requests = [
        "StartRoomCompositeEgress",
        "StartParticipantEgress",
        "StartTrackCompositeEgress",
        "StartTrackEgress",
        "StartEgress",
    ];
    for method in requests {
        let asked = post_json(&server, method, &admin, r#"{"roomName":"r"}"#).await;
        assert_eq!(asked, (404, missing.clone()), "{method}");
        let body = match method {
            "StartEgress" => proto::StartEgressRequest {
                room_name: "r".to_owned(),
                ..Default::default()
            }
            .encode_to_vec(),
            // The room is the first field of the others.
            _ => proto::TrackEgressRequest {
                room_name: "r".to_owned(),
                ..Default::default()
            }
            .encode_to_vec(),
        };
        let (status, answer) =
            post_bytes(&server, method, &admin, "application/protobuf", body).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!((status, answer), (404, missing.clone()), "{method}");
        let (status, error) = post_json(&server, method, &admin, "{").await;
        assert_eq!((status, &error["code"]), (400, &json!("malformed")));
    }
    assert!(recorder.asked().is_empty());

    rooms(&server)
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    for method in requests.into_iter().chain(["StartWebEgress"]) {
        recorder.will_answer(200, "application/json", "{}");
        let asked = post_json(&server, method, &admin, r#"{"roomName":"r"}"#).await;
        assert_eq!(asked, (200, json!({})), "{method}");
        assert_eq!(recorder.asked()[0].method, method);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_is_away_is_no_response() {
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = gone.local_addr().unwrap();
    let server = TestServer::with(&format!("egress: {{url: 'http://{address}'}}")).await;
    let list = async || post_json(&server, "ListEgress", &admin_token("r"), "{}").await;
    let expected = (503, domain("unavailable", "no response from servers"));
    let hangs_up = tokio::spawn(async move {
        drop(gone.accept().await.unwrap());
        gone
    });
    assert_eq!(list().await, expected, "it hangs up");
    drop(hangs_up.await.unwrap());
    assert_eq!(list().await, expected, "nobody listens");
    server.stop().await;
}

fn composite() -> proto::RoomEgress {
    proto::RoomEgress {
        room: Some(proto::RoomCompositeEgressRequest {
            layout: "grid".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn create_recorded() -> CreateRoomOptions {
    CreateRoomOptions {
        egress: Some(composite()),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_a_room_waits_for_its_recording_and_fails_with_it() {
    let mut recorder = Recorder::start().await;
    let server = TestServer::with(&recorder.yaml()).await;
    let rooms = rooms(&server);
    rooms.create_room("r", create_recorded()).await.unwrap();
    let asked = recorder.asked();
    assert_eq!(asked[0].method, "StartRoomCompositeEgress");
    let request = proto::RoomCompositeEgressRequest::decode(asked[0].body.clone()).unwrap();
    assert_eq!(
        (request.room_name.as_str(), request.layout.as_str()),
        ("r", "grid")
    );
    rooms.create_room("r", create_recorded()).await.unwrap();
    assert!(recorder.asked().is_empty(), "it is open already");

    let refusal = json!({"code": "resource_exhausted", "msg": "the disk is full"});
    recorder.will_answer(429, "application/json", refusal.to_string());
    let error = rooms
        .create_room("full", create_recorded())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("resource_exhausted") && text.contains("the disk is full"),
        "{text}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_recorder_no_room_is_created_that_should_be_recorded() {
    let server = TestServer::start().await;
    let rooms = rooms(&server);
    let error = rooms.create_room("r", create_recorded()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("egress not connected (redis required)"),
        "{error}"
    );
    assert!(rooms.list_rooms(Vec::new()).await.unwrap().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preset_can_have_rooms_recorded_by_calls_and_by_joins() {
    let mut recorder = Recorder::start().await;
    let presets = "room: {room_configurations: {recorded: {egress: {room: {layout: grid}}}}}";
    let server = TestServer::with(&format!("{}\n{presets}", recorder.yaml())).await;
    let create = async |room: &str, preset: &str| {
        let body = json!({"name": room, "room_preset": preset}).to_string();
        let answer = reqwest::Client::new()
            .post(server.url("/twirp/livekit.RoomService/CreateRoom"))
            .bearer_auth(admin_token(room))
            .header("Content-Type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (status, answer)
    };
    assert_eq!(create("called", "recorded").await.0, 200);
    let unknown = "unknown room configuration in create room request";
    assert_eq!(
        create("other", "nope").await,
        (400, domain("invalid_argument", unknown))
    );

    let join = async |preset: &str| {
        let claims = Claims {
            room_preset: preset.to_owned(),
            ..joining()
        };
        let (now, life) = (SystemTime::now(), Duration::from_mins(1));
        let token = sign(&claims, KEY, &SECRET.into(), now, life).unwrap();
        let path = format!("/rtc?access_token={token}&protocol=16&sdk=js");
        server.connect(&path).await
    };
    let refused = join("nope").await.err();
    assert_eq!(refused, Some((400, unknown.to_owned())));
    let called = recorder.next().await;
    join("recorded").await.unwrap().next().await;
    let rooms = [called, recorder.next().await].map(|asked| {
        let request = proto::RoomCompositeEgressRequest::decode(asked.body).unwrap();
        (request.room_name, request.layout)
    });
    let expected = ["called", "r"].map(|room| (room.to_owned(), "grid".to_owned()));
    assert_eq!(rooms, expected);
    server.stop().await;
}

/// Somebody who joins.
fn joining() -> Claims {
    Claims {
        identity: "ann".to_owned(),
        video: Some(VideoGrants {
            room_join: true,
            room: "r".to_owned(),
            ..VideoGrants::default()
        }),
        ..Claims::default()
    }
}

/// A token whose bearer opens a room that is to be recorded.
fn recording_token(egress: proto::RoomEgress) -> String {
    let claims = Claims {
        room_config: Some(proto::RoomConfiguration {
            egress: Some(egress),
            ..Default::default()
        }),
        ..joining()
    };
    let (now, life) = (SystemTime::now(), Duration::from_mins(1));
    sign(&claims, KEY, &SECRET.into(), now, life).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_can_have_the_room_recorded_that_it_opens() {
    let mut recorder = Recorder::start().await;
    let server = TestServer::with(&recorder.yaml()).await;
    let token = recording_token(composite());
    let path = format!("/rtc?access_token={token}&protocol=16&sdk=js");
    let mut ann = server.connect(&path).await.unwrap();
    ann.next().await;
    let asked = recorder.next().await;
    assert_eq!(asked.method, "StartRoomCompositeEgress");
    let request = proto::RoomCompositeEgressRequest::decode(asked.body).unwrap();
    assert_eq!(request.room_name, "r");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_nobody_starts_is_told_as_failed_without_its_keys() {
    let mut hooks = Receiver::start(&[]).await;
    let recorder = Recorder::start().await;
    for (yaml, error) in [
        (recorder.yaml(), "the disk is full"),
        (String::new(), "egress launcher not found"),
    ] {
        let refusal = json!({"code": "resource_exhausted", "msg": "the disk is full"});
        recorder.will_answer(429, "application/json", refusal.to_string());
        let server = TestServer::with(&format!("{}\n{yaml}", hooks.yaml())).await;
        let mut egress = composite();
        if let Some(room) = &mut egress.room {
            room.file_outputs = vec![proto::EncodedFileOutput {
                filepath: "x.mp4".to_owned(),
                output: Some(proto::encoded_file_output::Output::S3(proto::S3Upload {
                    secret: "hidden".to_owned(),
                    ..Default::default()
                })),
                ..Default::default()
            }];
        }
        let token = recording_token(egress);
        let path = format!("/rtc?access_token={token}&protocol=16&sdk=js");
        let mut ann = server.connect(&path).await.unwrap();
        ann.next().await;
        let event = loop {
            let event = hooks.next().await;
            if event.event == "egress_ended" {
                break event;
            }
        };
        let room = event.room.unwrap();
        let info = event.egress_info.unwrap();
        assert!(event.id.starts_with("EV_") && room.sid.starts_with("RM_"));
        assert_eq!((room.name.as_str(), info.room_name.as_str()), ("r", "r"));
        assert_eq!(info.room_id, room.sid);
        assert_eq!(info.status(), proto::EgressStatus::EgressFailed);
        assert_eq!(info.error, error);
        let Some(proto::egress_info::Request::RoomComposite(request)) = info.request else {
            panic!("{info:?}")
        };
        assert_eq!(request.layout, "grid");
        assert_eq!(request.file_outputs[0].filepath, "x.mp4");
        assert_eq!(request.file_outputs[0].output, None);
        server.stop().await;
    }
}
