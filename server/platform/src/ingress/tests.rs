//! Ingresses of a media server that has them and of one that has not, and who may see and do what. Encoders that publish are
//! in the browser's tests.

use livekit_protocol as proto;
use serde_json::{Value, json};

use crate::{
    db::outbox,
    testing::{
        FakeLiveKit, TestApp, TestClient, TestRoom,
        livekit::{API_SECRET, deliver, sign},
    },
};

const PATH: &str = "/api/ingress";

async fn start() -> (TestApp, FakeLiveKit, TestClient) {
    let (app, livekit) = TestApp::start_with_livekit().await;
    livekit.take_streams();
    let admin = app.admin().await;
    (app, livekit, admin)
}

fn stage(room: &str) -> Value {
    json!({"name": "Stage", "kind": "whip", "room": room})
}

#[tokio::test]
async fn a_media_server_that_takes_no_streams_says_what_it_needs() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let listed = admin.get(PATH).await.json;
    assert_eq!(
        listed,
        json!({"supported": false, "rtmp_needs_ffmpeg": false, "items": []})
    );
    let refused = admin.post(PATH, stage("lab")).await;
    let told = (refused.status, refused.code());
    assert_eq!(told, (501, "needs_redis"), "{refused:?}");
    assert!(refused.text.contains("Redis"));
}

