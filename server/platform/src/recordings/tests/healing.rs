//! What is lost on the way between the platform and the recorder, and heals.

use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::egress::BEGUN_WITHIN;
use proto::EgressStatus;
use serde_json::json;

use super::Scene;
use crate::{
    recordings::reconcile,
    testing::{TestApp, recorder::Fault},
};

const ROUND: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_found_by_listing() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::StartAnswerGarbled);
    let starts = scene.record().await;
    assert_eq!(
        (starts.status, &starts.json["state"]),
        (201, &json!("starting"))
    );
    scene.livekit.recorder.fail(Fault::None);
    scene
        .livekit
        .recorder
        .become_(EgressStatus::EgressActive, scene.app.app().now());
    scene.app.advance(ROUND);
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["recording"]);
    assert_eq!(scene.livekit.recorder.egresses().len(), 1);
    assert!(scene.livekit.recorder.stops().is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_found_at_once() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::StartAnswerLost);
    let answer = scene.record().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let again = scene.record().await;
    assert_eq!(again.code(), "already_recording");
    assert_eq!(scene.livekit.recorder.egresses().len(), 1);
}

#[tokio::test]
async fn lost_webhooks_heal_by_listing() {
    let mut scene = Scene::start().await;
    scene.record().await;
    for (status, expected) in [
        (EgressStatus::EgressActive, "recording"),
        (EgressStatus::EgressEnding, "composing"),
    ] {
        scene
            .livekit
            .recorder
            .become_(status, scene.app.app().now());
        scene.app.advance(ROUND);
        reconcile(scene.app.app()).await.unwrap();
        assert_eq!(scene.states().await, [expected]);
    }
    // It is listed as active no more.
    let now = scene.app.app().now();
    scene
        .livekit
        .recorder
        .finish(EgressStatus::EgressComplete, b"film", 1, now);
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["processing"]);
}

#[tokio::test]
async fn news_that_come_late_change_nothing() {
    let mut scene = Scene::start().await;
    let recorded = scene.recording().await;
    let recorder = scene.livekit.recorder.clone();
    let now = scene.app.app().now();
    let ended = recorder.finish(EgressStatus::EgressComplete, b"film", 1, now);
    recorder.tell(&scene.app, "egress_ended", &ended).await;
    recorder
        .tell(&scene.app, "egress_updated", &recorded.info)
        .await;
    assert_eq!(scene.states().await, ["processing"]);
    assert!(recorder.stops().is_empty(), "{:?}", recorder.stops());
}

#[tokio::test]
async fn a_start_that_does_not_arrive_leaves_the_room_free_at_once() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::StartLost);
    let answer = scene.record().await;
    assert_eq!((answer.status, answer.code()), (503, "no_recorder"));
    let list = scene.list().await;
    assert_eq!(
        (&list[0]["state"], &list[0]["fault"]),
        (&json!("aborted"), &json!("no_answer"))
    );
    scene.livekit.recorder.fail(Fault::None);
    assert_eq!(scene.record().await.status, 201);
}

#[tokio::test]
async fn a_start_that_is_never_heard_of_is_given_up_once_nobody_waits_any_more() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::StartAnswerGarbled);
    scene.record().await;
    scene.livekit.recorder.forget_everything();
    scene
        .app
        .advance(BEGUN_WITHIN.saturating_sub(Duration::from_secs(1)));
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["starting"]);
    scene.app.advance(Duration::from_secs(2));
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["aborted"]);
}

#[tokio::test]
async fn a_start_that_answers_after_it_was_given_up_is_a_recording_all_the_same() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::AwayOnceBegun);
    assert_eq!(scene.record().await.code(), "no_recorder");
    assert_eq!(scene.states().await, ["aborted"]);
    scene.livekit.recorder.fail(Fault::None);
    scene
        .livekit
        .recorder
        .become_(EgressStatus::EgressActive, scene.app.app().now());
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["recording"]);
}

#[tokio::test]
async fn of_two_recorders_in_a_room_the_late_one_is_stopped() {
    let mut scene = Scene::start().await;
    scene.livekit.recorder.fail(Fault::AwayOnceBegun);
    assert_eq!(scene.record().await.code(), "no_recorder");
    scene.livekit.recorder.fail(Fault::None);
    let late = scene
        .livekit
        .recorder
        .become_(EgressStatus::EgressActive, scene.app.app().now());
    scene.app.advance(Duration::from_secs(1));
    scene.recording().await;
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.livekit.recorder.stops(), [late.egress_id]);
    assert_eq!(scene.states().await, ["recording", "aborted"]);
}

