//! The way of a film from the recorder to a folder or a bucket, however often it is interrupted.

use std::time::Duration;

use livekit_protocol::{EgressStatus, egress_info::Request, encoded_file_output::Output};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Recorded, Scene};
use crate::{
    config::{RecordingEngine, StorageKind},
    jobs::Job,
    recordings::{
        ForgetFiles, RemoveFiles, Transfer, delete_old, find_lost, take_up, transfer::Held,
    },
    testing::{
        TestApp,
        recorder::Fault,
        s3::{BUCKET, FakeS3, S3Fault},
    },
};

const PART: usize = 8 * 1024 * 1024;

fn film() -> Vec<u8> {
    (0..2 * PART + 5)
        .map(|at| u8::try_from(at % 253).unwrap())
        .collect()
}

impl Scene {
    /// A bucket takes the films in.
    async fn with_bucket(s3: &FakeS3) -> Scene {
        let config = s3.config();
        let start = TestApp::start_with_recorder_and(|all| {
            all.recordings.storage.kind = StorageKind::S3;
            all.recordings.storage.s3 = config;
        });
        Scene::of(start.await).await
    }

    /// A recording that ended with this film; nothing of it is stored.
    pub async fn recorded(&mut self, film: &[u8]) -> Recorded {
        let recorded = self.recording().await;
        self.finish(film).await;
        recorded
    }

    /// The recording that goes on ends with this film.
    pub async fn finish(&mut self, film: &[u8]) {
        self.finish_after(film, 60).await;
    }

    /// The recording that goes on ends with this film of so many seconds.
    pub async fn finish_after(&mut self, film: &[u8], seconds: i64) {
        let now = self.app.app().now();
        let recorder = self.livekit.recorder.clone();
        let ended = recorder.finish(EgressStatus::EgressComplete, film, seconds, now);
        recorder.tell(&self.app, "egress_ended", &ended).await;
    }

    /// One slice of work, as the queue does it; `stop`: the process is about to end.
    pub async fn slice(&self, recorded: &Recorded, stop: bool) {
        let token = CancellationToken::new();
        if stop {
            token.cancel();
        }
        let recording = recorded.id();
        Transfer { recording }
            .run(self.app.app(), &token)
            .await
            .unwrap();
    }

    /// How the administrator sees the store.
    async fn storage(&self) -> serde_json::Value {
        let seen = crate::recordings::overview(self.app.app()).await.unwrap();
        serde_json::to_value(seen).unwrap()["storage"].clone()
    }

    async fn remove(&self, recorded: &Recorded) {
        let recording = recorded.id();
        let job = RemoveFiles { recording };
        job.run(self.app.app(), &CancellationToken::new())
            .await
            .unwrap();
    }
}

impl Recorded {
    pub fn id(&self) -> crate::recordings::RecordingId {
        self.path.rsplit('/').next().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn a_film_lies_in_the_folder_and_the_recorder_forgets_its_own() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(&film()).await;
    let early = scene.ada.get(&format!("{}/media", recorded.path)).await;
    assert_eq!((early.status, early.code()), (409, "not_ready"));
    scene.slice(&recorded, false).await;
    let shown = scene.ada.get(&recorded.path).await.json;
    assert_eq!(shown["state"], "completed");
    assert_eq!(shown["size"], film().len());
    assert_eq!(shown["transfer"], json!(null));
    let kept = scene.app.app().config.server.data_dir.join("recordings");
    let path = kept
        .join(&scene.room.id)
        .join(format!("{}.mp4", recorded.id()));
    assert_eq!(std::fs::read(path).unwrap(), film());
    let egress_id = recorded.info.egress_id.clone();
    let job = ForgetFiles {
        egress_id: egress_id.clone(),
    };
    job.run(scene.app.app(), &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(scene.livekit.recorder.forgotten(), [egress_id]);
    // Once more, as jobs may.
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
}

#[tokio::test]
async fn a_film_goes_to_the_bucket_in_slices_and_no_part_is_sent_twice() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    for (parts, bytes) in [(1, PART), (2, 2 * PART)] {
        scene.slice(&recorded, true).await;
        assert_eq!(s3.parts(), parts);
        let shown = scene.ada.get(&recorded.path).await.json;
        assert_eq!(
            shown["transfer"],
            json!({"bytes_done": bytes, "waiting_since": null})
        );
    }
    scene.slice(&recorded, true).await;
    assert_eq!(s3.parts(), 3);
    assert_eq!(scene.states().await, ["completed"]);
    let key = format!("{}/{}.mp4", scene.room.id, recorded.id());
    assert_eq!(std::fs::read(s3.path(&key)).unwrap(), film());
    let media = scene.ada.get(&format!("{}/media", recorded.path)).await;
    assert_eq!(media.status, 302);
    let link = media.headers["location"].to_str().unwrap();
    let page = scene.ada.get("/").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let origin = scene.app.app().stores.origin().unwrap().to_owned();
    assert!(
        link.starts_with(&origin) && policy.contains(&origin),
        "{link} {policy}"
    );
    assert!(
        link.contains("X-Amz-Signature") && link.contains("inline"),
        "{link}"
    );
}

#[tokio::test]
async fn whoever_is_killed_between_a_part_and_its_record_sends_that_part_again_and_no_other() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    scene.slice(&recorded, true).await;
    // The next part arrives, and its sender dies before it is written down.
    scene.livekit.recorder.fail(Fault::PartialFile(3));
    scene.slice(&recorded, false).await;
    let waiting = scene.ada.get(&recorded.path).await.json;
    assert_eq!(waiting["transfer"]["bytes_done"], PART);
    assert!(waiting["transfer"]["waiting_since"].is_i64(), "{waiting}");
    scene.livekit.recorder.fail(Fault::None);
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
    assert_eq!(s3.parts(), 3);
}

