//! Links for outsiders, chapters, several at once, and what an administrator does.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Recorded, Scene};
use crate::{jobs::Job, recordings::Transfer, testing::TestApp};

impl Scene {
    /// A recording whose film can be watched.
    pub(super) async fn completed(&mut self, film: &[u8]) -> Recorded {
        let recorded = self.recorded(film).await;
        self.slice(&recorded, false).await;
        assert_eq!(
            self.ada.get(&recorded.path).await.json["state"],
            "completed"
        );
        recorded
    }

    /// A link to it; its path in the API.
    async fn share(&mut self, recorded: &Recorded, how: Value) -> String {
        let answer = self
            .ada
            .post(&format!("{}/shares", recorded.path), how)
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let url = answer.json["url"].as_str().unwrap();
        let (origin, token) = url.rsplit_once("/r/").unwrap();
        assert_eq!(origin, "http://localhost:8080");
        format!("/api/shares/{token}")
    }
}

#[tokio::test]
async fn an_outsider_watches_by_a_link_and_only_what_it_allows() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(b"a whole film").await;
    let told = b"{\"at\":0,\"event\":\"joined\",\"identity\":\"u-1\",\"name\":\"Grace\"}
{\"at\":5000,\"event\":\"speakers\",\"identities\":[\"u-1\"]}";
    let recorder = &scene.livekit.recorder;
    recorder.add_file(&recorded.info.egress_id, "timeline.jsonl", told);
    scene.slice(&recorded, false).await;
    let path = scene.share(&recorded, json!({})).await;
    let mut outsider = scene.app.browser();
    let shown = outsider.get(&path).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(shown.json["locked"], false);
    assert_eq!(shown.json["recording"]["title"], "Standup");
    assert_eq!(
        shown.json["recording"]["chapters"],
        json!([{"at_ms": 5_000, "kind": "speaker", "text": "Grace"}])
    );
    assert!(!shown.text.contains("ada"), "{shown:?}");
    let media = shown.json["recording"]["media_url"].as_str().unwrap();
    outsider.set_header(http::header::RANGE, "bytes=2-6");
    let part = outsider.get(media).await;
    assert_eq!((part.status, part.text.as_str()), (206, "whole"));
    let kept = outsider.get(&format!("{media}?download=1")).await;
    assert_eq!((kept.status, kept.code()), (403, "forbidden"));

    let listed = scene.ada.get(&format!("{}/shares", recorded.path)).await;
    assert_eq!(listed.json["items"][0]["views"], 1);
    assert!(!listed.text.contains("cvr_"), "{listed:?}");
    let audit = scene.ada.get(&scene.room.path("/audit")).await.text;
    assert!(
        audit.contains("recording.viewed") && audit.contains("link of ada"),
        "{audit}"
    );

    let share = listed.json["items"][0]["id"].as_str().unwrap();
    let revoke = format!("{}/shares/{share}", recorded.path);
    assert_eq!(scene.ada.delete(&revoke).await.status, 204);
    assert_eq!(scene.ada.delete(&revoke).await.code(), "not_found");
    assert_eq!(outsider.get(&path).await.code(), "not_found");
    assert_eq!(outsider.get(media).await.code(), "not_found");
}

#[tokio::test]
async fn a_link_with_a_password_tells_nothing_before_it_is_unlocked() {
    let mut scene = Scene::start().await;
    let recorded = scene.completed(b"film").await;
    let how = json!({"password": "open sesame", "download": true});
    let path = scene.share(&recorded, how).await;
    let mut outsider = scene.app.browser();
    let locked = outsider.get(&path).await;
    assert_eq!(locked.json, json!({"locked": true, "recording": null}));
    assert_eq!(outsider.get(&format!("{path}/media")).await.status, 403);
    assert_eq!(
        outsider.get(&format!("{path}/media?pass=abc")).await.status,
        403
    );
    let unlock = format!("{path}/unlock");
    let wrong = outsider.post(&unlock, json!({"password": "sesame"})).await;
    assert_eq!((wrong.status, wrong.code()), (403, "wrong_password"));
    let right = outsider
        .post(&unlock, json!({"password": "open sesame"}))
        .await;
    let pass = right.json["pass"].as_str().unwrap();
    let shown = outsider.get(&format!("{path}?pass={pass}")).await.json;
    let media = shown["recording"]["media_url"].as_str().unwrap();
    let kept = outsider.get(&format!("{media}&download=1")).await;
    assert_eq!((kept.status, kept.text.as_str()), (200, "film"));
    // Another link's proof is worth nothing here.
    let other = scene
        .share(&recorded, json!({"password": "open sesame"}))
        .await;
    assert_eq!(
        outsider.get(&format!("{other}?pass={pass}")).await.json["locked"],
        true
    );
}

