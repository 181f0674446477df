//! Agents on a media server that tells nobody of its workers, and who may ask. Workers that work are in the browser's tests.

use serde_json::json;

use crate::testing::TestApp;

#[tokio::test]
async fn a_media_server_that_tells_nothing_of_its_workers_is_said_to_be_one() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let seen = admin.get("/api/agents").await;
    assert_eq!(seen.status, 200, "{seen:?}");
    assert_eq!(
        (&seen.json["supported"], &seen.json["workers"]),
        (&json!(false), &json!([]))
    );
    assert!(seen.json["server_url"].as_str().unwrap().starts_with("ws"));
    let drained = admin
        .post("/api/agents/workers/AW_1/drain", json!(null))
        .await;
    assert_eq!((drained.status, drained.code()), (501, "not_supported"));
}

#[tokio::test]
async fn only_administrators_have_to_do_with_agents() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    app.admin().await;
    let mut ada = app.user("ada").await;
    assert_eq!(ada.get("/api/agents").await.status, 403);
    let listed = ada.get("/api/agents/dispatches?room=r").await;
    assert_eq!(listed.status, 403);
    let wish = json!({"room": "r", "agent_name": "helper"});
    assert_eq!(ada.post("/api/agents/dispatches", wish).await.status, 403);
    let ended = ada.post("/api/agents/jobs/AJ_1/end", json!(null)).await;
    assert_eq!(ended.status, 403);
}

#[tokio::test]
async fn a_dispatch_names_a_room() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let refused = admin
        .post("/api/agents/dispatches", json!({"room": ""}))
        .await;
    let field = refused.json["field"].as_str();
    assert_eq!((refused.status, field), (422, Some("room")));
}
