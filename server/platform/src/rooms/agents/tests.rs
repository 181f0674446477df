//! Which agents a room's calls begin with, from outside: what CreateRoom is asked for.

use std::time::Duration;

use livekit_protocol as proto;
use serde_json::{Value, json};

use crate::{
    livekit::room_service::RoomName,
    rooms,
    testing::{FakeLiveKit, TestApp, TestRoom},
};

/// What the next call begins with, by name and metadata.
async fn comes_with(
    (app, livekit): (&TestApp, &FakeLiveKit),
    room: &TestRoom,
) -> Vec<(String, String)> {
    // As the signal socket does for whoever comes in.
    let name = RoomName(room.id.clone());
    rooms::open_by_name(app.app(), &name).await.unwrap();
    let calls = livekit.calls("CreateRoom");
    let request: proto::CreateRoomRequest = calls.last().unwrap().request();
    let agents = request.agents.into_iter();
    agents
        .map(|agent| (agent.agent_name, agent.metadata))
        .collect()
}

#[tokio::test]
async fn a_call_begins_with_the_agents_of_its_room_until_they_are_taken_off() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    let other = TestRoom::create(&mut ada, json!({})).await;
    let site = (&app, &livekit);

    let helper = json!({"agent_name": "helper", "metadata": "be kind"});
    let added = admin.post(&room.path("/agents"), helper.clone()).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(added.json["room"], room.slug);
    let again = admin.post(&room.path("/agents"), helper).await;
    assert_eq!((again.status, again.code()), (409, "already_added"));
    app.advance(Duration::from_millis(1));
    let everybody = admin.post(&room.path("/agents"), json!({})).await;
    assert_eq!(everybody.status, 201, "{everybody:?}");

    let listed = admin.get(&room.path("/agents")).await;
    assert_eq!(listed.json, json!([added.json, everybody.json]));
    let all = admin.get("/api/agents/rooms?limit=1").await;
    assert_eq!(all.json["items"], json!([everybody.json]));
    let cursor = all.json["next_cursor"].as_str().unwrap();
    let rest = format!("/api/agents/rooms?cursor={cursor}");
    assert_eq!(admin.get(&rest).await.json["items"], json!([added.json]));

    let told = |name: &str, metadata: &str| (name.to_owned(), metadata.to_owned());
    let both = [told("helper", "be kind"), told("", "")];
    assert_eq!(comes_with(site, &room).await, both);
    assert_eq!(comes_with(site, &other).await, []);

    let path = room.path(&format!("/agents/{}", added.json["id"].as_str().unwrap()));
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.delete(&path).await.status, 404);
    assert_eq!(comes_with(site, &room).await, [told("", "")]);

    let audit = admin.get(&room.path("/audit")).await;
    let records: Vec<&Value> = audit.json["items"].as_array().unwrap().iter().collect();
    let actions = records.iter().map(|record| &record["action"]);
    let mut actions: Vec<_> = actions.filter_map(Value::as_str).collect();
    // Those of one millisecond have no order.
    actions.sort_unstable();
    let expected = [
        "room.agent_added",
        "room.agent_added",
        "room.agent_removed",
        "room.created",
    ];
    assert_eq!(actions, expected);
    assert!(!audit.json.to_string().contains("be kind"));
}

#[tokio::test]
async fn an_agent_is_sent_into_a_room_that_is_opened_as_it_is_set() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let room = TestRoom::create(&mut admin, json!({})).await;
    let helper = json!({"agent_name": "helper"});
    admin.post(&room.path("/agents"), helper).await;
    let wish = json!({"room": room.slug, "agent_name": "another"});
    admin.post("/api/agents/dispatches", wish).await;
    let opened: proto::CreateRoomRequest = livekit.calls("CreateRoom")[0].request();
    assert_eq!(opened.agents[0].agent_name, "helper");
}

#[tokio::test]
async fn a_deleted_room_has_no_agents_and_no_room_has_too_many() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let room = TestRoom::create(&mut admin, json!({})).await;
    for number in 0..16 {
        let agent = json!({"agent_name": format!("agent-{number}")});
        let added = admin.post(&room.path("/agents"), agent).await;
        assert_eq!(added.status, 201, "{added:?}");
    }
    let one = admin.post(&room.path("/agents"), json!({})).await;
    assert_eq!((one.status, one.code()), (409, "too_many"));
    assert_eq!(admin.delete(&room.path("")).await.status, 204);
    let all = admin.get("/api/agents/rooms").await;
    assert_eq!(all.json["items"], json!([]));
    assert_eq!(admin.get(&room.path("/agents")).await.status, 404);
}

#[tokio::test]
async fn whose_room_it_is_decides_nothing_about_agents() {
    let app = TestApp::start().await;
    app.admin().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    assert_eq!(ada.get(&room.path("/agents")).await.status, 403);
    let refused = ada.post(&room.path("/agents"), json!({})).await;
    assert_eq!((refused.status, refused.code()), (403, "forbidden"));
}