#[tokio::test]
async fn passwords_and_links_cannot_be_tried_for_long() {
    let start = TestApp::start_with_recorder_and(|config| {
        config.auth.sign_in_per_minute = 3;
        config.auth.join_per_minute = 4;
    });
    let mut scene = Scene::of(start.await).await;
    let recorded = scene.completed(b"film").await;
    let path = scene
        .share(&recorded, json!({"password": "open sesame"}))
        .await;
    let mut outsider = scene.app.browser();
    outsider.ip = "203.0.113.7".parse().unwrap();
    for expected in [
        "wrong_password",
        "wrong_password",
        "wrong_password",
        "rate_limited",
    ] {
        let answer = outsider
            .post(&format!("{path}/unlock"), json!({"password": "x"}))
            .await;
        assert_eq!(answer.code(), expected);
    }
    for expected in [
        "not_found",
        "not_found",
        "not_found",
        "not_found",
        "rate_limited",
    ] {
        assert_eq!(
            outsider.get("/api/shares/cvr_guess/media").await.code(),
            expected
        );
    }
}

#[tokio::test]
async fn a_link_ends_at_its_time_and_with_its_recording() {
    let mut scene = Scene::start().await;
    let recorded = scene.completed(b"film").await;
    let now = scene.app.app().now();
    let past = json!({"expires_at": now});
    let answer = scene
        .ada
        .post(&format!("{}/shares", recorded.path), past)
        .await;
    assert_eq!(
        (answer.status, answer.json["field"].as_str()),
        (422, Some("expires_at"))
    );
    let until = json!({"expires_at": now + Duration::from_hours(1)});
    let path = scene.share(&recorded, until).await;
    let for_ever = scene.share(&recorded, json!({})).await;
    let mut outsider = scene.app.browser();
    assert_eq!(outsider.get(&path).await.status, 200);
    scene.app.advance(Duration::from_hours(2));
    assert_eq!(outsider.get(&path).await.code(), "not_found");
    assert_eq!(outsider.get(&for_ever).await.status, 200);
    scene.ada.delete(&recorded.path).await;
    assert_eq!(outsider.get(&for_ever).await.code(), "not_found");
}

#[tokio::test]
async fn only_who_runs_the_room_or_started_the_recording_makes_links() {
    let mut scene = Scene::start().await;
    let recorded = scene.completed(b"film").await;
    let mut grace = scene.app.user("grace").await;
    let shares = format!("{}/shares", recorded.path);
    assert_eq!(grace.post(&shares, json!({})).await.code(), "not_found");
    let member = json!({"email": "grace@example.org", "role": "moderator"});
    scene.ada.post(&scene.room.path("/members"), member).await;
    assert_eq!(grace.post(&shares, json!({})).await.code(), "forbidden");
    assert_eq!(grace.get(&shares).await.code(), "forbidden");
    let short = scene.ada.post(&shares, json!({"password": "abc"})).await;
    assert_eq!(
        (short.status, short.json["field"].as_str()),
        (422, Some("password"))
    );
}

#[tokio::test]
async fn chapters_tell_who_came_and_left_while_it_was_recorded() {
    let mut scene = Scene::start().await;
    let recorded = scene.recording().await;
    scene.app.advance(Duration::from_secs(10));
    let guest = scene
        .room
        .enter(&scene.app, &scene.livekit, &mut scene.app.browser())
        .await;
    scene.app.advance(Duration::from_secs(5));
    let now = scene.app.app().now();
    let left = scene
        .livekit
        .event("participant_left", &scene.room.id, Some(&guest.info), now);
    crate::testing::livekit::deliver(&scene.app, &left).await;
    scene.app.advance(Duration::from_secs(5));
    scene.finish(b"film").await;
    scene.slice(&recorded, false).await;
    let timeline = scene
        .ada
        .get(&format!("{}/timeline", recorded.path))
        .await
        .json;
    let name = &guest.info.name;
    let expected = json!([
        {"at_ms": 10_000, "kind": "joined", "text": name},
        {"at_ms": 15_000, "kind": "left", "text": name},
    ]);
    assert_eq!(timeline["chapters"], expected);
}

#[tokio::test]
async fn the_recorders_own_timeline_is_better() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(b"film").await;
    let lines = br#"{"at":0,"event":"speakers","identities":["u-1"]}
{"at":500,"event":"segment","file":"a","track":"TR_a","identity":"u-2","codec":"vp8","source":"screen_share"}
"#;
    let egress_id = &recorded.info.egress_id;
    let recorder = &scene.livekit.recorder;
    recorder.add_file(egress_id, "timeline.jsonl", lines);
    scene.slice(&recorded, false).await;
    let path = format!("{}/timeline", recorded.path);
    let timeline = scene.ada.get(&path).await.json;
    let expected = json!([
        {"at_ms": 0, "kind": "speaker", "text": "u-1"},
        {"at_ms": 500, "kind": "share", "text": "u-2"},
    ]);
    assert_eq!(timeline["chapters"], expected);
}

