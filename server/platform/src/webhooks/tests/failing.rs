//! What becomes of messages that are not taken.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Receiver, Scene};
use crate::clock::Timestamp;

/// What the administrator is told of webhooks.
async fn health(scene: &mut Scene) -> Value {
    let health = scene.admin.get("/api/admin/health").await.json;
    let mut parts = health["parts"].as_array().unwrap().iter();
    parts
        .find(|part| part["part"] == "webhooks")
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_message_that_is_not_taken_is_tried_again_and_holds_the_others_back() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    scene.receiver.script.lock().answers = vec![(500, &[]), (429, &[("retry-after", "90")])];
    let room = scene.room().await;
    scene.rename(&room, "A").await;
    scene.work().await;
    assert_eq!(scene.receiver.kinds(), ["room.created"]);
    let log = scene.log(&path, "").await;
    assert_eq!(
        (&log[0]["state"], &log[1]["state"]),
        (&json!("pending"), &json!("failed"))
    );
    assert_eq!(log[1]["last_error"], "answered 500");
    let webhook = scene.read(&path).await;
    assert!(webhook["failing_since"].is_i64(), "{webhook}");
    assert_eq!(health(&mut scene).await["reason"], "takes_nothing");
    // Five to six seconds later it is due, and not before.
    scene.app.advance(Duration::from_secs(4));
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 1);
    scene.app.advance(Duration::from_secs(2));
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 2);
    // The receiver asked for a minute and a half.
    scene.app.advance(Duration::from_secs(89));
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 2);
    scene.app.advance(Duration::from_secs(1));
    scene.work().await;
    assert_eq!(
        scene.receiver.kinds(),
        [
            "room.created",
            "room.created",
            "room.created",
            "room.updated"
        ]
    );
    let ids = scene.receiver.ids();
    assert!(
        ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3],
        "{ids:?}"
    );
    assert_eq!(scene.read(&path).await["failing_since"], json!(null));
    assert_eq!(health(&mut scene).await["state"], "ok");
    let failed = scene.log(&path, "?state=failed").await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(
        scene
            .log(&path, "?state=delivered&type=room.created")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_gets_everything_once_it_is_back() {
    let mut scene = Scene::start().await;
    scene.webhook(json!({})).await;
    scene.receiver.script.lock().always = Some(503);
    let room = scene.room().await;
    for minute in 0..60 {
        scene.rename(&room, &format!("name {minute}")).await;
        scene.work().await;
        scene.app.advance(Duration::from_mins(1));
    }
    let tried = scene.receiver.got();
    assert!(
        tried.len() < 8,
        "it is left alone for longer and longer: {}",
        tried.len()
    );
    assert!(
        tried.iter().all(|got| got.id == tried[0].id),
        "the others wait"
    );
    scene.receiver.script.lock().always = None;
    scene.app.advance(Duration::from_hours(2));
    scene.work().await;
    let got = scene.receiver.got().split_off(tried.len());
    assert_eq!(got.len(), 61);
    assert_eq!((&got[0].id, got[0].kind()), (&tried[0].id, "room.created"));
    for (minute, got) in got[1..].iter().enumerate() {
        let name = format!("name {minute}");
        assert_eq!(got.body["data"]["changes"]["name"]["to"], name.as_str());
    }
}

#[tokio::test]
async fn after_three_days_the_webhook_is_paused_and_says_so_and_loses_nothing() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({"events": ["room.*"]})).await;
    let witness = Receiver::start().await;
    let input = json!({"url": witness.url(), "events": ["webhook.*"]});
    scene.admin.post("/api/webhooks", input).await;
    scene.receiver.script.lock().always = Some(500);
    let room = scene.room().await;
    scene.rename(&room, "A").await;
    let began = scene.app.app().now();
    let mut hours = 0;
    while scene.read(&path).await["paused_at"].is_null() {
        scene.work().await;
        scene.app.advance(Duration::from_hours(1));
        hours += 1;
        assert!(hours < 100);
    }
    let webhook = scene.read(&path).await;
    let paused_at = webhook["paused_at"].as_i64().unwrap();
    let waited = Timestamp(paused_at).since(began);
    assert!(
        waited >= Duration::from_hours(72) && waited < Duration::from_hours(74),
        "{waited:?}"
    );
    assert_eq!(webhook["paused_because"], "no_answer");
    let tried = scene.receiver.got().len();
    assert!((12..20).contains(&tried), "{tried}");
    // It is told and on record, and nothing is sent any more.
    scene.work().await;
    assert_eq!(witness.kinds(), ["webhook.paused"]);
    assert_eq!(witness.got()[0].body["data"]["reason"], "no_answer");
    let record = &scene.read("/api/admin/audit").await["items"][0];
    assert_eq!(
        (&record["action"], &record["actor"]["name"]),
        (&json!("webhook.paused"), &json!("server"))
    );
    assert_eq!(scene.receiver.got().len(), tried);
    // Resumed, it goes on with what waits, the oldest first.
    scene.receiver.script.lock().always = None;
    let resumed = scene.admin.patch(&path, json!({"paused": false})).await;
    assert_eq!(resumed.json["paused_at"], json!(null), "{resumed:?}");
    scene.work().await;
    let kinds = scene.receiver.kinds().split_off(tried);
    assert_eq!(kinds, ["room.created", "room.updated"]);
}

#[tokio::test]
async fn a_message_that_is_never_taken_is_given_up_the_second_time() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    scene.receiver.script.lock().always = Some(400);
    let room = scene.room().await;
    scene.rename(&room, "A").await;
    for _ in 0..2 {
        for _ in 0..80 {
            scene.work().await;
            scene.app.advance(Duration::from_hours(1));
        }
        assert_eq!(scene.read(&path).await["paused_because"], "no_answer");
        scene.admin.patch(&path, json!({"paused": false})).await;
    }
    scene.receiver.script.lock().always = None;
    let before = scene.receiver.got().len();
    scene.work().await;
    assert_eq!(scene.receiver.kinds().split_off(before), ["room.updated"]);
    let dead = scene.log(&path, "?state=dead").await;
    assert_eq!((dead.len(), &dead[0]["type"]), (1, &json!("room.created")));
}

#[tokio::test]
async fn a_redirect_is_refused_and_a_receiver_that_is_gone_is_left_alone() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    let elsewhere = Receiver::start().await;
    scene.receiver.script.lock().answers = vec![
        (
            307,
            &[("location", "http://127.0.0.1:1/elsewhere?token=hush")],
        ),
        (410, &[]),
    ];
    scene.room().await;
    scene.work().await;
    let log = scene.log(&path, "").await;
    let error = log[0]["last_error"].as_str().unwrap();
    assert!(
        error.contains("/elsewhere") && !error.contains("hush"),
        "{error}"
    );
    assert_eq!(
        (&log[0]["last_status"], &log[0]["state"]),
        (&json!(307), &json!("failed"))
    );
    assert!(elsewhere.got().is_empty());
    scene.app.advance(Duration::from_secs(6));
    scene.work().await;
    let webhook = scene.read(&path).await;
    assert_eq!(webhook["paused_because"], "gone");
    assert_eq!(scene.receiver.got().len(), 2);
}

#[tokio::test]
async fn a_paused_webhook_keeps_what_happens() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    let paused = scene.admin.patch(&path, json!({"paused": true})).await;
    assert_eq!(paused.json["paused_because"], "by_hand");
    let room = scene.room().await;
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 0);
    scene.admin.patch(&path, json!({"paused": false})).await;
    scene.rename(&room, "A").await;
    scene.work().await;
    assert_eq!(scene.receiver.kinds(), ["room.created", "room.updated"]);
}
