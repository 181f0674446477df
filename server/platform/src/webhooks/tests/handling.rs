//! Who may handle webhooks, and what is refused.

use serde_json::json;

use super::Scene;
use crate::testing::{Answer, TestApp};

fn refused(answer: &Answer) -> (u16, &str, &str) {
    let field = answer.json["field"].as_str().unwrap_or_default();
    let code = answer.json["errors"][0]["code"].as_str();
    (answer.status, field, code.unwrap_or_default())
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_field() {
    let mut scene = Scene::start().await;
    let url = scene.receiver.url();
    let room = "01890000-0000-7000-8000-000000000000";
    for (input, field, code) in [
        (json!({"url": "nowhere"}), "url", "not_an_address"),
        (
            json!({"url": "http://u:p@127.0.0.1/"}),
            "url",
            "user_in_url",
        ),
        (
            json!({"url": url, "events": ["room.*", "room.created", "room.eaten"]}),
            "events[2]",
            "invalid",
        ),
        (
            json!({"url": url, "rooms": [room]}),
            "rooms[0]",
            "unknown_room",
        ),
        (
            json!({"url": url, "description": "x".repeat(201)}),
            "description",
            "invalid",
        ),
        (json!({"events": []}), "url", "missing"),
    ] {
        let answer = scene.admin.post("/api/webhooks", input).await;
        assert_eq!(refused(&answer), (422, field, code), "{answer:?}");
    }
    let (path, _) = scene.webhook(json!({})).await;
    let answer = scene.admin.patch(&path, json!({"url": ""})).await;
    assert_eq!(refused(&answer), (422, "url", "not_an_address"));
    scene.admin.set_header(http::header::IF_MATCH, "\"1\"");
    let answer = scene.admin.patch(&path, json!({"description": "a"})).await;
    assert_eq!(answer.code(), "changed_meanwhile");
}

#[tokio::test]
async fn private_addresses_are_refused_unless_the_configuration_allows_them() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    for (url, code) in [
        ("https://127.0.0.1/", "private_address"),
        ("https://[::ffff:10.0.0.1]/", "private_address"),
        ("http://example.org/", "not_https"),
    ] {
        let answer = admin.post("/api/webhooks", json!({ "url": url })).await;
        assert_eq!(refused(&answer), (422, "url", code), "{answer:?}");
    }
    // A name says where it leads only when it is looked up: then it is refused.
    let answer = admin
        .post("/api/webhooks", json!({"url": "https://localhost:1/"}))
        .await;
    let path = format!("/api/webhooks/{}/test", answer.json["id"].as_str().unwrap());
    let answer = admin.post(&path, json!({})).await;
    let error = answer.json["error"].as_str().unwrap();
    assert!(error.contains("is not public"), "{error}");
    assert!(
        error.contains("webhooks.allow_private_addresses"),
        "{error}"
    );
}

#[tokio::test]
async fn only_administrators_handle_webhooks() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    let mut ada = scene.app.user("ada").await;
    for answer in [
        ada.get("/api/webhooks").await,
        ada.post("/api/webhooks", json!({"url": "https://example.org/"}))
            .await,
        ada.get(&path).await,
        ada.patch(&path, json!({})).await,
        ada.delete(&path).await,
        ada.post(&format!("{path}/test"), json!({})).await,
        ada.post(&format!("{path}/rotate-secret"), json!({})).await,
        ada.get(&format!("{path}/deliveries")).await,
        ada.post(&format!("{path}/replay"), json!({"since": 0}))
            .await,
    ] {
        assert_eq!(answer.code(), "forbidden", "{answer:?}");
    }
}
