//! Settings that administrators change while the site runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::{in_force::refresh, model::SettingKey, store};
use crate::config::Registration;
use crate::testing::{TestApp, TestClient};

const PATH: &str = "/api/admin/settings";

async fn register(app: &TestApp, name: &str) -> u16 {
    let account = json!({
        "email": format!("{name}@example.org"), "name": name, "password": "correct horse battery",
    });
    app.browser()
        .post("/api/auth/register", account)
        .await
        .status
}

async fn new_room(client: &mut TestClient) -> Value {
    client.post("/api/rooms", json!({"name": "Lab"})).await.json
}

#[tokio::test]
async fn what_is_changed_holds_at_once_and_is_given_back() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    assert_eq!(register(&app, "grace").await, 201);
    let change = json!({
        "site_name": " The\u{200b} Lab ", "registration": "closed", "guests_allowed": false, "max_participants": 9,
        "keep_recordings_days": 30,
    });
    let changed = admin.patch(PATH, change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json["in_force"]["site_name"], "The Lab");
    assert_eq!(changed.json["configured"]["registration"], "open");
    assert_eq!(changed.json["changed"].as_array().unwrap().len(), 5);
    assert_eq!(changed.json["changed"][0]["key"], "auth.registration");
    let site = app.browser().get("/api/site").await.json;
    assert_eq!(
        (&site["name"], &site["registration"]),
        (&json!("The Lab"), &json!("closed"))
    );
    assert_eq!(register(&app, "hedy").await, 403);
    let room = new_room(&mut admin).await;
    assert_eq!(
        (
            &room["guests_allowed"],
            &room["max_participants"],
            &room["recording"]["keep_days"]
        ),
        (&json!(false), &json!(9), &json!(30))
    );

    let config = admin.get("/api/config").await.json;
    let mut keys = config.as_array().unwrap().iter();
    let key = keys
        .find(|setting| setting["key"] == "auth.registration")
        .unwrap();
    assert_eq!(
        (&key["value"], &key["source"]),
        (&json!("closed"), &json!("administrator"))
    );
    let same = admin
        .patch(PATH, json!({"registration": "closed"}))
        .await
        .json;
    assert_eq!(
        same["changed"][0]["updated_at"],
        changed.json["changed"][0]["updated_at"]
    );
    // Records of one moment stand in any order.
    app.advance(Duration::from_millis(1));
    let back = json!({"registration": null, "max_participants": null});
    let back = admin.patch(PATH, back).await;
    assert_eq!(back.json["in_force"]["registration"], "open");
    assert_eq!(
        back.json["in_force"]["guests_allowed"], false,
        "what is left out stays"
    );
    assert_eq!(back.json["changed"].as_array().unwrap().len(), 3);
    assert_eq!(register(&app, "hedy").await, 201);
    assert_eq!(new_room(&mut admin).await["max_participants"], 0);
    let record = admin.get("/api/admin/audit").await.json;
    let of_settings = record["items"].as_array().unwrap().iter();
    let of_settings: Vec<_> = of_settings
        .filter(|entry| entry["action"] == "settings.updated")
        .collect();
    assert_eq!(of_settings.len(), 2);
    let told = &of_settings[0]["detail"]["changes"]["registration"];
    assert_eq!(told, &json!({"from": "closed", "to": "open"}));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_named_and_nothing_else_of_it_is_done() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    for (change, field) in [
        (json!({"max_participants": 10_001}), "max_participants"),
        (
            json!({"keep_recordings_days": 36_501}),
            "keep_recordings_days",
        ),
        (json!({"site_name": ""}), "site_name"),
        (
            json!({"site_name": "\u{200b}", "registration": "closed"}),
            "site_name",
        ),
    ] {
        let refused = admin.patch(PATH, change).await;
        let named = refused.json["field"].as_str();
        assert_eq!((refused.status, named), (422, Some(field)), "{refused:?}");
    }
    assert_eq!(admin.get(PATH).await.json["changed"], json!([]));
    let mut auditor = app.user("auditor").await;
    let path = format!("/api/users/{}", auditor.user_id);
    admin.patch(&path, json!({"role": "auditor"})).await;
    assert_eq!(auditor.get(PATH).await.status, 200);
    assert_eq!(auditor.patch(PATH, json!({})).await.status, 403);
}

#[tokio::test]
async fn a_change_of_another_server_is_taken_up_and_one_of_a_newer_version_left_alone() {
    let app = TestApp::start().await;
    let app = app.app();
    let mut tx = app.db.begin().await.unwrap();
    for (key, value) in [
        (SettingKey::Registration, "\"by_letter\""),
        (SettingKey::MaxParticipants, "7"),
    ] {
        store::set(&mut tx, key, value, "Ada", app.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(app.settings.get().max_participants, 0);
    refresh(app).await.unwrap();
    let settings = app.settings.get();
    assert_eq!(settings.max_participants, 7);
    assert_eq!(settings.registration, Registration::Open);
}
