//! Live rooms from outside: what an administrator sees and does, in rooms of the site and of programs.

use std::time::Duration;

use livekit_protocol as proto;
use serde_json::{Value, json};

use crate::{
    livekit::room_service::RoomName,
    livekit_events,
    testing::{
        FakeLiveKit, TestApp, TestClient, TestRoom,
        livekit::{Behaviour, deliver},
    },
};

const FOREIGN: &str = "/api/livekit/rooms/town%20hall%2F1";

/// A room of Ada's with a guest in it, and beside it one that a program made.
async fn scene() -> (TestApp, FakeLiveKit, TestClient, TestRoom, String) {
    let (app, livekit, mut ada, room) = Box::pin(TestRoom::start()).await;
    let mut guest = app.browser();
    room.enter(&app, &livekit, &mut ada).await;
    let guest = room.enter(&app, &livekit, &mut guest).await;
    livekit.enter("town hall/1", "bot", app.app().now());
    let admin = app.admin().await;
    // Records of one moment stand in any order.
    app.advance(Duration::from_millis(1));
    (app, livekit, admin, room, guest.identity)
}

/// What is on record, newest first: action, target, and the live room that it names.
async fn records(admin: &mut TestClient) -> Vec<(String, Value)> {
    let records = admin.get("/api/admin/audit").await.json;
    let items = records["items"].as_array().unwrap();
    let told = items.iter().map(|record| {
        let action = record["action"].as_str().unwrap().to_owned();
        (action, record["target"].clone())
    });
    told.collect()
}

#[tokio::test]
async fn own_and_foreign_rooms_are_listed_with_what_is_on_record_beside() {
    let (app, livekit, mut admin, room, _) = scene().await;
    let listed = admin.get("/api/livekit/rooms").await.json;
    assert_eq!(listed["reconciled_at"], Value::Null);
    let items = listed["items"].as_array().unwrap();
    let own = items.iter().find(|item| item["name"] == room.id).unwrap();
    assert_eq!(own["site_room"]["slug"], room.slug.as_str());
    assert_eq!(own["site_room"]["name"], "Standup");
    assert_eq!(
        (&own["num_participants"], &own["site_room"]["present"]),
        (&json!(2), &json!(2))
    );
    let foreign = items.iter().find(|item| item["name"] == "town hall/1");
    assert_eq!(foreign.unwrap()["site_room"], Value::Null);
    // The media server knows of somebody whom no webhook told of, until the next listing.
    livekit.enter(&room.id, "g-late", app.app().now());
    app.advance(Duration::from_secs(15));
    let people = format!("/api/livekit/rooms/{}/participants", room.id);
    let people_now = admin.get(&people).await.json;
    let count = |json: &Value, of: &str| json[of].as_array().unwrap().len();
    assert_eq!(
        (count(&people_now, "items"), count(&people_now, "recorded")),
        (3, 2)
    );
    livekit_events::reconcile_now(app.app()).await.unwrap();
    let people_now = admin.get(&people).await.json;
    assert_eq!(count(&people_now, "recorded"), 3);
    assert_eq!(people_now["reconciled_at"], app.app().now().0);
    let found = admin.get("/api/livekit/rooms?query=STAND").await.json;
    assert_eq!(count(&found, "items"), 1);
}

#[tokio::test]
async fn a_kick_from_the_panel_holds_against_the_token_as_any_kick() {
    let (app, livekit, mut admin, room, guest) = scene().await;
    let path = format!("/api/livekit/rooms/{}/participants/{guest}", room.id);
    assert_eq!(admin.get(&path).await.json["identity"], guest.as_str());
    assert_eq!(admin.delete(&path).await.status, 204);
    assert!(!livekit.identities(&room.id).contains(&guest));
    // Back with the old token, past the signal proxy.
    livekit.enter(&room.id, &guest, app.app().now());
    app.advance(Duration::from_secs(15));
    livekit_events::reconcile_now(app.app()).await.unwrap();
    assert!(!livekit.identities(&room.id).contains(&guest));
    assert_eq!(
        records(&mut admin).await[0],
        ("participant.kicked".to_owned(), json!(guest))
    );
    assert_eq!(admin.delete(&path).await.code(), "not_found");
}