#[tokio::test]
async fn an_ingress_is_made_seen_changed_and_deleted_and_all_is_on_record() {
    let (app, livekit, mut admin) = start().await;
    let made = admin.post(PATH, stage("lab")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json["id"].as_str().unwrap().to_owned();
    let key = made.json["stream_key"].as_str().unwrap().to_owned();
    assert_eq!(made.json["participant_name"], "Stage");
    assert!(made.json["url"].as_str().unwrap().ends_with("/w"));
    let call: proto::CreateIngressRequest = livekit.calls("CreateIngress")[0].request();
    assert!(call.participant_identity.starts_with("ingress-"));
    let seen = admin.get(PATH).await.json;
    assert_eq!(seen["items"][0]["stream_key"], json!(key));
    assert_eq!(seen["items"][0]["status"], "inactive");
    let path = format!("{PATH}/{id}");
    let changed = admin.patch(&path, json!({"enabled": false})).await;
    assert_eq!(
        (changed.status, &changed.json["enabled"]),
        (200, &json!(false))
    );
    let wish = json!({
        "name": "Balcony", "room": "hall", "participant_name": "Camera two",
        "participant_identity": "camera-2",
    });
    let moved = admin.patch(&path, wish.clone()).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    for (name, value) in wish.as_object().unwrap() {
        assert_eq!(&moved.json[name], value, "{name}");
    }
    assert_eq!(moved.json["enabled"], json!(false), "as it was");
    for field in ["name", "room", "participant_name", "participant_identity"] {
        let refused = admin.patch(&path, json!({ field: "" })).await;
        let told = (refused.status, refused.json["field"].as_str());
        assert_eq!(told, (422, Some(field)), "{refused:?}");
    }
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.delete(&path).await.code(), "not_found");
    assert_eq!(admin.patch(&path, json!({})).await.code(), "not_found");
    let audit = admin.get("/api/admin/audit").await.text;
    for action in ["ingress.created", "ingress.updated", "ingress.deleted"] {
        assert!(audit.contains(action), "{action}");
    }
    assert!(!audit.contains(&key), "a record is no place for a secret");
    drop(app);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_field() {
    let (_app, _livekit, mut admin) = start().await;
    for (input, status, told) in [
        (
            json!({"name": "", "kind": "whip", "room": "lab"}),
            422,
            "name",
        ),
        (
            json!({"name": "Stage", "kind": "whip", "room": ""}),
            422,
            "room",
        ),
        (
            json!({"name": "Stage", "kind": "url", "room": "lab"}),
            422,
            "kind",
        ),
        (
            json!({"name": "Stage", "kind": "rtmp", "room": "lab"}),
            501,
            "",
        ),
    ] {
        let refused = admin.post(PATH, input).await;
        let field = refused.json["field"].as_str().unwrap_or_default();
        assert_eq!((refused.status, field), (status, told), "{refused:?}");
    }
}

#[tokio::test]
async fn who_only_looks_sees_no_stream_key() {
    let (app, _livekit, mut admin) = start().await;
    admin.post(PATH, stage("lab")).await;
    let mut olga = app.user("olga").await;
    assert_eq!(olga.get(PATH).await.status, 403);
    let path = format!("/api/users/{}", olga.user_id);
    let changed = admin.patch(&path, json!({"role": "auditor"})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let seen = olga.get(PATH).await;
    assert_eq!(seen.status, 200, "{seen:?}");
    assert_eq!(seen.json["items"][0]["stream_key"], Value::Null);
    assert!(!seen.text.contains("streamkey"));
    assert_eq!(olga.post(PATH, stage("lab")).await.status, 403);
}

#[tokio::test]
async fn a_room_is_named_by_its_link_and_opened_before_its_encoder_comes() {
    let (app, livekit, _ada, room) = TestRoom::start().await;
    livekit.take_streams();
    let mut admin = app.admin().await;
    let made = admin.post(PATH, stage(&room.slug)).await.json;
    assert_eq!(
        (&made["room"], &made["link"]),
        (&json!(room.id), &json!(room.slug))
    );
    let opened = livekit.calls("CreateRoom").len();
    let key = made["stream_key"].as_str().unwrap();
    let request = http::Request::post("/w")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/sdp")
        .body(axum::body::Body::from("v=0"))
        .unwrap();
    assert_eq!(app.browser().request(request).await.status, 201);
    assert_eq!(livekit.calls("CreateRoom").len(), opened + 1);
    let listed = livekit.calls("ListIngress").len();
    let nonsense = http::Request::post("/w/no-key").body(axum::body::Body::empty());
    app.browser().request(nonsense.unwrap()).await;
    assert_eq!(livekit.calls("ListIngress").len(), listed);
}

#[tokio::test]
async fn an_encoder_that_comes_past_the_site_is_judged_as_one_that_comes_by_it() {
    let (app, livekit, mut ada, room) = TestRoom::start().await;
    livekit.take_streams();
    livekit.take_rtmp();
    let mut admin = app.admin().await;
    let stage = json!({"name": "Stage", "kind": "rtmp", "room": room.slug});
    let made = admin.post(PATH, stage).await.json;
    let url = made["url"].as_str().unwrap();
    assert!(
        url.starts_with("rtmp://") && url.ends_with(":1935/live"),
        "{url}"
    );
    let question = json!({"stream_key": made["stream_key"]}).to_string();
    let ask = async |token: String| {
        let request = http::Request::post("/api/livekit/ingress")
            .header("authorization", token)
            .header("content-type", "application/json")
            .body(axum::body::Body::from(question.clone()))
            .unwrap();
        app.internal().request(request).await
    };
    let opened = livekit.calls("CreateRoom").len();
    let signed = || sign(&question, API_SECRET);
    assert_eq!(ask(signed()).await.status, 204);
    assert_eq!(livekit.calls("CreateRoom").len(), opened + 1);
    let of_another = sign("{}", API_SECRET);
    for token in [String::new(), of_another, sign(&question, "guessed")] {
        assert_eq!(ask(token).await.code(), "unauthenticated");
    }
    let lock = room.path("/lock");
    assert_eq!(ada.put(&lock, json!({"locked": true})).await.status, 200);
    let refused = ask(signed()).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.text.contains("locked"));
    let mut outside = app.browser();
    let answer = outside.post("/api/livekit/ingress", json!({})).await;
    assert_eq!(answer.status, 404, "it is for this machine alone");
}

#[tokio::test]
async fn a_stream_that_begins_is_told_once_to_those_outside() {
    let (app, livekit, _admin) = start().await;
    let told = async || {
        let all = outbox::told_outside_after(&app.app().db, 0, 100).await;
        all.unwrap().len()
    };
    let before = told().await;
    let mut event = livekit.event("ingress_started", "lab", None, app.app().now());
    event.room = None;
    event.ingress_info = Some(proto::IngressInfo {
        ingress_id: "IN_1".to_owned(),
        room_name: "lab".to_owned(),
        ..Default::default()
    });
    for _ in 0..2 {
        assert_eq!(deliver(&app, &event).await.status, 200);
        assert_eq!(told().await, before + 1);
    }
}