#[tokio::test]
async fn of_two_workers_one_has_the_film() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    tokio::join!(scene.slice(&recorded, false), scene.slice(&recorded, false));
    assert_eq!(s3.parts(), 3);
    assert_eq!(scene.states().await, ["completed"]);
}

#[tokio::test]
async fn a_bucket_that_is_away_for_days_is_waited_for() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    scene.slice(&recorded, true).await;
    assert_eq!(scene.storage().await, "ready");
    s3.fail(S3Fault::Away);
    for _ in 0..5 {
        scene.slice(&recorded, false).await;
        // At once, though it was looked at a moment ago.
        assert_eq!(scene.storage().await, "down");
        scene.app.advance(Duration::from_hours(24));
    }
    assert_eq!(scene.states().await, ["processing"]);
    assert!(scene.livekit.recorder.forgotten().is_empty());
    s3.fail(S3Fault::None);
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
    assert_eq!(scene.storage().await, "ready");
}

#[tokio::test]
async fn a_byte_that_turns_over_on_the_way_is_sent_again() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    s3.fail(S3Fault::FlipsAByte);
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["processing"]);
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
    let key = format!("{}/{}.mp4", scene.room.id, recorded.id());
    assert_eq!(std::fs::read(s3.path(&key)).unwrap(), film());
}

#[tokio::test]
async fn an_upload_that_the_store_swept_away_begins_anew() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut scene = Scene::with_bucket(&s3).await;
    let recorded = scene.recorded(&film()).await;
    scene.slice(&recorded, true).await;
    let stores = &scene.app.app().stores;
    let store = stores.of(StorageKind::S3).unwrap();
    let later = scene.app.app().now() + Duration::from_hours(24 * 365 * 100);
    store.sweep(later.into()).await.unwrap();
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
}

#[tokio::test]
async fn a_film_of_a_killed_worker_is_free_again_within_half_a_minute_and_at_once_after_a_restart()
{
    let mut scene = Scene::start().await;
    for restarted in [false, true] {
        let recorded = scene.recorded(b"film").await;
        // A worker that will never be heard of again.
        let held = Held::take(scene.app.app(), recorded.id()).await.unwrap();
        assert!(held.is_some());
        scene.slice(&recorded, false).await;
        assert_eq!(scene.states().await[0], "processing");
        if restarted {
            take_up(scene.app.app()).await.unwrap();
        } else {
            scene.app.advance(Duration::from_secs(30));
        }
        scene.slice(&recorded, false).await;
        assert_eq!(scene.states().await[0], "completed");
    }
}