#[tokio::test]
async fn several_are_deleted_at_once_and_those_that_are_not_ones_own_stay() {
    let mut scene = Scene::start().await;
    let first = scene.completed(b"film").await;
    let running = scene.recording().await;
    let mut grace = scene.app.user("grace").await;
    let ids = json!({"ids": [first.id(), running.id()]});
    let answer = grace.post("/api/recordings/delete", ids.clone()).await.json;
    assert_eq!(answer["deleted"], json!([]));
    assert_eq!(
        answer["refused"][0],
        json!({"id": first.id(), "code": "not_found"})
    );
    let answer = scene.ada.post("/api/recordings/delete", ids).await.json;
    assert_eq!(answer["deleted"], json!([first.id()]));
    assert_eq!(
        answer["refused"],
        json!([{"id": running.id(), "code": "still_recording"}])
    );
    let none = scene
        .ada
        .post("/api/recordings/delete", json!({"ids": []}))
        .await;
    assert_eq!(none.status, 422);
}

#[tokio::test]
async fn several_films_come_in_one_zip_of_a_length_that_was_told() {
    let mut scene = Scene::start().await;
    let first = scene.completed(b"first film").await;
    scene.app.advance(Duration::from_secs(1));
    let second = scene.completed(b"second film").await;
    let path = format!(
        "/api/recordings/download?ids={},{}",
        first.id(),
        second.id()
    );
    let zip = scene.ada.get(&path).await;
    assert_eq!(zip.status, 200, "{zip:?}");
    assert_eq!(zip.headers["content-type"], "application/zip");
    let told: usize = zip.headers["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    // The text has every byte that is no UTF-8 replaced, so it is no shorter.
    assert!(zip.text.len() >= told, "{} {told}", zip.text.len());
    for part in ["first film", "second film", "Standup 2026-11-21.mp4"] {
        assert!(zip.text.contains(part), "{part}");
    }
    let mut grace = scene.app.user("grace").await;
    assert_eq!(grace.get(&path).await.code(), "not_found");
    let running = scene.recording().await;
    let path = format!("/api/recordings/download?ids={}", running.id());
    assert_eq!(scene.ada.get(&path).await.code(), "not_ready");
    assert_eq!(
        scene.ada.get("/api/recordings/download?ids=").await.status,
        422
    );
}

#[tokio::test]
async fn an_administrator_finds_what_is_stuck_and_has_it_tried_again() {
    let mut scene = Scene::start().await;
    let mut admin = scene.app.admin().await;
    let fine = scene.completed(b"film").await;
    scene.app.advance(Duration::from_secs(1));
    let lost = scene.recorded(b"film").await;
    scene.livekit.recorder.lose_files();
    for _ in 0..9 {
        scene.slice(&lost, false).await;
    }
    scene.app.advance(Duration::from_secs(1));
    let waiting = scene.recorded(b"film").await;
    scene.livekit.recorder.lose_files();
    scene.slice(&waiting, false).await;
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let stuck = admin.get("/api/admin/recordings?state=stuck").await.json;
    assert_eq!(
        ids(&stuck),
        [waiting.id().to_string(), lost.id().to_string()]
    );
    assert_eq!(stuck["items"][0]["attempts"], 1);
    assert_eq!(
        stuck["items"][0]["last_error"],
        "the recorder has no such file"
    );
    assert_eq!(ids(&admin.get("/api/admin/recordings").await.json).len(), 3);
    assert_eq!(
        scene.ada.get("/api/admin/recordings").await.code(),
        "forbidden"
    );
    let overview = admin.get("/api/admin/overview").await.json;
    assert_eq!(overview["recordings"]["waiting"], 1);
    assert_eq!(overview["recordings"]["storage"], "ready");

    for recorded in [&lost, &waiting] {
        let name = scene.livekit.recorder.egresses();
        let name = name
            .iter()
            .find(|info| info.egress_id == recorded.info.egress_id)
            .unwrap();
        let name = name.file_results[0].filename.clone();
        scene
            .livekit
            .recorder
            .add_file(&recorded.info.egress_id, &name, b"film");
        let retry = format!("/api/admin/recordings/{}/retry", recorded.id());
        assert_eq!(scene.ada.post(&retry, json!({})).await.code(), "forbidden");
        assert_eq!(admin.post(&retry, json!({})).await.status, 202);
        let recording = recorded.id();
        let job = Transfer { recording };
        job.run(scene.app.app(), &CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(
            scene.ada.get(&recorded.path).await.json["state"],
            "completed"
        );
    }
    let retry = format!("/api/admin/recordings/{}/retry", fine.id());
    assert_eq!(
        admin.post(&retry, json!({})).await.code(),
        "nothing_to_retry"
    );
}

#[tokio::test]
async fn health_tells_of_a_recorder_that_is_away_and_the_site_stays_ready() {
    let mut scene = Scene::start().await;
    scene
        .livekit
        .recorder
        .fail(crate::testing::recorder::Fault::Away);
    let _ = crate::recordings::reconcile(scene.app.app()).await;
    let health = scene.app.browser().get("/health/ready").await.json;
    assert_eq!(health["checks"]["recordings"]["status"], "fail");
    let detail = health["checks"]["recordings"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("the recorder: "), "{detail}");
    assert!(scene.ada.get(&scene.room.path("")).await.json["recording"]["allowed"] == true);
}
