//! The SFU's webhooks: believed when signed, answered alike in any case.

use std::time::{Duration, SystemTime};

use axum::response::Response;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use livekit_wire::{Claims, token::sign};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use super::{
    homeserver::{Asked, Homeserver, Names, WELL_KNOWN_CLIENT, json as text, vouch},
    service::{KEY, SECRET, Service, get_token, options, with_full_access},
    sfu::Sfu,
};

const SERVER: &str = "hs.example:1";

fn full(asked: &Asked) -> Response {
    match asked.path.as_str() {
        WELL_KNOWN_CLIENT => text(r#"{"m.homeserver":{"base_url":"https://hs.example:1"}}"#),
        path if path.ends_with("/restart") || path.ends_with("/send") => text("{}"),
        _ => vouch(SERVER)(asked),
    }
}

/// A service that holds one leave whose participant has not come yet: there is no SFU to ask.
async fn with_one_leave() -> (Homeserver, Service, String, String) {
    let homeserver = Homeserver::start(&["hs.example"], full).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let service =
        Service::start(with_full_access(options(names), SERVER, "ws://127.0.0.1:9")).await;
    let mut body = get_token("ann", SERVER);
    body["delay_id"] = json!("syd_1");
    body["delay_timeout"] = json!(60_000);
    let answer = service
        .post("/delegate_delayed_leave", body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let hash = |text: &str| base64::prelude::BASE64_STANDARD_NO_PAD.encode(Sha256::digest(text));
    let room = hash(r#"["!room:example.com","m.call#ROOM"]"#);
    let identity = hash(&format!(r#"["@ann:{SERVER}","DEVICE","member"]"#));
    (homeserver, service, room, identity)
}

fn event(kind: &str, room: &str, identity: &str, reason: &str) -> String {
    json!({
        "event": kind,
        "id": "EV_1",
        "createdAt": "1",
        "somethingNew": {"a": []},
        "room": {"name": room},
        "participant": {"identity": identity, "disconnectReason": reason},
    })
    .to_string()
}

fn token(body: &str, secret: &str) -> String {
    let claims = Claims {
        sha256: BASE64_STANDARD.encode(Sha256::digest(body)),
        ..Claims::default()
    };
    let minute = Duration::from_mins(1);
    sign(&claims, KEY, &secret.into(), SystemTime::now(), minute).unwrap()
}

async fn send(service: &Service, body: &str, token: &str) {
    let request = service
        .build("POST", "/sfu_webhook")
        .header("authorization", token);
    let answer = service.send(request.body(body.to_owned())).await;
    assert_eq!((answer.status, &*answer.text), (200, ""));
}

async fn actions(homeserver: &Homeserver, count: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let actions: Vec<String> = homeserver
            .asked()
            .into_iter()
            .filter(|asked| asked.method == Method::POST)
            .filter_map(|asked| asked.path.rsplit('/').next().map(str::to_owned))
            .collect();
        if actions.len() >= count {
            return actions;
        }
        assert!(Instant::now() < deadline, "{actions:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn who_comes_is_kept_alive_and_who_leaves_is_said_to_have_left() {
    for (left, reason) in [
        ("participant_left", "CLIENT_INITIATED"),
        ("participant_left", "SIGNAL_CLOSE"),
        ("participant_left", "A_REASON_OF_THE_FUTURE"),
        ("participant_connection_aborted", "JOIN_FAILURE"),
    ] {
        let (homeserver, service, room, identity) = with_one_leave().await;
        let joined = event("participant_joined", &room, &identity, "UNKNOWN_REASON");
        send(&service, &joined, &token(&joined, SECRET)).await;
        assert_eq!(actions(&homeserver, 1).await, ["restart"]);
        let gone = event(left, &room, &identity, reason);
        send(&service, &gone, &token(&gone, SECRET)).await;
        assert_eq!(actions(&homeserver, 2).await, ["restart", "send"]);
        service.matrix.close().await;
    }
}

#[tokio::test]
async fn who_leaves_because_they_came_anew_has_not_left() {
    for reason in ["DUPLICATE_IDENTITY", "MIGRATION"] {
        let (homeserver, service, room, identity) = with_one_leave().await;
        let replaced = event("participant_left", &room, &identity, reason);
        send(&service, &replaced, &token(&replaced, SECRET)).await;
        let joined = event("participant_joined", &room, &identity, "UNKNOWN_REASON");
        send(&service, &joined, &token(&joined, SECRET)).await;
        assert_eq!(actions(&homeserver, 1).await, ["restart"]);
        service.matrix.close().await;
    }
}

#[tokio::test]
async fn what_is_not_signed_by_the_sfu_is_not_believed_and_still_answered() {
    let (homeserver, service, room, identity) = with_one_leave().await;
    let body = event("participant_joined", &room, &identity, "UNKNOWN_REASON");
    send(&service, &body, "").await;
    send(&service, &body, "nonsense").await;
    send(
        &service,
        &body,
        &token(&body, "another secret, also long enough"),
    )
    .await;
    send(&service, &body, &token("another body", SECRET)).await;
    let answer = service.post("/sfu_webhook", body.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(service.request("GET", "/sfu_webhook").await.status, 200);

    // Events without a room or a participant, and what is no event at all, are nobody's concern.
    for body in [
        "{}",
        "[]",
        "null",
        r#"{"event":"room_started","room":{}}"#,
        r#"{"event":"participant_joined"}"#,
    ] {
        send(&service, body, &token(body, SECRET)).await;
    }

    // A genuine one is the first that has an effect.
    assert!(
        homeserver
            .asked()
            .iter()
            .all(|asked| asked.method == Method::GET)
    );
    send(&service, &body, &token(&body, SECRET)).await;
    assert_eq!(actions(&homeserver, 1).await, ["restart"]);
    service.matrix.close().await;
}

#[tokio::test]
async fn rooms_of_calls_that_go_on_are_opened_again_when_the_sfu_has_started() {
    let homeserver = Homeserver::start(&["hs.example"], full).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let sfu = Sfu::start().await;
    let service = Service::start(with_full_access(options(names), SERVER, &sfu.url())).await;
    let mut rooms = Vec::new();
    for slot in ["goes on", "is over"] {
        let mut body = get_token("ann", SERVER);
        body["slot_id"] = json!(slot);
        let answer = service.post("/get_token", body.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        rooms.push(
            answer.claims()["video"]["room"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    // A leave event is held for a room that this process has not opened, as after a restart.
    let mut body = get_token("ann", SERVER);
    body["slot_id"] = json!("from before");
    body["delay_id"] = json!("syd_1");
    body["delay_timeout"] = json!(60_000);
    let answer = service
        .post("/delegate_delayed_leave", body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let over = json!({"event": "room_finished", "room": {"name": rooms[1]}}).to_string();
    send(&service, &over, &token(&over, SECRET)).await;

    service.matrix.sfu_started().await;
    let again: Vec<_> = sfu.created().split_off(2);
    let names: Vec<_> = again.iter().map(|room| room.name.clone()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&rooms[0]), "{names:?}");
    assert!(!names.contains(&rooms[1]), "{names:?}");
    assert_eq!(again[0].empty_timeout, 300);
    service.matrix.close().await;
}

#[tokio::test]
async fn whom_the_sfu_sends_away_when_it_stops_has_not_left() {
    let (homeserver, service, room, identity) = with_one_leave().await;
    let joined = event("participant_joined", &room, &identity, "UNKNOWN_REASON");
    send(&service, &joined, &token(&joined, SECRET)).await;
    assert_eq!(actions(&homeserver, 1).await, ["restart"]);
    let gone = event("participant_left", &room, &identity, "SERVER_SHUTDOWN");
    send(&service, &gone, &token(&gone, SECRET)).await;
    // Longer than one who has left is waited for.
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(actions(&homeserver, 1).await, ["restart"]);
    service.matrix.close().await;
}