#[tokio::test]
async fn a_stop_that_the_recorder_did_not_hear_is_said_again() {
    let mut scene = Scene::start().await;
    let recorded = scene.recording().await;
    scene.livekit.recorder.fail(Fault::Away);
    let answer = scene
        .ada
        .post(&format!("{}/stop", recorded.path), json!({}))
        .await;
    assert_eq!(answer.json["state"], "stopping");
    assert!(scene.livekit.recorder.stops().is_empty());
    scene.livekit.recorder.fail(Fault::None);
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.livekit.recorder.stops(), [recorded.info.egress_id]);
}

#[tokio::test]
async fn a_recorder_that_forgot_everything_has_failed_after_a_minute_and_not_before() {
    let mut scene = Scene::start().await;
    scene.recording().await;
    scene.livekit.recorder.forget_everything();
    scene.app.advance(Duration::from_secs(50));
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["recording"]);
    scene.app.advance(Duration::from_secs(20));
    reconcile(scene.app.app()).await.unwrap();
    let list = scene.list().await;
    assert_eq!(
        (&list[0]["state"], &list[0]["fault"]),
        (&json!("failed"), &json!("forgotten"))
    );
}

#[tokio::test]
async fn a_recorder_that_is_away_ends_no_recording() {
    let mut scene = Scene::start().await;
    scene.recording().await;
    scene.livekit.recorder.fail(Fault::Away);
    scene.app.advance(Duration::from_hours(1));
    assert!(reconcile(scene.app.app()).await.is_err());
    assert_eq!(scene.states().await, ["recording"]);
}

#[tokio::test]
async fn a_failed_recording_with_a_film_is_kept_and_one_without_is_lost() {
    for (film, expected) in [(b"half a film".as_slice(), "processing"), (b"", "failed")] {
        let mut scene = Scene::start().await;
        scene.recording().await;
        let now = scene.app.app().now();
        let recorder = scene.livekit.recorder.clone();
        let ended = recorder.finish(EgressStatus::EgressFailed, film, 1, now);
        recorder.tell(&scene.app, "egress_ended", &ended).await;
        let list = scene.list().await;
        assert_eq!(
            (&list[0]["state"], &list[0]["ending"]),
            (&json!(expected), &json!("failure"))
        );
    }
}

#[tokio::test]
async fn a_recording_as_long_as_it_may_be_is_stopped_and_says_so() {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.max_minutes = 10);
    let mut scene = Scene::of(start.await).await;
    let recorded = scene.recording().await;
    scene.app.advance(Duration::from_mins(9));
    reconcile(scene.app.app()).await.unwrap();
    assert!(scene.livekit.recorder.stops().is_empty());
    scene.app.advance(Duration::from_mins(1));
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(scene.livekit.recorder.stops(), [recorded.info.egress_id]);
    let now = scene.app.app().now();
    let ended = scene
        .livekit
        .recorder
        .finish(EgressStatus::EgressComplete, b"film", 600, now);
    scene
        .livekit
        .recorder
        .tell(&scene.app, "egress_ended", &ended)
        .await;
    assert_eq!(scene.list().await[0]["ending"], "limit_reached");
}

#[tokio::test]
async fn what_another_program_records_in_a_room_is_seen_there() {
    let mut scene = Scene::start().await;
    let file = proto::EncodedFileOutput {
        filepath: "elsewhere".to_owned(),
        ..Default::default()
    };
    scene
        .livekit
        .recorder
        .begin(proto::RoomCompositeEgressRequest {
            room_name: scene.room.id.clone(),
            file_outputs: vec![file],
            ..Default::default()
        });
    scene.livekit.recorder.activate(&scene.app).await;
    let room = scene.app.browser().get(&scene.room.path("")).await.json;
    assert_eq!(room["recording"]["active"]["state"], "recording");
    assert_eq!(scene.list().await[0]["started_by"], json!(null));
}

#[tokio::test]
async fn the_official_services_own_webhooks_are_understood() {
    let text = include_str!("official_webhooks.jsonl");
    let mut scene = Scene::start().await;
    for line in text.lines() {
        let line = line.replace("r-audio", &scene.room.id);
        let info: proto::EgressInfo = serde_json::from_str(&line).unwrap();
        scene
            .livekit
            .recorder
            .tell(&scene.app, "egress_updated", &info)
            .await;
    }
    let list = scene.list().await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(
        (&list[0]["state"], &list[0]["ending"]),
        (&json!("processing"), &json!("stopped"))
    );
    assert_eq!(list[0]["media_type"], "audio/ogg");
    assert!(list[0]["duration_ms"].as_i64().unwrap() > 1000, "{list:?}");
}
