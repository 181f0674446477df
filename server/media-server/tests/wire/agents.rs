//! Workers of agents over their WebSocket, and dispatches by LiveKit's Rust SDK, as real ones do it.

use futures::{SinkExt, StreamExt};
use livekit_api::{
    access_token::{AccessToken, VideoGrants},
    services::{agent_dispatch::AgentDispatchClient, room::RoomClient},
};
use livekit_protocol::{
    AvailabilityResponse, CreateAgentDispatchRequest, JobType, RegisterWorkerRequest,
    RoomAgentDispatch, RoomConfiguration, ServerMessage, WorkerMessage, WorkerPing,
    participant_info::Kind, server_message::Message as ToWorker, signal_response,
    worker_message::Message as FromWorker,
};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::time::{Duration, timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::harness::{KEY, SECRET, TestServer, admin_token, join_token, token};

const PATIENCE: Duration = Duration::from_secs(30);

struct Worker {
    socket: tokio_tungstenite::WebSocketStream<
        tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>,
    >,
    id: String,
}

fn worker_token() -> String {
    let grants = VideoGrants {
        agent: true,
        ..VideoGrants::default()
    };
    token("", grants)
}

async fn connect(server: &TestServer, token: &str) -> Result<Worker, u16> {
    let url = server.url("/agent").replace("http", "ws");
    let mut request = url.into_client_request().unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    match connect_async(request).await {
        Ok((socket, _)) => Ok(Worker {
            socket,
            id: String::new(),
        }),
        Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn worker(server: &TestServer, name: &str, job_type: JobType) -> Worker {
    let mut worker = connect(server, &worker_token()).await.unwrap();
    worker
        .say(FromWorker::Register(RegisterWorkerRequest {
            agent_name: name.to_owned(),
            r#type: job_type.into(),
            version: "7".to_owned(),
            ..RegisterWorkerRequest::default()
        }))
        .await;
    let ToWorker::Register(welcome) = worker.hear().await else {
        panic!("no welcome")
    };
    assert_eq!(welcome.server_info.unwrap().agent_protocol, 1);
    worker.id = welcome.worker_id;
    worker
}

impl Worker {
    async fn say(&mut self, message: FromWorker) {
        let message = WorkerMessage {
            message: Some(message),
        };
        let bytes = message.encode_to_vec();
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    async fn frame(&mut self) -> Message {
        loop {
            let frame = timeout(PATIENCE, self.socket.next()).await.unwrap();
            match frame.unwrap().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }

    async fn hear(&mut self) -> ToWorker {
        match self.frame().await {
            Message::Binary(bytes) => ServerMessage::decode(bytes).unwrap().message.unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }

    /// Takes the next job; the token that its agent joins with.
    async fn take(&mut self, identity: &str) -> (livekit_protocol::Job, String) {
        let ToWorker::Availability(request) = self.hear().await else {
            panic!("no offer")
        };
        let job = request.job.unwrap();
        self.say(FromWorker::Availability(AvailabilityResponse {
            job_id: job.id.clone(),
            available: true,
            participant_identity: identity.to_owned(),
            ..AvailabilityResponse::default()
        }))
        .await;
        let ToWorker::Assignment(assignment) = self.hear().await else {
            panic!("no assignment")
        };
        (assignment.job.unwrap(), assignment.token)
    }

    async fn is_told_to_end(&mut self, job: &str) {
        let told = self.hear().await;
        assert!(
            matches!(&told, ToWorker::Termination(end) if end.job_id == job),
            "{told:?}"
        );
    }
}

async fn ours(server: &TestServer, method: &str, token: &str, body: Value) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(server.url(&format!("/twirp/convoke.Agents/{method}")))
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

/// A token that may see and end what workers do. LiveKit's SDK cannot write it.
fn agents_admin() -> String {
    use livekit_wire::{Claims, token::AgentGrants};
    let claims = Claims {
        agent: Some(AgentGrants {
            admin: true,
            ..AgentGrants::default()
        }),
        ..Claims::default()
    };
    let now = std::time::SystemTime::now();
    livekit_wire::token::sign(&claims, KEY, &SECRET.into(), now, PATIENCE).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_for_agents_opens_the_workers_door() {
    let server = TestServer::start().await;
    assert_eq!(connect(&server, &admin_token("r")).await.err(), Some(401));
    assert_eq!(
        connect(&server, &join_token("r", "a")).await.err(),
        Some(401)
    );
    assert_eq!(connect(&server, "nonsense").await.err(), Some(401));
    assert_eq!(server.get("/agent").await.0, 404, "no WebSocket");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_and_json_is_spoken_to_who_speaks_it() {
    let server = TestServer::start().await;
    let mut worker = connect(&server, &worker_token()).await.unwrap();
    worker
        .say(FromWorker::Ping(WorkerPing { timestamp: 7 }))
        .await;
    let pong = worker.hear().await;
    assert!(matches!(pong, ToWorker::Pong(pong) if pong.last_timestamp == 7));
    let register = r#"{"register":{"type":"JT_PUBLISHER","agentName":"json"}}"#;
    worker
        .socket
        .send(Message::Text(register.into()))
        .await
        .unwrap();
    let Message::Text(text) = worker.frame().await else {
        panic!("not JSON")
    };
    let welcome: Value = serde_json::from_str(&text).unwrap();
    assert!(
        welcome["register"]["workerId"]
            .as_str()
            .unwrap()
            .starts_with("AW_")
    );
    worker
        .socket
        .send(Message::Text("{\"nonsense\":1}".into()))
        .await
        .unwrap();
    assert!(matches!(worker.frame().await, Message::Close(_)));

    let mut silent = connect(&server, &worker_token()).await.unwrap();
    silent
        .say(FromWorker::UpdateJob(
            livekit_protocol::UpdateJobStatus::default(),
        ))
        .await;
    assert!(
        matches!(silent.frame().await, Message::Close(_)),
        "not registered"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_a_name_is_in_every_room_and_its_agent_joins_with_the_token() {
    let server = TestServer::start().await;
    let mut worker = worker(&server, "", JobType::JtRoom).await;
    let mut ada = server.join("r", "ada").await;
    let (job, token) = worker.take("helper").await;
    assert_eq!(job.room.unwrap().name, "r");
    let path = format!("/rtc?access_token={token}&protocol=16&sdk=python");
    let mut agent = server.connect(&path).await.unwrap();
    let participant = ada
        .until(|message| match message {
            signal_response::Message::Update(update) => update
                .participants
                .into_iter()
                .find(|one| one.identity == "helper"),
            _ => None,
        })
        .await;
    assert_eq!(participant.kind(), Kind::Agent);
    assert_eq!(participant.attributes["lk.agent_name"], "");

    let dispatches = AgentDispatchClient::with_api_key(&server.url(""), KEY, SECRET);
    let listed = dispatches.list_dispatch("r").await.unwrap();
    let job_id = listed[0].state.as_ref().unwrap().jobs[0].id.clone();
    assert_eq!(job_id, job.id);
    dispatches
        .delete_dispatch(listed[0].id.clone(), "r")
        .await
        .unwrap();
    worker.is_told_to_end(&job.id).await;
    // It does not go by itself.
    agent
        .until(|message| matches!(message, signal_response::Message::Leave(_)).then_some(()))
        .await;
    assert!(dispatches.list_dispatch("r").await.unwrap().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_asked_for_by_the_api_by_a_token_and_by_a_new_room() {
    let server = TestServer::start().await;
    let mut worker = worker(&server, "helper", JobType::JtRoom).await;
    let dispatches = AgentDispatchClient::with_api_key(&server.url(""), KEY, SECRET);
    let request = CreateAgentDispatchRequest {
        agent_name: "helper".to_owned(),
        room: "by-api".to_owned(),
        metadata: "m".to_owned(),
        ..CreateAgentDispatchRequest::default()
    };
    let made = dispatches.create_dispatch(request).await.unwrap();
    let (job, _) = worker.take("one").await;
    assert_eq!((job.dispatch_id, job.metadata), (made.id, "m".to_owned()));

    let agent = RoomAgentDispatch {
        agent_name: "helper".to_owned(),
        ..RoomAgentDispatch::default()
    };
    let token = AccessToken::with_api_key(KEY, SECRET)
        .with_identity("ada")
        .with_grants(VideoGrants {
            room_join: true,
            room: "by-token".to_owned(),
            ..VideoGrants::default()
        })
        .with_room_config(RoomConfiguration {
            agents: vec![agent],
            ..RoomConfiguration::default()
        })
        .to_jwt()
        .unwrap();
    let path = format!("/rtc?access_token={token}&protocol=16&sdk=js");
    let _ada = server.connect(&path).await.unwrap();
    assert_eq!(worker.take("two").await.0.room.unwrap().name, "by-token");

    let rooms = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    // The SDK's options know no agents.
    let made = reqwest::Client::new()
        .post(server.url("/twirp/livekit.RoomService/CreateRoom"))
        .bearer_auth(admin_token(""))
        .json(&json!({"name": "by-room", "agents": [{"agent_name": "helper"}]}))
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 200);
    let (job, _) = worker.take("three").await;
    rooms.delete_room("by-room").await.unwrap();
    worker.is_told_to_end(&job.id).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatches_are_for_the_rooms_administrators_and_open_rooms() {
    let server = TestServer::with("room: {auto_create: false}").await;
    let call = async |method: &str, token: String, body: Value| {
        let answer = reqwest::Client::new()
            .post(server.url(&format!("/twirp/livekit.AgentDispatchService/{method}")))
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["code"].clone()
    };
    let body = json!({"room": "r", "agent_name": "helper"});
    for method in ["CreateDispatch", "DeleteDispatch", "ListDispatch"] {
        let other = call(method, admin_token("other"), body.clone()).await;
        assert_eq!(other, "unauthenticated");
        assert_eq!(
            call(method, admin_token("r"), body.clone()).await,
            "not_found"
        );
    }
    let long = json!({"room": "r", "deployment": "a_b"});
    assert_eq!(
        call("CreateDispatch", admin_token("r"), long).await,
        "invalid_argument"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_workers_and_end_what_they_do() {
    let server = TestServer::start().await;
    let mut worker = worker(&server, "", JobType::JtRoom).await;
    let _ada = server.join("r", "ada").await;
    let (job, _) = worker.take("helper").await;
    let (_, refused) = ours(&server, "List", &admin_token("r"), json!({})).await;
    assert_eq!(refused["code"], "unauthenticated");
    let (_, seen) = ours(&server, "List", &agents_admin(), json!({})).await;
    let known = &seen["workers"][0];
    assert_eq!(known["id"], worker.id);
    assert_eq!(
        (&known["job_type"], &known["jobs"]),
        (&json!("JT_ROOM"), &json!(1))
    );
    assert_eq!(
        (&known["version"], &known["status"]),
        (&json!("7"), &json!("available"))
    );
    assert_eq!(seen["jobs"][0]["agent_identity"], "helper");

    let end = json!({"job_id": job.id});
    assert_eq!(
        ours(&server, "EndJob", &agents_admin(), end.clone())
            .await
            .0,
        200
    );
    worker.is_told_to_end(&job.id).await;
    assert_eq!(ours(&server, "EndJob", &agents_admin(), end).await.0, 404);
    let drain = json!({"worker_id": worker.id});
    assert_eq!(
        ours(&server, "DrainWorker", &agents_admin(), drain).await.0,
        200
    );
    let (_, seen) = ours(&server, "List", &agents_admin(), json!({})).await;
    assert_eq!(
        (&seen["workers"][0]["status"], &seen["jobs"]),
        (&json!("draining"), &json!([]))
    );
    let close = json!({"subject": ""});
    assert_eq!(
        ours(&server, "CloseWorkers", &agents_admin(), close)
            .await
            .0,
        200
    );
    assert!(matches!(worker.frame().await, Message::Close(_)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_its_jobs_and_closes_its_workers() {
    let server = TestServer::start().await;
    let mut worker = worker(&server, "", JobType::JtRoom).await;
    let _ada = server.join("r", "ada").await;
    let (job, _) = worker.take("helper").await;
    server.begin_stop();
    worker.is_told_to_end(&job.id).await;
    assert!(matches!(worker.frame().await, Message::Close(_)));
    server.stop().await;
}
