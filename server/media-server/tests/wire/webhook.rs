//! Webhooks as a receiver sees them, checked with LiveKit's own `WebhookReceiver`.

use livekit_api::services::room::CreateRoomOptions;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use livekit_api::{
    access_token::TokenVerifier, services::room::RoomClient, webhooks::WebhookReceiver,
};
use livekit_protocol::WebhookEvent;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use crate::harness::{KEY, SECRET, TestServer};

/// A receiver that answers with the given statuses, then always with 200.
pub struct Receiver {
    address: std::net::SocketAddr,
    events: mpsc::UnboundedReceiver<WebhookEvent>,
}

#[derive(Clone)]
struct Inbox {
    statuses: Arc<Mutex<VecDeque<u16>>>,
    events: mpsc::UnboundedSender<WebhookEvent>,
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: String) -> StatusCode {
    assert_eq!(headers["content-type"], "application/webhook+json");
    let token = headers["authorization"].to_str().unwrap();
    let event = WebhookReceiver::new(TokenVerifier::with_api_key(KEY, SECRET))
        .receive(&body, token)
        .unwrap();
    let status = inbox.statuses.lock().unwrap().pop_front().unwrap_or(200);
    inbox.events.send(event).unwrap();
    StatusCode::from_u16(status).unwrap()
}

impl Receiver {
    pub async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, events) = mpsc::unbounded_channel();
        let statuses = Arc::new(Mutex::new(statuses.iter().copied().collect()));
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(Inbox {
                statuses,
                events: sender,
            });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, events }
    }

    pub fn yaml(&self) -> String {
        format!(
            "webhook: {{api_key: {KEY}, urls: ['http://{}/hook']}}",
            self.address
        )
    }

    pub async fn next(&mut self) -> WebhookEvent {
        timeout(Duration::from_secs(30), self.events.recv())
            .await
            .unwrap()
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_signed_named_and_in_order() {
    let mut receiver = Receiver::start(&[]).await;
    let server = TestServer::with(&receiver.yaml()).await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    let room = client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    client.delete_room("r").await.unwrap();
    let (started, finished) = (receiver.next().await, receiver.next().await);
    assert_eq!(
        (started.event.as_str(), finished.event.as_str()),
        ("room_started", "room_finished")
    );
    for event in [&started, &finished] {
        assert!(event.id.starts_with("EV_"));
        assert!(event.created_at > 1_700_000_000);
        assert_eq!(event.room.as_ref().unwrap().sid, room.sid);
    }
    assert_ne!(started.id, finished.id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_delivery_is_repeated_before_later_events_of_the_room() {
    let mut receiver = Receiver::start(&[500, 503]).await;
    let server = TestServer::with(&receiver.yaml()).await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    client.delete_room("r").await.unwrap();
    let mut events = Vec::new();
    for _ in 0..4 {
        events.push(receiver.next().await);
    }
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(
        names,
        [
            "room_started",
            "room_started",
            "room_started",
            "room_finished"
        ]
    );
    assert_eq!(
        events[0].id, events[2].id,
        "receivers tell repetitions by the id"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rooms_failed_delivery_does_not_hold_up_another_room() {
    let mut receiver = Receiver::start(&[500]).await;
    let server = TestServer::with(&receiver.yaml()).await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client
        .create_room("a", CreateRoomOptions::default())
        .await
        .unwrap();
    let first = receiver.next().await;
    client
        .create_room("b", CreateRoomOptions::default())
        .await
        .unwrap();
    let (second, third) = (receiver.next().await, receiver.next().await);
    let names = [first, second, third].map(|event| event.room.unwrap().name);
    assert_eq!(names, ["a", "b", "a"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_refused_is_not_repeated() {
    let mut receiver = Receiver::start(&[404]).await;
    let server = TestServer::with(&receiver.yaml()).await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    client.delete_room("r").await.unwrap();
    assert_eq!(receiver.next().await.event, "room_started");
    assert_eq!(receiver.next().await.event, "room_finished");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_events_that_pass_the_filter_are_sent() {
    let mut receiver = Receiver::start(&[]).await;
    let yaml = receiver
        .yaml()
        .replace('}', ", filter_params: {include_events: [room_finished]}}");
    let server = TestServer::with(&yaml).await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    client.delete_room("r").await.unwrap();
    assert_eq!(receiver.next().await.event, "room_finished");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_delivered_while_the_server_stops() {
    let mut receiver = Receiver::start(&[]).await;
    let server = TestServer::with(&receiver.yaml()).await;
    let _ann = server.join("r", "ann").await;
    server.stop().await;
    let mut names = Vec::new();
    while names.last().map(String::as_str) != Some("room_finished") {
        names.push(receiver.next().await.event);
    }
    assert_eq!(names.first().map(String::as_str), Some("room_started"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_receiver_holds_up_neither_calls_nor_the_stop() {
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = dead.local_addr().unwrap();
    let server = TestServer::with(&format!(
        "webhook: {{api_key: {KEY}, urls: ['http://{address}/']}}"
    ))
    .await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    for index in 0..300 {
        client
            .create_room(&format!("r{index}"), CreateRoomOptions::default())
            .await
            .unwrap();
    }
    server.stop().await;
}
