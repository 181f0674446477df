//! Quality as pages and moderators meet it.

use std::time::Duration;

use livekit_wire::quality::{ConnectionTotals, StreamTotals};
use serde_json::{Value, json};

use crate::testing::{TestApp, TestClient, TestRoom, livekit::deliver};

fn sample(at: i64, loss_up: i64) -> Value {
    json!({"at": at, "loss_up": loss_up, "loss_down": null, "rtt": 40, "jitter": 3, "bitrate_up": 500_000,
           "bitrate_down": 700_000, "frozen": 0, "route": "udp"})
}

fn report(sid: &str, sent_at: i64, samples: &[Value]) -> Value {
    json!({"sid": sid, "sent_at": sent_at, "samples": samples, "events": []})
}

async fn quality(client: &mut TestClient, room: &TestRoom, identity: &str) -> Value {
    let path = room.path(&format!("/quality?identity={identity}"));
    let answer = client.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

#[tokio::test]
async fn moderators_see_how_a_call_went_for_somebody_and_why() {
    let (app, livekit, mut ada, room) = TestRoom::start().await;
    let mut browser = app.browser();
    let guest = room.enter(&app, &livekit, &mut browser).await;
    let began = app.app().now().0;
    app.advance(Duration::from_secs(30));
    // This browser's clock is an hour behind.
    let theirs = app.app().now().0 - 3_600_000;
    let mut body = report(
        &guest.info.sid,
        theirs,
        &[
            sample(theirs - 30_000, 0),
            sample(theirs - 20_000, 120),
            sample(theirs - 10_000, 140),
            // Long before they came.
            sample(theirs - 900_000, 500),
        ],
    );
    body["events"] = json!([
        {"at": theirs - 5_000, "kind": "microphone"},
        {"at": theirs - 4_000, "kind": "reconnecting"},
    ]);
    // Told twice, it counts once.
    for _ in 0..2 {
        let answer = browser.post(&room.path("/quality"), body.clone()).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    let mut info = guest.info.clone();
    info.set_disconnect_reason(livekit_protocol::DisconnectReason::ClientInitiated);
    let left = livekit.event("participant_left", &room.id, Some(&info), app.app().now());
    deliver(&app, &left).await;
    // A page's last words come when it is gone already.
    let last = report(&guest.info.sid, theirs, &[sample(theirs, 0)]);
    // The link may have been changed under the call: a page in it knows the room by its id.
    let moved = format!("moved-{}", room.slug);
    ada.patch(&room.path(""), json!({"slug": moved})).await;
    let room = TestRoom {
        slug: moved,
        ..room
    };
    let by_id = format!("/api/rooms/{}/quality", room.id);
    let other = app.browser().post(&by_id, last.clone()).await;
    assert_eq!(other.status, 401, "{other:?}");
    let others = ada.post(&by_id, last.clone()).await;
    assert_eq!(others.code(), "not_found", "{others:?}");
    let answer = browser.post(&by_id, last).await;
    assert_eq!(answer.status, 204, "{answer:?}");

    let told = quality(&mut ada, &room, &guest.identity).await;
    let stay = &told["stays"][0];
    assert_eq!(stay["samples"].as_array().unwrap().len(), 4, "{told}");
    assert_eq!(
        stay["samples"][0]["at"].as_i64().unwrap() / 10_000,
        began / 10_000
    );
    assert_eq!(
        (&stay["left_reason"], &stay["ice_route"]),
        (&json!("client_initiated"), &json!("udp"))
    );
    assert_eq!(stay["events"][0]["kind"], "microphone");
    assert_eq!(stay["events"].as_array().unwrap().len(), 2);
    let verdict = &stay["verdicts"][0];
    assert_eq!(
        (&verdict["trouble"], &verdict["value"]),
        (&json!("loss_up"), &json!(130))
    );
    let by_meeting = format!(
        "/quality?identity={}&meeting={}",
        guest.identity,
        told["meeting_id"].as_str().unwrap()
    );
    assert_eq!(ada.get(&room.path(&by_meeting)).await.json, told);
    let mut admin = app.admin().await;
    let mut support = app.user("support").await;
    let path = format!("/api/users/{}", support.user_id);
    admin.patch(&path, json!({"role": "support"})).await;
    assert_eq!(quality(&mut support, &room, &guest.identity).await, told);
    // Those who were there are no moderators.
    let path = room.path(&format!("/quality?identity={}", guest.identity));
    assert_eq!(browser.get(&path).await.code(), "unauthenticated");
    let mut ben = app.user("ben").await;
    assert_eq!(ben.get(&path).await.code(), "forbidden");
    let unknown = room.path("/quality?identity=g-nobody");
    assert_eq!(ada.get(&unknown).await.status, 404);
}

#[tokio::test]
async fn nobody_reports_for_somebody_else_nor_what_no_page_measures() {
    let (app, livekit, mut ada, room) = TestRoom::start().await;
    let mut browser = app.browser();
    let guest = room.enter(&app, &livekit, &mut browser).await;
    let now = app.app().now().0;
    let path = room.path("/quality");
    let good = report(&guest.info.sid, now, &[sample(now, 1)]);
    assert_eq!(app.browser().post(&path, good.clone()).await.status, 401);
    assert_eq!(ada.post(&path, good.clone()).await.status, 404);
    for (field, value) in [
        ("loss_up", json!(1001)),
        ("rtt", json!(-1)),
        ("bitrate_up", json!(i64::MAX)),
        ("frozen", json!(600_001)),
    ] {
        let mut bad = good.clone();
        bad["samples"][0][field] = value;
        let answer = browser.post(&path, bad).await;
        assert_eq!(answer.status, 422, "{field}: {answer:?}");
        assert_eq!(answer.json["errors"][0]["field"], "samples[0]");
    }
    let mut named = good.clone();
    named["events"] = json!([{"at": now, "kind": "microphone", "detail": "Ada's headset"}]);
    assert_eq!(browser.post(&path, named).await.status, 422);
    let many = report(&guest.info.sid, now, &vec![sample(now, 1); 61]);
    assert_eq!(browser.post(&path, many).await.status, 422);
    let mut refused = 0;
    for _ in 0..30 {
        refused += usize::from(browser.post(&path, good.clone()).await.code() == "rate_limited");
    }
    assert!(refused >= 10, "{refused}");
}

fn totals(sid: &str, counted_at: u64, lost: u64) -> ConnectionTotals {
    ConnectionTotals {
        sid: sid.to_owned(),
        counted_at,
        up: StreamTotals {
            packets: 1_000 + counted_at - lost,
            lost,
            bytes: 10 * counted_at,
        },
        ..ConnectionTotals::default()
    }
}

#[tokio::test]
async fn the_media_server_tells_of_those_whose_page_does_not() {
    let (app, livekit, mut ada, room) = TestRoom::start().await;
    let guest = room.enter(&app, &livekit, &mut ada).await;
    let sid = guest.info.sid.as_str();
    // LiveKit's own server does not tell.
    super::count(app.app()).await.unwrap();
    for (counted_at, lost) in [(10_000, 0), (20_000, 2_000), (30_000, 4_000)] {
        let stranger = totals("PA_nobody", counted_at, lost);
        livekit.count_connections(vec![stranger, totals(sid, counted_at, lost)]);
        super::count(app.app()).await.unwrap();
        app.advance(Duration::from_secs(10));
    }
    let told = quality(&mut ada, &room, &guest.identity).await;
    let stay = &told["stays"][0];
    assert_eq!(stay["samples"], json!([]));
    let counted = stay["server_samples"].as_array().unwrap();
    assert_eq!(counted.len(), 2, "{told}");
    let last = &counted[1];
    assert_eq!(
        (&last["loss_up"], &last["bitrate_up"], &last["rtt"]),
        (&json!(200), &json!(80_000), &Value::Null)
    );
    assert_eq!(stay["verdicts"][0]["trouble"], "loss_up");
    assert_eq!(stay["verdicts"][0]["value"], 200);

    app.advance(Duration::from_hours(24 * 15));
    super::clean_up(app.app()).await.unwrap();
    let told = quality(&mut ada, &room, &guest.identity).await;
    assert_eq!(told["stays"][0]["server_samples"], json!([]));
}

#[tokio::test]
async fn what_is_old_or_not_wanted_is_not_kept() {
    let (app, livekit) =
        TestApp::start_with_recorder_and(|config| config.quality.keep_days = 0).await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    let guest = room.enter(&app, &livekit, &mut ada).await;
    let now = app.app().now().0;
    let good = report(&guest.info.sid, now, &[sample(now, 1)]);
    assert_eq!(ada.post(&room.path("/quality"), good).await.status, 204);
    let told = quality(&mut ada, &room, &guest.identity).await;
    assert_eq!(told["keep_days"], 0);
    assert_eq!(told["stays"][0]["samples"], json!([]));

    let (app, livekit, mut ada, room) = TestRoom::start().await;
    let guest = room.enter(&app, &livekit, &mut ada).await;
    let now = app.app().now().0;
    let good = report(&guest.info.sid, now, &[sample(now, 1)]);
    assert_eq!(ada.post(&room.path("/quality"), good).await.status, 204);
    for (days, kept) in [(13, 1), (2, 0)] {
        app.advance(Duration::from_hours(24 * days));
        super::clean_up(app.app()).await.unwrap();
        let told = quality(&mut ada, &room, &guest.identity).await;
        let samples = told["stays"][0]["samples"].as_array().unwrap().len();
        assert_eq!(samples, kept, "{days}");
    }
}
