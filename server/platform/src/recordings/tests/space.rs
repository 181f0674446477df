//! What is told before the space that recordings may take is full.

use livekit_protocol::EgressStatus;
use serde_json::json;

use super::Scene;
use crate::testing::TestApp;

impl Scene {
    /// One more recording, whose film has so many bytes.
    async fn take(&mut self, bytes: i64) {
        self.recording().await;
        let now = self.app.app().now();
        let recorder = self.livekit.recorder.clone();
        let mut ended = recorder.finish(EgressStatus::EgressComplete, b"film", 60, now);
        ended.file_results[0].size = bytes;
        recorder.tell(&self.app, "egress_ended", &ended).await;
    }
}

#[tokio::test]
async fn an_account_and_a_site_hear_of_it_before_nothing_can_be_recorded() {
    let start = TestApp::start_with_recorder_and(|config| {
        config.recordings.quota_gb = 2;
        config.recordings.quota_gb_per_user = 1;
    });
    let mut scene = Scene::of(start.await).await;
    let space = |site: &str, own: &str, bytes: i64| json!({"own": own, "own_bytes": bytes, "own_quota_bytes": 1_000_000_000_u64, "site": site});
    scene.take(899_999_999).await;
    assert_eq!(
        scene.ada.get("/api/recordings/space").await.json,
        space("plenty", "plenty", 899_999_999)
    );
    scene.take(1).await;
    assert_eq!(
        scene.ada.get("/api/recordings/space").await.json,
        space("plenty", "nearly_full", 900_000_000)
    );
    scene.take(1_000_000_000).await;
    let full = scene.ada.get("/api/recordings/space").await.json;
    assert_eq!(full["own"], "full");
    assert_eq!(scene.record().await.code(), "own_quota_reached");
    let nobody = scene.app.browser().get("/api/recordings/space").await;
    assert_eq!(nobody.code(), "unauthenticated");
}

#[tokio::test]
async fn an_administrator_and_a_monitor_hear_that_the_site_is_nearly_full() {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.quota_gb = 1);
    let mut scene = Scene::of(start.await).await;
    scene.take(950_000_000).await;
    let mut admin = scene.app.admin().await;
    let overview = admin.get("/api/admin/overview").await.json;
    assert_eq!(overview["recordings"]["space"], "nearly_full");
    assert_eq!(overview["recordings"]["ffmpeg"], json!(null));
    let own = scene.ada.get("/api/recordings/space").await.json;
    assert_eq!(
        (&own["own"], &own["site"]),
        (&json!("plenty"), &json!("nearly_full"))
    );
    let health = admin.get("/health/ready").await;
    assert!(
        health.text.contains("95 % of recordings.quota_gb"),
        "{health:?}"
    );
}
