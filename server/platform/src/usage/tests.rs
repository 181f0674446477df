//! Usage as the overview meets it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{sample, vitals};
use crate::testing::{TestApp, TestRoom, livekit::deliver};

async fn usage(admin: &mut crate::testing::TestClient, query: &str) -> Value {
    let answer = admin.get(&format!("/api/admin/usage?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

#[tokio::test]
async fn a_call_shows_in_its_minutes_and_in_how_people_came_and_left() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    let began = app.app().now();
    let guest = room.enter(&app, &livekit, &mut app.browser()).await;
    sample(app.app()).await.unwrap();
    sample(app.app()).await.unwrap();
    let never = livekit.enter(&room.id, "g-never", app.app().now());
    livekit.leave(&room.id, "g-never");
    let aborted = livekit.event(
        "participant_connection_aborted",
        &room.id,
        Some(&never),
        began,
    );
    // LiveKit sends it again until it is taken.
    for _ in 0..2 {
        assert_eq!(deliver(&app, &aborted).await.status, 200);
    }
    app.advance(Duration::from_mins(2));
    sample(app.app()).await.unwrap();
    let mut info = guest.info.clone();
    info.set_disconnect_reason(livekit_protocol::DisconnectReason::ClientInitiated);
    let left = livekit.event("participant_left", &room.id, Some(&info), app.app().now());
    deliver(&app, &left).await;
    let (from, to) = (began.0 - 60_000, began.0 + 600_000);
    let told = usage(&mut admin, &format!("from={from}&to={to}")).await;
    let points = told["points"].as_array().unwrap();
    assert_eq!(points.len(), 2, "{told}");
    assert_eq!(points[0]["people"], 1);
    assert_eq!(points[0]["at"].as_i64().unwrap() % 60_000, 0);
    assert_eq!(told["connection_minutes"], 2);
    assert_eq!(
        (&told["connected"], &told["aborted"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        told["disconnect_reasons"],
        json!([{"name": "client_initiated", "count": 1}])
    );
    assert_eq!(told["platforms"], json!([{"name": null, "count": 1}]));
    let hours = usage(
        &mut admin,
        &format!("from=0&to={to}&step=1440")
            .replace("from=0", &format!("from={}", to - 86_400_000)),
    )
    .await;
    assert_eq!(hours["points"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_range_that_is_none_is_empty_and_one_without_end_is_short() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let empty = usage(&mut admin, "from=10&to=10").await;
    assert_eq!(empty["points"], json!([]));
    assert_eq!(usage(&mut admin, "from=9&to=3").await["points"], json!([]));
    let long = usage(&mut admin, "from=0&to=99999999999999").await;
    assert_eq!(long["step"], 366 * 24 * 60 / 1500 + 1);
    for (query, field) in [
        ("from=0&to=60000&step=0", "step"),
        ("from=-1&to=60000", "from"),
    ] {
        let answer = admin.get(&format!("/api/admin/usage?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
        assert_eq!(
            answer.json["errors"][0]["field"], field,
            "{query}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn the_panel_tells_how_the_server_does_and_what_it_does_not_know() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let before = admin.get("/api/metrics").await.json;
    assert_eq!(
        (&before["seen_at"], &before["media"]["ready"]),
        (&Value::Null, &json!(true))
    );
    vitals::look(app.app()).await;
    let told = admin.get("/api/metrics").await.json;
    assert!(
        told["site"]["memory_bytes"].as_u64().unwrap() > 1 << 20,
        "{told}"
    );
    assert!(told["data_free_bytes"].as_u64().unwrap() > 0);
    // Nobody answers at the test's address.
    assert_eq!(told["media"]["latency_ms"], Value::Null);
    assert_eq!(told["certificate_ends_at"], Value::Null);
    let site = app.app().config.server.port;
    assert_eq!(
        told["ports"],
        json!([
            {"port": site, "protocol": "tcp", "carries": "site"},
            {"port": 1935, "protocol": "tcp", "carries": "rtmp"},
        ])
    );
    app.advance(Duration::from_mins(1));
    assert_eq!(admin.get("/api/metrics").await.json["seen_at"], Value::Null);
}

#[tokio::test]
async fn old_minutes_are_forgotten() {
    let app = TestApp::start_with(|config, _| config.metrics.usage_days = 2).await;
    let mut admin = app.admin().await;
    sample(app.app()).await.unwrap();
    let now = app.app().now().0;
    let query = format!("from={}&to={}", now - 60_000, now + 60_000);
    app.advance(Duration::from_hours(48));
    super::clean_up(app.app()).await.unwrap();
    assert_eq!(
        usage(&mut admin, &query).await["points"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    app.advance(Duration::from_hours(1));
    super::clean_up(app.app()).await.unwrap();
    assert!(
        usage(&mut admin, &query).await["points"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn counting_makes_no_room_be_read_anew() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    let guest = room.enter(&app, &livekit, &mut ada).await;
    // What was written before counts once more when the one writer is given back: whoever gets it comes after that.
    let writer = app.app().db.begin_aside().await.unwrap();
    writer.commit().await.unwrap();
    let before = app.app().db.writes();
    sample(app.app()).await.unwrap();
    let now = app.app().now().0;
    let report = json!({"sid": guest.info.sid, "sent_at": now, "events": [], "samples": [{"at": now,
        "loss_up": 1, "loss_down": 1, "rtt": 1, "jitter": 1, "bitrate_up": 1, "bitrate_down": 1, "frozen": 0,
        "route": "udp"}]});
    assert_eq!(ada.post(&room.path("/quality"), report).await.status, 204);
    assert_eq!(app.app().db.writes(), before);
}