#[tokio::test]
async fn a_track_is_muted_in_own_rooms_by_our_record_and_in_foreign_ones_by_livekit() {
    let (app, livekit, mut admin, room, guest) = scene().await;
    for (name, in_path, identity, action) in [
        (
            room.id.as_str(),
            room.id.as_str(),
            guest.as_str(),
            "participant.muted",
        ),
        (
            "town hall/1",
            "town%20hall%2F1",
            "bot",
            "live_participant.muted",
        ),
    ] {
        let sid = livekit.publish(name, identity, proto::TrackSource::Microphone);
        let person = format!("/api/livekit/rooms/{in_path}/participants/{identity}");
        let track = admin.get(&person).await.json["tracks"][0].clone();
        assert_eq!(track["sid"], sid.as_str());
        assert_eq!(
            (&track["source"], &track["muted"]),
            (&json!("microphone"), &json!(false))
        );
        app.advance(Duration::from_millis(1));
        let mute = |sid: &str| format!("{person}/tracks/{sid}/mute");
        assert_eq!(admin.post(&mute(&sid), json!({})).await.status, 204);
        assert_eq!(admin.get(&person).await.json["tracks"][0]["muted"], true);
        assert_eq!(
            records(&mut admin).await[0],
            (action.to_owned(), json!(identity))
        );
        assert_eq!(
            admin.post(&mute("TR_no"), json!({})).await.code(),
            "not_found"
        );
    }
}

#[tokio::test]
async fn a_foreign_room_is_made_changed_written_to_and_ended() {
    let (app, livekit, mut admin, _, _) = scene().await;
    let room = json!({
        "name": "made here", "empty_timeout": 60, "departure_timeout": 5, "max_participants": 3,
        "metadata": "m",
    });
    let made = admin.post("/api/livekit/rooms", room).await;
    assert_eq!(made.status, 201, "{made:?}");
    for (field, value) in [
        ("empty_timeout", json!(60)),
        ("departure_timeout", json!(5)),
        ("max_participants", json!(3)),
        ("metadata", json!("m")),
        ("site_room", Value::Null),
    ] {
        assert_eq!(made.json[field], value, "{field}");
    }
    app.advance(Duration::from_millis(1));
    let changed = admin.patch(FOREIGN, json!({"metadata": "topic"})).await;
    assert_eq!(changed.json["metadata"], "topic", "{changed:?}");
    app.advance(Duration::from_millis(1));
    let data = json!({"payload": "aGk=", "base64": true, "topic": "t", "to": ["bot"]});
    let sent = admin.post(&format!("{FOREIGN}/data"), data).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let request: proto::SendDataRequest = livekit.calls("SendData")[0].request();
    assert_eq!(request.data, b"hi");
    assert_eq!(request.destination_identities, ["bot"]);
    let bad = json!({"payload": "%", "base64": true});
    let refused = admin.post(&format!("{FOREIGN}/data"), bad).await;
    assert_eq!(
        (refused.status, refused.json["field"].as_str()),
        (422, Some("payload"))
    );
    app.advance(Duration::from_millis(1));
    let change = json!({
        "name": "Bot", "attributes": {"mood": "good"},
        "permission": {"can_publish_sources": ["microphone"], "can_publish_data": false},
    });
    let bot = format!("{FOREIGN}/participants/bot");
    let updated = admin.patch(&bot, change).await;
    assert_eq!(updated.status, 200, "{updated:?}");
    assert_eq!(updated.json["name"], "Bot");
    assert_eq!(updated.json["attributes"], json!({"mood": "good"}));
    let permission = &updated.json["permission"];
    assert_eq!(permission["can_publish_sources"], json!(["microphone"]));
    assert_eq!(
        (
            &permission["can_subscribe"],
            &permission["can_publish_data"]
        ),
        (&json!(true), &json!(false)),
        "what is left out stays"
    );
    app.advance(Duration::from_millis(1));
    assert_eq!(admin.delete(&bot).await.status, 204);
    app.advance(Duration::from_millis(1));
    assert_eq!(admin.delete(FOREIGN).await.status, 204);
    assert_eq!(admin.get(FOREIGN).await.code(), "not_found");
    assert_eq!(admin.delete(FOREIGN).await.code(), "not_found");
    let told: Vec<_> = records(&mut admin)
        .await
        .into_iter()
        .map(|(action, _)| action)
        .collect();
    assert_eq!(
        told[..6],
        [
            "live_room.ended",
            "live_participant.removed",
            "live_participant.updated",
            "live_room.data_sent",
            "live_room.updated",
            "live_room.created",
        ]
    );
}

