//! Who may start and stop, what they are answered, and what everybody else sees of it.

use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::egress::{BEGUN_WITHIN, CALLER_WAITS, FORWARDER_WAITS};
use proto::egress_info::Request;
use serde_json::json;

use super::Scene;
use crate::{
    recordings::reconcile,
    testing::{Answer, TestApp, TestRoom, livekit::Behaviour, recorder::Fault},
};

#[tokio::test]
async fn the_owner_records_and_everybody_sees_it_before_and_after_it_begins() {
    let mut scene = Scene::start().await;
    let room = scene.ada.get(&scene.room.path("")).await.json;
    assert_eq!(
        room["recording"],
        json!({"active": null, "allowed": true, "keep_days": null})
    );
    let input = json!({"layout": "speaker"});
    let answer = scene.ada.post(&scene.room.path("/recordings"), input).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json["state"], "starting");
    assert_eq!(answer.json["title"], "Standup");
    assert_eq!(answer.json["started_by"]["name"], "ada");
    let Some(Request::RoomComposite(asked)) = &scene.livekit.recorder.egresses()[0].request else {
        panic!("another request");
    };
    assert_eq!(
        (asked.room_name.as_str(), asked.layout.as_str()),
        (scene.room.id.as_str(), "speaker")
    );
    let passer = scene.app.browser().get(&scene.room.path("")).await.json;
    assert_eq!(passer["recording"]["active"]["state"], "starting");
    assert_eq!(passer["recording"]["allowed"], false);

    let info = scene.livekit.recorder.activate(&scene.app).await;
    assert!(info.egress_id.starts_with("EG_"));
    let late = scene.app.browser().get(&scene.room.path("")).await.json;
    assert_eq!(late["recording"]["active"]["state"], "recording");
    assert_eq!(late["recording"]["active"]["id"], answer.json["id"]);
}

#[tokio::test]
async fn a_recording_is_stopped_by_a_moderator_and_its_end_is_told() {
    let mut scene = Scene::start().await;
    let mut events = scene
        .ada
        .watch(&format!("/api/events?room={}", scene.room.slug))
        .await;
    let recorded = scene.recording().await;
    assert_eq!(events.next().await.kind, "room.updated");
    let started = events.next().await;
    assert_eq!(started.kind, "recording.started");
    assert!(
        recorded
            .path
            .ends_with(started.data["recording_id"].as_str().unwrap())
    );

    let stop = format!("{}/stop", recorded.path);
    let stopped = scene.ada.post(&stop, json!({})).await;
    assert_eq!(
        (stopped.status, &stopped.json["state"]),
        (200, &json!("stopping"))
    );
    assert_eq!(
        scene.livekit.recorder.stops(),
        std::slice::from_ref(&recorded.info.egress_id)
    );
    assert_eq!(events.next().await.kind, "recording.stopped");
    // Twice is once.
    assert_eq!(
        scene.ada.post(&stop, json!({})).await.json["state"],
        "stopping"
    );
    assert_eq!(scene.livekit.recorder.stops().len(), 1);

    let now = scene.app.app().now();
    let info = scene
        .livekit
        .recorder
        .finish(proto::EgressStatus::EgressComplete, b"film", 7, now);
    scene
        .livekit
        .recorder
        .tell(&scene.app, "egress_ended", &info)
        .await;
    assert_eq!(events.next().await.kind, "recording.processing");
    let shown = scene.ada.get(&recorded.path).await.json;
    assert_eq!(shown["state"], "processing");
    assert_eq!(shown["ending"], "stopped");
    assert_eq!(
        (&shown["size"], &shown["duration_ms"]),
        (&json!(4), &json!(7000))
    );
    assert_eq!(shown["media_type"], "video/mp4");
    let room = scene.ada.get(&scene.room.path("")).await.json;
    assert_eq!(room["recording"]["active"], json!(null));
    // The room is free for the next one.
    assert_eq!(scene.record().await.status, 201);
}

