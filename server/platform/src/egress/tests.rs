//! Egress as administrators and auditors have it, with a recorder that does what LiveKit's does.

use std::time::Duration;

use livekit_protocol::{self as proto, EgressStatus};
use serde_json::{Value, json};

use crate::testing::{FakeLiveKit, TestApp, TestClient, recorder::Fault};

async fn start() -> (TestApp, FakeLiveKit, TestClient) {
    let (app, livekit) = TestApp::start_with_recorder().await;
    let admin = app.admin().await;
    (app, livekit, admin)
}

fn stream_of(identity: &str) -> Value {
    json!({
        "target": {"kind": "participant", "room": "lab-1", "identity": identity},
        "outputs": {"streams": ["rtmp://live.example.org/app/hush"]},
    })
}

async fn record_of(admin: &mut TestClient) -> Vec<(String, Value)> {
    let record = admin.get("/api/admin/audit").await.json;
    let all = record["items"].as_array().unwrap().iter().rev();
    let of_egress = all.filter(|entry| entry["action"].as_str().unwrap().starts_with("egress."));
    of_egress
        .map(|entry| {
            let action = entry["action"].as_str().unwrap();
            (action.to_owned(), entry["detail"].clone())
        })
        .collect()
}

#[tokio::test]
async fn somebody_is_streamed_elsewhere_until_it_is_stopped_and_keys_are_on_no_record() {
    let (app, livekit, mut admin) = start().await;
    livekit.enter("lab-1", "ana", app.app().now());
    let made = admin.post("/api/egress", stream_of("ana")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json["id"].as_str().unwrap().to_owned();
    let info = livekit
        .recorder
        .become_(EgressStatus::EgressActive, app.app().now());
    for _ in 0..2 {
        livekit.recorder.tell(&app, "egress_started", &info).await;
    }

    let path = format!("/api/egress/{id}");
    let more = json!({"add_streams": ["srt://other.example.org:9000?streamid=hush"]});
    let changed = admin.patch(&path, more).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json["streams"][0]["status"], json!("active"));
    let less = json!({"remove_streams": ["srt://other.example.org:9000?streamid=hush"]});
    let changed = admin.patch(&path, less).await;
    assert_eq!(changed.json["streams"], json!([]));

    let listed = admin.get("/api/egress").await.json;
    let one = &listed["items"][0];
    assert_eq!(
        (
            &one["status"],
            &one["room"],
            &one["link"],
            &one["recording_id"]
        ),
        (
            &json!("active"),
            &json!("lab-1"),
            &Value::Null,
            &Value::Null
        )
    );
    let target =
        json!({"kind": "participant", "room": "lab-1", "identity": "ana", "screen_share": false});
    assert_eq!(one["target"], target);

    let stopped = admin.post(&format!("{path}/stop"), json!({})).await;
    assert_eq!(
        (stopped.status, &stopped.json["status"]),
        (200, &json!("ending"))
    );
    assert_eq!(livekit.recorder.stops(), [id]);
    let record = record_of(&mut admin).await;
    let actions: Vec<_> = record.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "egress.requested",
            "egress.updated",
            "egress.updated",
            "egress.stopped"
        ]
    );
    assert_eq!(record[0].1, json!({"kind": "participant", "room": "lab-1"}));
    assert!(
        !admin
            .get("/api/admin/audit")
            .await
            .json
            .to_string()
            .contains("hush")
    );
}