#[tokio::test]
async fn a_job_that_vanished_is_queued_again() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(b"film").await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(crate::jobs::work(scene.app.app().clone(), stop.clone()));
    let done = async {
        while scene.states().await != ["completed"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), done)
        .await
        .unwrap();
    stop.cancel();
    working.await.unwrap();
    // Nothing is lost: nothing is queued.
    scene.app.advance(Duration::from_hours(1));
    find_lost(scene.app.app()).await.unwrap();
    assert_eq!(
        scene.ada.get(&recorded.path).await.json["state"],
        "completed"
    );
}

#[tokio::test]
async fn a_recorder_without_the_file_is_asked_for_a_while_and_then_the_film_is_lost() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(b"film").await;
    scene.livekit.recorder.lose_files();
    for _ in 0..8 {
        scene.slice(&recorded, false).await;
        assert_eq!(scene.states().await, ["processing"]);
    }
    scene.slice(&recorded, false).await;
    let list = scene.list().await;
    assert_eq!(
        (&list[0]["state"], &list[0]["fault"]),
        (&json!("failed"), &json!("file_gone"))
    );
}

#[tokio::test]
async fn a_deleted_recording_leaves_nothing_behind() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    for slices in [0, 1, 3] {
        let mut scene = Scene::with_bucket(&s3).await;
        let recorded = scene.recorded(&film()).await;
        for _ in 0..slices {
            scene.slice(&recorded, true).await;
        }
        assert_eq!(scene.ada.delete(&recorded.path).await.status, 204);
        scene.remove(&recorded).await;
        let key = format!("{}/{}.mp4", scene.room.id, recorded.id());
        assert!(!s3.path(&key).exists(), "{slices}");
        // Late work on it changes nothing.
        scene.slice(&recorded, false).await;
        scene.remove(&recorded).await;
        assert!(!s3.path(&key).exists(), "{slices}");
    }
}

#[tokio::test]
async fn a_recording_whose_time_is_over_is_deleted_and_its_film_with_it() {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.keep_days = 30);
    let mut scene = Scene::of(start.await).await;
    let recorded = scene.recorded(b"film").await;
    scene.slice(&recorded, false).await;
    scene.app.advance(Duration::from_hours(29 * 24));
    delete_old(scene.app.app()).await.unwrap();
    assert_eq!(scene.states().await, ["completed"]);
    scene.app.advance(Duration::from_hours(2 * 24));
    delete_old(scene.app.app()).await.unwrap();
    assert!(scene.states().await.is_empty());
    scene.remove(&recorded).await;
    let kept = scene.app.app().config.server.data_dir.join("recordings");
    assert!(!kept.join(&scene.room.id).exists());
}

#[tokio::test]
async fn a_film_plays_from_any_moment_and_is_handed_over_by_its_title() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(&film()).await;
    scene.slice(&recorded, false).await;
    scene
        .ada
        .patch(&recorded.path, json!({"title": "Größe \"1\""}))
        .await;
    let path = format!("{}/media", recorded.path);
    let whole = scene.ada.get(&path).await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.headers["content-type"], "video/mp4");
    assert_eq!(whole.headers["accept-ranges"], "bytes");
    assert_eq!(
        whole.headers["content-length"],
        film().len().to_string().as_str()
    );
    assert!(
        whole.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("inline")
    );
    let ranged = |range: &str| {
        let mut ada = scene.ada.clone();
        ada.set_header(http::header::RANGE, range);
        let path = path.clone();
        async move { ada.get(&path).await }
    };
    let part = ranged("bytes=65-70").await;
    assert_eq!(part.status, 206);
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 65-70/{}", film().len()).as_str()
    );
    assert_eq!(part.text, "ABCDEF");
    let behind = ranged("bytes=99999999-").await;
    assert_eq!(behind.status, 416);
    let kept = scene.ada.get(&format!("{path}?download=1")).await;
    let disposition = kept.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(
        disposition.ends_with("Gr%C3%B6%C3%9Fe%20%221%22%202026-11-21.mp4"),
        "{disposition}"
    );
    let records = scene.ada.get(&scene.room.path("/audit")).await.text;
    assert_eq!(
        records.matches("recording.downloaded").count(),
        1,
        "{records}"
    );
    let mut grace = scene.app.user("grace").await;
    assert_eq!(grace.get(&path).await.code(), "not_found");
}

