//! Keys as administrators handle them.

use serde_json::json;

use crate::testing::TestApp;

#[tokio::test]
async fn a_secret_is_shown_once_and_never_again() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let input =
        json!({"name": " The  bot ", "grants": ["room_join", "room_join"], "rooms": ["lab-*"]});
    let made = admin.post("/api/api-keys", input).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.json["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 43);
    assert!(made.json["key"].as_str().unwrap().starts_with("API"));
    let listed = admin.get("/api/api-keys").await;
    let [key] = &listed.json["items"].as_array().unwrap()[..] else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (&key["grants"], &key["rooms"]),
        (&json!(["room_join"]), &json!(["lab-*"]))
    );
    assert!(!listed.text.contains(secret));
    assert_eq!(key["revoked_at"], json!(null));
}

#[tokio::test]
async fn a_key_that_makes_no_sense_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    for (input, field) in [
        (json!({"name": "", "grants": ["room_join"]}), "name"),
        (json!({"name": "a", "grants": []}), "grants"),
        (json!({"name": "a", "grants": ["root"]}), "grants[0]"),
        (
            json!({"name": "a", "grants": ["room_join"], "rooms": []}),
            "rooms",
        ),
        (
            json!({"name": "a", "grants": ["room_join"], "rooms": ["a*b"]}),
            "rooms",
        ),
    ] {
        let answer = admin.post("/api/api-keys", input).await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some(field)),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn only_administrators_handle_keys() {
    let app = TestApp::start().await;
    app.admin().await;
    let mut ada = app.user("ada").await;
    let input = json!({"name": "a", "grants": ["room_join"]});
    let id = "01890000-0000-7000-8000-000000000000";
    for answer in [
        ada.get("/api/api-keys").await,
        ada.post("/api/api-keys", input).await,
        ada.delete(&format!("/api/api-keys/{id}")).await,
    ] {
        assert_eq!(answer.code(), "forbidden");
    }
    assert_eq!(
        app.browser().get("/api/api-keys").await.code(),
        "unauthenticated"
    );
}