#[tokio::test]
async fn a_film_of_our_room_is_a_recording_and_is_stopped_as_one() {
    let (app, livekit, mut admin) = start().await;
    let room = admin.post("/api/rooms", json!({"name": "Lab"})).await.json;
    livekit.enter(room["id"].as_str().unwrap(), "ana", app.app().now());
    let film = json!({
        "target": {"kind": "room", "room": room["slug"], "layout": "speaker"},
        "outputs": {"file": "lessons/{room_name}"},
    });
    let made = admin.post("/api/egress", film).await;
    assert_eq!(
        (made.status, &made.json["link"]),
        (201, &room["slug"]),
        "{made:?}"
    );
    livekit.recorder.activate(&app).await;
    let listed = admin.get("/api/egress").await.json;
    let recording = listed["items"][0]["recording_id"].as_str().unwrap();
    let path = format!("/api/egress/{}", made.json["id"].as_str().unwrap());
    let changed = admin.patch(&path, json!({"layout": "grid"})).await;
    assert_eq!(
        changed.json["target"]["layout"],
        json!("grid"),
        "{changed:?}"
    );
    let stopped = admin.post(&format!("{path}/stop"), json!({})).await;
    assert_eq!(stopped.status, 200, "{stopped:?}");
    let kept = admin
        .get(&format!("/api/recordings/{recording}"))
        .await
        .json;
    assert_eq!(kept["state"], json!("stopping"), "{kept}");
    let record = admin.get("/api/admin/audit").await.json.to_string();
    assert!(record.contains("recording.stopped") && !record.contains("egress.stopped"));
}

#[tokio::test]
async fn what_has_ended_is_neither_changed_nor_stopped() {
    let (app, livekit, mut admin) = start().await;
    livekit.enter("lab-1", "ana", app.app().now());
    let made = admin.post("/api/egress", stream_of("ana")).await.json;
    let path = format!("/api/egress/{}", made["id"].as_str().unwrap());
    let now = app.app().now();
    livekit.recorder.become_(EgressStatus::EgressEnding, now);
    let more = json!({"add_streams": ["rtmp://other.example.org/app/hush"]});
    let refused = admin.patch(&path, more.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "egress_ended"));
    for over in [EgressStatus::EgressComplete, EgressStatus::EgressFailed] {
        livekit.recorder.become_(over, now);
        for change in [more.clone(), json!({"layout": "grid"})] {
            let refused = admin.patch(&path, change).await;
            assert_eq!((refused.status, refused.code()), (409, "egress_ended"));
        }
        let refused = admin.post(&format!("{path}/stop"), json!({})).await;
        assert_eq!((refused.status, refused.code()), (409, "egress_ended"));
    }
    assert_eq!(admin.patch(&path, json!({})).await.status, 200, "no change");
    let record = record_of(&mut admin).await;
    assert_eq!(record.len(), 1, "{record:?}");
}

#[tokio::test]
async fn what_is_listed_as_going_on_in_a_room_that_is_gone_is_lost_and_said_to_be() {
    let (app, livekit, mut admin) = start().await;
    livekit.enter("lab-1", "ana", app.app().now());
    let made = admin.post("/api/egress", stream_of("ana")).await.json;
    livekit
        .recorder
        .become_(EgressStatus::EgressActive, app.app().now());
    livekit.close("lab-1");
    let status = async |admin: &mut TestClient| {
        let listed = admin.get("/api/egress").await.json;
        listed["items"][0]["status"].clone()
    };
    assert_eq!(
        status(&mut admin).await,
        json!("active"),
        "its end takes a moment"
    );
    app.advance(Duration::from_secs(61));
    assert_eq!(status(&mut admin).await, json!("lost"));
    livekit.enter("lab-1", "ben", app.app().now());
    assert_eq!(
        status(&mut admin).await,
        json!("active"),
        "the room is there"
    );
    livekit.close("lab-1");
    livekit.recorder.fail(Fault::StopUnheard);
    let path = format!("/api/egress/{}/stop", made["id"].as_str().unwrap());
    let refused = admin.post(&path, json!({})).await;
    assert_eq!((refused.status, refused.code()), (409, "egress_lost"));
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let (_app, livekit, mut admin) = start().await;
    let room = |rest: Value| json!({"target": {"kind": "room", "room": "lab-1"}, "outputs": rest});
    for (body, field) in [
        (room(json!({})), "outputs"),
        (room(json!({"streams": ["http://x"]})), "outputs.streams"),
        (room(json!({"file": ""})), "outputs.file"),
        (
            json!({"target": {"kind": "web", "url": "file:///etc/passwd"}, "outputs": {"file": "f"}}),
            "target",
        ),
        (
            json!({"target": {"kind": "room", "room": ""}, "outputs": {"file": "f"}}),
            "target",
        ),
        (
            json!({"target": {"kind": "tracks", "room": "lab-1"}, "outputs": {"file": "f"}}),
            "target",
        ),
        (
            json!({"target": {"kind": "track", "room": "lab-1", "track_id": "TR_1"}, "outputs": {"playlist": "f"}}),
            "outputs",
        ),
    ] {
        let refused = admin.post("/api/egress", body).await;
        let named = refused.json["field"].as_str();
        assert_eq!((refused.status, named), (422, Some(field)), "{refused:?}");
    }
    assert_eq!(livekit.recorder.egresses(), []);
    let gone = admin.post("/api/egress/EG_0/stop", json!({})).await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    livekit
        .recorder
        .fail(Fault::Refuse("failed_precondition", "there is no ffmpeg"));
    let refused = admin.post("/api/egress", stream_of("ana")).await;
    assert_eq!((refused.status, refused.code()), (422, "media_refused"));
    livekit
        .recorder
        .fail(Fault::Refuse("unavailable", "no response from servers"));
    let nobody = admin.post("/api/egress", stream_of("ana")).await;
    assert_eq!((nobody.status, nobody.code()), (503, "no_worker"));
    livekit.recorder.fail(Fault::None);
    let services = admin.get("/api/livekit/services").await.json;
    assert_eq!(services[0]["state"], json!("no_worker"));
}

