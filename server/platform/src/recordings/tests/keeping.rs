//! How long recordings of a room are kept, and who may say so.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use crate::testing::TestApp;

const DAY: Duration = Duration::from_hours(24);

async fn scene(keep_days: u32) -> Scene {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.keep_days = keep_days);
    Scene::of(start.await).await
}

impl Scene {
    /// A recording that was asked for so, and ended.
    async fn kept(&mut self, how: Value) -> Value {
        let answer = self.ada.post(&self.room.path("/recordings"), how).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json["keep_until"], json!(null), "it goes on");
        self.livekit.recorder.activate(&self.app).await;
        self.finish(b"film").await;
        self.list().await.remove(0)
    }

    async fn rule(&mut self, days: u32) -> crate::testing::Answer {
        let change = json!({ "keep_recordings_days": days });
        self.ada.patch(&self.room.path(""), change).await
    }
}

#[tokio::test]
async fn a_rooms_rule_is_shorter_than_the_sites_and_holds_for_what_begins_after_it() {
    let mut scene = scene(30).await;
    let before = scene.kept(json!({})).await;
    let now = scene.app.app().now();
    assert_eq!(before["keep_until"], (now + DAY * 30).0);
    let too_long = scene.rule(31).await;
    assert_eq!(
        (too_long.status, &too_long.json["errors"][0]["code"]),
        (422, &json!("kept_too_long"))
    );
    let changed = scene.rule(7).await;
    assert_eq!(changed.json["keep_recordings_days"], 7);
    assert_eq!(changed.json["recording"]["keep_days"], 7);
    let audit = scene.ada.get(&scene.room.path("/audit")).await.json;
    assert_eq!(
        audit["items"][0]["detail"]["changes"]["keep_recordings_days"],
        json!({"from": 0, "to": 7}),
        "{audit}"
    );
    let after = scene.kept(json!({})).await;
    assert_eq!(after["keep_until"], (now + DAY * 7).0);
    assert_eq!(scene.list().await[1]["keep_until"], before["keep_until"]);

    // Its own date is dropped for the rule that it began under.
    let path = format!("/api/recordings/{}", after["id"].as_str().unwrap());
    let sooner = json!({"keep_until": (now + DAY).0});
    assert_eq!(scene.ada.patch(&path, sooner).await.status, 200);
    let back = scene.ada.patch(&path, json!({"keep_until": null})).await;
    assert_eq!(back.json["keep_until"], (now + DAY * 7).0);
}

#[tokio::test]
async fn whoever_starts_a_recording_may_have_it_kept_shorter_and_not_longer() {
    let mut scene = scene(0).await;
    scene.rule(7).await;
    let path = scene.room.path("/recordings");
    let answer = scene.ada.post(&path, json!({"keep_days": 8})).await;
    assert_eq!(
        (answer.status, &answer.json["errors"][0]["code"]),
        (422, &json!("kept_too_long"))
    );
    assert_eq!(
        scene.ada.post(&path, json!({"keep_days": 0})).await.status,
        422
    );
    let kept = scene.kept(json!({"keep_days": 2})).await;
    let now = scene.app.app().now();
    assert_eq!(kept["keep_until"], (now + DAY * 2).0);
    scene.rule(0).await;
    let kept = scene.kept(json!({})).await;
    assert_eq!(kept["keep_until"], json!(null), "for ever");
    let kept = scene.kept(json!({"keep_days": 400})).await;
    assert_eq!(kept["keep_until"], (now + DAY * 400).0);
}