#[tokio::test]
async fn who_may_not_record_is_told_why() {
    let (app, livekit) = TestApp::start_with_recorder().await;
    let mut ada = app.user("ada").await;
    let mut grace = app.user("grace").await;
    let room = TestRoom::create(&mut ada, json!({})).await;
    let path = room.path("/recordings");
    let answer = app.browser().post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
    let answer = grace.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    let answer = ada
        .post("/api/rooms/no-such-room/recordings", json!({}))
        .await;
    assert_eq!((answer.status, answer.code()), (404, "not_found"));
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (409, "not_live"));
    let entered = room.enter(&app, &livekit, &mut ada).await;
    let answer = ada.post(&path, json!({"layout": "circle"})).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    livekit.recorder.fail(Fault::Away);
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (503, "no_recorder"));
    livekit.recorder.fail(Fault::Refuse(
        "failed_precondition",
        "the room is end-to-end encrypted",
    ));
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (409, "encrypted"));
    livekit.recorder.fail(Fault::Refuse(
        "internal",
        "egress not connected (redis required)",
    ));
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (503, "no_recorder"));
    // None of these keeps the room from being recorded.
    livekit.recorder.fail(Fault::None);
    livekit.encrypt(&room.id, &entered.identity);
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (409, "encrypted"));
    livekit.leave(&room.id, &entered.identity);
    assert_eq!(ada.post(&path, json!({})).await.status, 201);
    livekit.behave(Behaviour::Say(503, "away"));
    let answer = ada.post(&path, json!({})).await;
    assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
}

#[tokio::test]
async fn a_server_without_a_recorder_says_so_on_the_page_and_to_programs() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut scene = Scene::of((app, livekit)).await;
    let room = scene.ada.get(&scene.room.path("")).await.json;
    assert_eq!(room["recording"]["allowed"], false);
    let answer = scene.record().await;
    assert_eq!((answer.status, answer.code()), (503, "no_recorder"));
    assert!(scene.list().await.is_empty());
}

#[tokio::test]
async fn of_fifty_that_start_at_once_one_records() {
    let scene = Scene::start().await;
    let starts = (0..50).map(|_| {
        let (mut ada, path) = (scene.ada.clone(), scene.room.path("/recordings"));
        async move { ada.post(&path, json!({})).await }
    });
    let answers = futures::future::join_all(starts).await;
    let started = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers
        .iter()
        .filter(|answer| answer.code() == "already_recording")
        .count();
    let codes: Vec<_> = answers.iter().map(Answer::code).collect();
    assert_eq!((started, refused), (1, 49), "{codes:?}");
    assert_eq!(scene.livekit.recorder.egresses().len(), 1);
}

#[tokio::test]
async fn as_many_recordings_go_on_as_the_site_allows() {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.max_parallel = 1);
    let mut scene = Scene::of(start.await).await;
    let other = TestRoom::create(&mut scene.ada, json!({})).await;
    other
        .enter(&scene.app, &scene.livekit, &mut scene.ada)
        .await;
    scene.recording().await;
    let answer = scene.ada.post(&other.path("/recordings"), json!({})).await;
    assert_eq!((answer.status, answer.code()), (409, "too_many_recordings"));
}

#[tokio::test]
async fn the_record_names_who_started_and_who_stopped() {
    let mut scene = Scene::start().await;
    scene.app.advance(Duration::from_secs(1));
    let recorded = scene.recording().await;
    scene.app.advance(Duration::from_secs(1));
    scene
        .ada
        .post(&format!("{}/stop", recorded.path), json!({}))
        .await;
    let records = scene.ada.get(&scene.room.path("/audit")).await.json;
    let told: Vec<_> = records["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            (
                record["action"].as_str().unwrap(),
                record["actor"]["name"].as_str().unwrap(),
            )
        })
        .take(2)
        .collect();
    assert_eq!(
        told,
        [("recording.stopped", "ada"), ("recording.started", "ada")]
    );
}

#[tokio::test]
async fn a_recorder_that_takes_long_to_start_is_waited_for() {
    let mut scene = Scene::start().await;
    // Longer than any other call may take, and shorter than the media server waits that passes it on.
    let slow = Duration::from_secs(6);
    scene.livekit.recorder.fail(Fault::StartSlow(slow));
    let answer = scene.record().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let begun = scene.livekit.recorder.egresses();
    assert_eq!(begun.len(), 1);
    // Its answer was heard: nobody has to look for it.
    scene.app.advance(BEGUN_WITHIN + Duration::from_secs(1));
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["starting"]);
}

#[test]
fn whoever_waits_for_a_start_waits_longer_than_whoever_is_nearer_to_the_recorder() {
    assert!(FORWARDER_WAITS < CALLER_WAITS && CALLER_WAITS < BEGUN_WITHIN);
}