#[tokio::test]
async fn who_only_looks_starts_and_stops_nothing() {
    let (app, _livekit, mut admin) = start().await;
    let mut auditor = app.user("auditor").await;
    let path = format!("/api/users/{}", auditor.user_id);
    admin.patch(&path, json!({"role": "auditor"})).await;
    assert_eq!(auditor.get("/api/egress").await.status, 200);
    for refused in [
        auditor.post("/api/egress", stream_of("ana")).await,
        auditor.post("/api/egress/EG_1/stop", json!({})).await,
        auditor.patch("/api/egress/EG_1", json!({})).await,
    ] {
        assert_eq!(refused.status, 403, "{refused:?}");
    }
}

#[test]
fn a_pages_address_is_told_without_what_may_be_a_key() {
    let url = "https://user:hush@example.org/board?token=hush#hush".to_owned();
    let request = proto::WebEgressRequest {
        url,
        ..Default::default()
    };
    let info = proto::EgressInfo {
        request: Some(proto::egress_info::Request::Web(request)),
        ..Default::default()
    };
    let target = serde_json::to_value(super::target::target_of(&info)).unwrap();
    assert_eq!(target["url"], "https://example.org/board");
}

#[tokio::test]
async fn a_cluster_puts_files_into_the_bucket() {
    let request = |outputs: Value| {
        let target: super::target::EgressTarget =
            serde_json::from_value(json!({"kind": "room", "room": "r"})).unwrap();
        let outputs = serde_json::from_value(outputs).unwrap();
        let bucket = proto::S3Upload {
            bucket: "films".to_owned(),
            ..Default::default()
        };
        let place = |name: &str| (format!("meet/{name}"), Some(bucket.clone()));
        target.request(outputs, place).unwrap()
    };
    let crate::livekit::egress_calls::EgressRequest::Room(request) =
        request(json!({"file": "film", "playlist": "live"}))
    else {
        panic!("a room was asked for")
    };
    assert_eq!(request.file_outputs[0].filepath, "meet/film");
    assert_eq!(request.segment_outputs[0].filename_prefix, "meet/live");
    let bucket = request.segment_outputs[0].output.clone().unwrap();
    let proto::segmented_file_output::Output::S3(bucket) = bucket else {
        panic!("{bucket:?}")
    };
    assert_eq!(bucket.bucket, "films");
}