#[tokio::test]
async fn nothing_is_recorded_where_no_room_is_left() {
    type Change = fn(&mut crate::config::Recordings);
    let full: [(Change, u16, &str); 3] = [
        (|config| config.reserve_gb = 100_000, 507, "storage_full"),
        (|config| config.quota_gb = 1, 409, "quota_reached"),
        (
            |config| config.quota_gb_per_user = 1,
            409,
            "own_quota_reached",
        ),
    ];
    for (change, status, code) in full {
        let start = TestApp::start_with_recorder_and(|config| change(&mut config.recordings));
        let mut scene = Scene::of(start.await).await;
        if code != "storage_full" {
            let recorded = scene.recorded(b"film").await;
            scene.pretend_size(&recorded, 1_000_000_000).await;
        }
        let answer = scene.record().await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
}

impl Scene {
    async fn pretend_size(&self, recorded: &Recorded, bytes: i64) {
        let mut tx = self.app.app().db.begin().await.unwrap();
        let id = recorded.id();
        crate::recordings::store::set_size(&mut tx, id, Some(bytes))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_film_that_a_clusters_recorder_put_into_the_bucket_stays_where_it_is() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let config = s3.config();
    let start = TestApp::start_with_recorder_and(|all| {
        all.recordings.engine = RecordingEngine::Endpoint;
        all.recordings.storage.kind = StorageKind::S3;
        all.recordings.storage.s3 = config;
    });
    let mut scene = Scene::of(start.await).await;
    let recorded = scene.recorded(b"film").await;
    let asked = scene.livekit.recorder.egresses().pop().unwrap();
    let Some(Request::RoomComposite(request)) = asked.request else {
        panic!("another request");
    };
    let output = &request.file_outputs[0];
    let Some(Output::S3(bucket)) = &output.output else {
        panic!("no bucket is named: {output:?}");
    };
    assert_eq!(
        (bucket.bucket.as_str(), bucket.force_path_style),
        (BUCKET, true)
    );
    let path = output.filepath.strip_prefix("recordings/").unwrap();
    let path = s3.path(&format!("{path}.mp4"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"film").unwrap();
    scene.livekit.recorder.lose_files();
    scene.slice(&recorded, false).await;
    assert_eq!(scene.states().await, ["completed"]);
    assert_eq!(s3.parts(), 0);
    let media = scene.ada.get(&format!("{}/media", recorded.path)).await;
    assert_eq!(media.status, 302);
}

#[tokio::test]
async fn a_films_picture_is_there_with_it_is_seen_with_it_and_goes_with_it() {
    let mut scene = Scene::start().await;
    let recorded = scene.recorded(&film()).await;
    let recorder = scene.livekit.recorder.clone();
    recorder.add_file(&recorded.info.egress_id, "poster.webp", b"RIFF picture");
    let path = format!("{}/poster", recorded.path);
    let early = scene.ada.get(&path).await;
    assert_eq!((early.status, early.code()), (404, "no_poster"));
    scene.slice(&recorded, false).await;
    assert_eq!(scene.ada.get(&recorded.path).await.json["has_poster"], true);
    let picture = scene.ada.get(&path).await;
    assert_eq!(
        (picture.status, picture.text.as_str()),
        (200, "RIFF picture")
    );
    assert_eq!(picture.headers["content-type"], "image/webp");
    assert_eq!(
        scene.app.browser().get(&path).await.code(),
        "unauthenticated"
    );

    let how = json!({"password": "open sesame"});
    let share = scene
        .ada
        .post(&format!("{}/shares", recorded.path), how)
        .await;
    let token = share.json["url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let shared = format!("/api/shares/{token}");
    let mut outsider = scene.app.browser();
    assert_eq!(outsider.get(&format!("{shared}/poster")).await.status, 403);
    let unlock = json!({"password": "open sesame"});
    let pass = outsider
        .post(&format!("{shared}/unlock"), unlock)
        .await
        .json["pass"]
        .as_str()
        .unwrap()
        .to_owned();
    let film = outsider.get(&format!("{shared}?pass={pass}")).await.json;
    let url = film["recording"]["poster_url"].as_str().unwrap();
    assert_eq!(outsider.get(url).await.text, "RIFF picture");

    let folder = scene.app.app().config.server.data_dir.join("recordings");
    let folder = folder.join(&scene.room.id);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(scene.ada.delete(&recorded.path).await.status, 204);
    scene.remove(&recorded).await;
    let left = std::fs::read_dir(&folder).map_or(0, Iterator::count);
    assert_eq!(left, 0, "neither film nor picture");
}