#[tokio::test]
async fn what_the_site_decides_in_its_own_rooms_is_not_done_around_it() {
    let (app, livekit, mut admin, room, guest) = scene().await;
    let person = format!("/api/livekit/rooms/{}/participants/{guest}", room.id);
    let change = json!({"permission": {"can_publish": false}});
    assert_eq!(admin.patch(&person, change).await.code(), "own_room");
    let change = json!({"attributes": {"token_generation": "9"}});
    let refused = admin.patch(&person, change).await;
    assert_eq!(refused.json["errors"][0]["code"], "site_attribute");
    let unseen = admin.patch(&person, json!({"name": "\u{200b}"})).await;
    assert_eq!(
        (unseen.status, unseen.json["field"].as_str()),
        (422, Some("name"))
    );
    let made = admin
        .post("/api/livekit/rooms", json!({"name": room.id}))
        .await;
    assert_eq!(made.code(), "own_room");
    // Its end withdraws tokens, as from its own page.
    let name = RoomName(room.id.clone());
    let listed = app.app().livekit.list_participants(&name, app.app().now());
    let listed = listed.await.unwrap();
    let info = listed.iter().find(|info| info.identity == guest).unwrap();
    let before = livekit.calls("DeleteRoom").len();
    let path = format!("/api/livekit/rooms/{}", room.id);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(livekit.calls("DeleteRoom").len(), before + 1);
    assert_eq!(records(&mut admin).await[0].0, "room.ended");
    let attributes = info.attributes.clone();
    livekit.enter_with(&room.id, &guest, attributes, app.app().now());
    livekit_events::reconcile_now(app.app()).await.unwrap();
    assert!(!livekit.identities(&room.id).contains(&guest));
}

#[tokio::test]
async fn who_runs_a_room_is_renamed_by_nobody_and_the_list_says_upon_whom_one_may_act() {
    let (app, _livekit, mut admin, room, guest) = scene().await;
    let mut support = app.user("support").await;
    let path = format!("/api/users/{}", support.user_id);
    admin.patch(&path, json!({"role": "support"})).await;
    let people = format!("/api/livekit/rooms/{}/participants", room.id);
    for client in [&mut admin, &mut support] {
        let listed = client.get(&people).await.json;
        let items = listed["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        for one in items {
            let identity = one["identity"].as_str().unwrap();
            let path = format!("{people}/{identity}");
            let renamed = client.patch(&path, json!({"name": "Eve"})).await;
            let may = identity == guest;
            assert_eq!(one["may_moderate"], json!(may), "{one}");
            assert_eq!(renamed.status, if may { 200 } else { 403 }, "{renamed:?}");
        }
    }
}

#[tokio::test]
async fn nobody_but_administrators_sees_live_rooms_and_a_media_server_that_is_away_is_told_so() {
    let (app, livekit, mut admin, _, _) = scene().await;
    let mut ada = app.user("grace").await;
    assert_eq!(ada.get("/api/livekit/rooms").await.code(), "forbidden");
    assert_eq!(app.browser().get(FOREIGN).await.code(), "unauthenticated");
    livekit.behave(Behaviour::Say(503, "away"));
    assert_eq!(
        admin.get("/api/livekit/rooms").await.code(),
        "media_unavailable"
    );
    let refusal = r#"{"code":"invalid_argument","msg":"too long"}"#;
    livekit.behave(Behaviour::Say(400, refusal));
    let refused = admin.patch(FOREIGN, json!({"metadata": "x"})).await;
    assert_eq!(
        (refused.status, refused.code()),
        (422, "media_refused"),
        "{refused:?}"
    );
    livekit.behave(Behaviour::Normal);
    // A name that is no room's, as the webhook's room would be, is none of the site's.
    let info = livekit.enter("not-a-uuid", "x", app.app().now());
    let event = livekit.event(
        "participant_joined",
        "not-a-uuid",
        Some(&info),
        app.app().now(),
    );
    assert_eq!(deliver(&app, &event).await.status, 200);
    let shown = admin.get("/api/livekit/rooms/not-a-uuid").await.json;
    assert_eq!(shown["site_room"], Value::Null);
}
