//! A check from its beginning to its verdict, as administrators and whoever has the link meet it.

use ::doctor::{Check, Finding, ServerHalf, Told};
use futures::FutureExt;
use serde_json::{Value, json};

use crate::testing::{TestApp, TestClient, TestRoom, livekit};

fn half() -> ServerHalf {
    ServerHalf {
        findings: vec![
            Finding::ok(Check::Database, "The database takes writes."),
            Finding::warn(Check::Nat, "This machine is behind NAT.", "Pass it on."),
        ],
        told: Told {
            site: "https://meet.example.org".to_owned(),
            node_ip: Some("198.51.100.7".to_owned()),
            udp: Some(7882),
            tcp: Some(7881),
            turn: Some(3478),
            ..Told::default()
        },
    }
}

fn examined(app: &TestApp) {
    let examiner: super::Examiner = Box::new(|_, _| async { half() }.boxed());
    assert!(app.app().examiner.set(examiner).is_ok());
}

/// The link's secret.
async fn begin(admin: &mut TestClient) -> String {
    let begun = admin.post("/api/admin/doctor/checks", json!({})).await;
    assert_eq!(begun.status, 201, "{begun:?}");
    let url = begun.json["url"].as_str().unwrap();
    url.rsplit_once("/d/").unwrap().1.to_owned()
}

fn tried(way: &str, outcome: &str) -> Value {
    json!({"way": way, "outcome": outcome, "at": "198.51.100.7:7882", "took_ms": 40})
}

fn findings(ways: &[Value]) -> Value {
    json!({"agent": "Chromium", "sent_at": 0, "secure": true, "ways": ways, "measured": null})
}

async fn listed(admin: &mut TestClient) -> Value {
    let list = admin.get("/api/admin/doctor/checks").await;
    list.json["items"][0].clone()
}

#[tokio::test]
async fn both_halves_make_one_verdict_that_names_the_port() {
    let (app, _media) = TestApp::start_with_livekit().await;
    examined(&app);
    let mut admin = app.admin().await;
    let token = begin(&mut admin).await;
    let path = format!("/api/doctor/checks/{token}");
    let mut anybody = app.browser();
    assert_eq!(anybody.get(&path).await.json["done"], false);
    let told = findings(&[
        tried("page", "reached"),
        tried("web_socket", "reached"),
        tried("signal", "reached"),
        tried("udp", "blocked"),
        tried("tcp", "reached"),
        tried("turn_udp", "reached"),
    ]);
    let answer = anybody.post(&format!("{path}/findings"), told).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let said = answer.json["said"].as_str().unwrap();
    assert!(said.contains("UDP port 7882"), "{said}");
    // What the server knows of itself is for its administrators.
    assert!(!answer.json.to_string().contains("behind NAT"));
    let check = listed(&mut admin).await;
    assert_eq!(check["report"]["said"], answer.json["said"]);
    assert_eq!(check["report"]["state"], "warn");
    assert!(check["url"].is_null());
    let id = check["id"].as_str().unwrap();
    let text = admin
        .get(&format!("/api/admin/doctor/checks/{id}/text"))
        .await;
    assert!(text.text.contains("UDP port 7882"), "{}", text.text);
    assert_eq!(anybody.get(&path).await.json["done"], true);
}

#[tokio::test]
async fn a_run_has_a_room_that_no_list_event_history_or_counter_shows() {
    let (app, media) = TestApp::start_with_livekit().await;
    examined(&app);
    let mut admin = app.admin().await;
    let room = TestRoom::create(&mut admin, json!({})).await;
    let token = begin(&mut admin).await;
    let run = app
        .browser()
        .post(&format!("/api/doctor/checks/{token}/runs"), json!({}))
        .await;
    assert_eq!(run.status, 200, "{run:?}");
    let claims = livekit::claims(run.json["sender_token"].as_str().unwrap());
    assert_eq!(claims.video.can_publish_data, Some(false));
    assert!(!claims.video.room_create && !claims.video.room_admin);
    let receiver = livekit::claims(run.json["receiver_token"].as_str().unwrap());
    assert_eq!(receiver.video.can_publish, Some(false));
    assert_eq!(receiver.video.room, claims.video.room);
    let request: livekit_protocol::CreateRoomRequest = media.calls("CreateRoom")[0].request();
    assert_eq!(request.max_participants, 2);

    let now = app.app().now();
    let info = media.enter(&claims.video.room, &claims.sub, now);
    assert_eq!(listed(&mut admin).await["report"]["state"], "warn");
    for kind in ["room_started", "participant_joined", "participant_left"] {
        let event = media.event(kind, &claims.video.room, Some(&info), now);
        assert_eq!(livekit::deliver(&app, &event).await.status, 200);
    }
    let overview = admin.get("/api/admin/overview").await.json;
    assert_eq!(overview["live_participants"], 0);
    assert_eq!(overview["live_rooms"], 0);
    let live = admin.get("/api/livekit/rooms").await.json;
    assert_eq!(live["items"], json!([]));
    let meetings = admin.get(&room.path("/meetings")).await;
    assert_eq!(meetings.json["items"], json!([]));

    let told = findings(&[tried("signal", "reached"), tried("udp", "reached")]);
    let path = format!("/api/doctor/checks/{token}/findings");
    app.browser().post(&path, told).await;
    let report = listed(&mut admin).await["report"].to_string();
    assert!(report.contains("webhooks arrive"), "{report}");
}

#[tokio::test]
async fn a_media_server_that_tells_nothing_is_named() {
    let (app, _media) = TestApp::start_with_livekit().await;
    examined(&app);
    let mut admin = app.admin().await;
    let token = begin(&mut admin).await;
    let path = format!("/api/doctor/checks/{token}");
    let mut anybody = app.browser();
    anybody.post(&format!("{path}/runs"), json!({})).await;
    let told = findings(&[tried("signal", "reached"), tried("udp", "reached")]);
    anybody.post(&format!("{path}/findings"), told).await;
    let check = listed(&mut admin).await;
    assert_eq!(check["report"]["state"], "fail");
    let said = check["report"]["said"].as_str().unwrap();
    assert!(said.contains("no webhook"), "{said}");
}

#[tokio::test]
async fn a_link_that_is_not_good_opens_nothing_and_nonsense_is_refused() {
    let app = TestApp::start().await;
    let mut anybody = app.browser();
    let gone = anybody.get("/api/doctor/checks/cvd_nothing").await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    examined(&app);
    let mut admin = app.admin().await;
    let token = begin(&mut admin).await;
    let path = format!("/api/doctor/checks/{token}/findings");
    let place = json!({"way": "udp", "outcome": "reached", "at": "x".repeat(301), "took_ms": 1});
    let refused = anybody.post(&path, findings(&[place])).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    // What strangers tell is shown in terminals.
    for unprintable in ["\u{1b}[2J", "\n", "\u{202e}", "é"] {
        let place = json!({"way": "udp", "outcome": "reached", "at": unprintable, "took_ms": 1});
        let mut told = findings(&[place]);
        told["agent"] = json!(unprintable);
        let refused = anybody.post(&path, told).await;
        let fields = &refused.json["errors"];
        assert_eq!(fields[0]["field"], "ways[0]", "{refused:?}");
        assert_eq!(fields[1]["field"], "agent", "{refused:?}");
    }
    let begun = anybody.post("/api/admin/doctor/checks", json!({})).await;
    assert_eq!(begun.status, 401);
}
