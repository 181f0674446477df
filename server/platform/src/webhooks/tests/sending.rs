//! What a receiver gets, on the first try or again.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Got, Scene};

#[tokio::test]
async fn what_happens_is_sent_in_its_order_signed_and_without_secrets() {
    let mut scene = Scene::start().await;
    let (path, secret) = scene.webhook(json!({})).await;
    assert!(secret.starts_with("whsec_"));
    let room = scene.room().await;
    for name in ["A", "B", "C"] {
        scene.rename(&room, name).await;
    }
    scene.work().await;
    let got = scene.receiver.got();
    assert_eq!(
        scene.receiver.kinds(),
        [
            "room.created",
            "room.updated",
            "room.updated",
            "room.updated"
        ]
    );
    let names: Vec<&Value> = got[1..]
        .iter()
        .map(|got| &got.body["data"]["changes"]["name"]["to"])
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(got[1].body["data"]["by"]["name"], "Admin");
    assert_eq!(got[1].body["data"]["room_id"], room.id.as_str());
    for one in &got {
        assert!(one.signatures.starts_with("v1,"), "{one:?}");
        assert_eq!(one.timestamp, scene.app.app().now().as_seconds());
        assert!(!one.text.contains("hush"), "{one:?}");
    }
    let log = scene.log(&path, "").await;
    assert_eq!(log.len(), 4);
    assert_eq!(log[3]["type"], "room.created");
    for delivery in &log {
        assert_eq!(delivery["state"], "delivered", "{delivery}");
        assert_eq!(delivery["body"], json!(null), "lists hold no bodies");
    }
    let whole = format!("{path}/deliveries/{}", log[0]["id"].as_str().unwrap());
    let whole = scene.read(&whole).await;
    assert_eq!(whole["body"], got[3].text.as_str());
    assert_eq!(whole["headers"]["webhook-id"], got[3].id.as_str());
    assert_eq!(whole["tries"][0]["status"], 200);
    assert_eq!(whole["tries"][0]["answer"].as_str().unwrap().len(), 1024);
    let webhook = scene.read(&path).await;
    assert_eq!(
        (&webhook["last_status"], &webhook["last_error"]),
        (&json!(200), &json!(null))
    );
    // The secret was in the first answer only, and the record knows the host alone.
    for list in ["/api/webhooks", "/api/admin/audit"] {
        let text = scene.admin.get(list).await.text;
        assert!(!text.contains(&secret), "{text}");
    }
    let record = scene.admin.get("/api/admin/audit").await.text;
    assert!(
        record.contains("webhook.created") && !record.contains("hush"),
        "{record}"
    );
    // Nothing is sent twice.
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 4);
}

#[tokio::test]
async fn a_webhook_hears_what_its_filter_and_its_rooms_say() {
    let mut scene = Scene::start().await;
    let one = scene.room().await;
    let other = scene.room().await;
    let input = json!({"events": ["room.updated", "member.*"], "rooms": [one.id]});
    scene.webhook(input).await;
    scene.rename(&one, "A").await;
    scene.rename(&other, "B").await;
    scene.app.user("grace").await;
    let member = json!({"email": "grace@example.org", "role": "member"});
    scene.admin.post(&one.path("/members"), member).await;
    scene
        .admin
        .put(&one.path("/lock"), json!({"locked": true}))
        .await;
    scene.work().await;
    assert_eq!(scene.receiver.kinds(), ["room.updated", "member.added"]);
}

#[tokio::test]
async fn what_was_delivered_is_sent_again_with_the_same_id() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    let room = scene.room().await;
    for name in ["A", "B"] {
        scene.app.advance(Duration::from_mins(1));
        scene.rename(&room, name).await;
    }
    let since = scene.app.app().now() - Duration::from_secs(61);
    scene.work().await;
    let first = scene.receiver.ids();
    assert_eq!(first.len(), 3);
    let log = scene.log(&path, "").await;
    let one = format!(
        "{path}/deliveries/{}/replay",
        log[2]["id"].as_str().unwrap()
    );
    let answer = scene.admin.post(&one, json!({})).await;
    assert_eq!(
        (answer.status, &answer.json["state"]),
        (200, &json!("pending"))
    );
    scene.work().await;
    assert_eq!(scene.receiver.ids()[3..], first[..1]);
    let all = json!({ "since": since.0 });
    let answer = scene.admin.post(&format!("{path}/replay"), all).await;
    assert_eq!(
        (answer.status, &answer.json["queued"]),
        (200, &json!(2)),
        "{answer:?}"
    );
    scene.rename(&room, "C").await;
    scene.work().await;
    let ids = scene.receiver.ids();
    assert_eq!(
        ids[4..6],
        first[1..],
        "in their order, before what came later"
    );
    assert_eq!(ids.len(), 7);
    let whole = format!("{path}/deliveries/{}", log[2]["id"].as_str().unwrap());
    let whole = scene.read(&whole).await;
    assert_eq!(whole["tries"].as_array().unwrap().len(), 2);
    assert_eq!(whole["attempts"], 2);
}

#[tokio::test]
async fn a_test_is_sent_at_once_and_told() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({"events": ["room.*"]})).await;
    scene.admin.patch(&path, json!({"paused": true})).await;
    let answer = scene.admin.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(
        (answer.status, &answer.json["delivered"]),
        (200, &json!(true)),
        "{answer:?}"
    );
    assert_eq!(scene.receiver.kinds(), ["webhook.test"]);
    scene.receiver.script.lock().answers = vec![(404, &[])];
    let answer = scene.admin.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(
        (&answer.json["delivered"], &answer.json["error"]),
        (&json!(false), &json!("answered 404"))
    );
    assert!(
        answer.json["answer"]
            .as_str()
            .unwrap()
            .starts_with("thanks")
    );
    let log = scene.log(&path, "?type=webhook.test").await;
    let mut states: Vec<&str> = log.iter().map(|it| it["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["dead", "delivered"]);
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 2, "a test is not repeated");
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let mut scene = Scene::start().await;
    let (path, first) = scene.webhook(json!({})).await;
    let answer = scene
        .admin
        .post(&format!("{path}/rotate-secret"), json!({}))
        .await;
    let second = answer.json["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let room = scene.room().await;
    scene.work().await;
    scene.app.advance(Duration::from_hours(24));
    scene.rename(&room, "A").await;
    scene.work().await;
    let got = scene.receiver.got();
    let words = |got: &Got| got.signatures.split(' ').count();
    assert_eq!((words(&got[0]), words(&got[1])), (2, 1));
}
