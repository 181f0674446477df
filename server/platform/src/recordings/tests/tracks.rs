//! Tracks one by one, as long as the recorder keeps them.

use std::{io::Write, process::Command, time::Duration};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Scene;
use crate::{
    jobs::Job,
    recordings::ForgetFiles,
    testing::{TestApp, recorder::Fault},
};

const DAY: Duration = Duration::from_hours(24);

async fn keeping_for_a_week() -> Scene {
    let start = TestApp::start_with_recorder_and(|all| all.recordings.keep_tracks_days = 7);
    Scene::of(start.await).await
}

#[tokio::test]
async fn each_track_is_in_a_zip_while_it_is_kept() {
    let mut scene = keeping_for_a_week().await;
    let recorded = scene.recorded(b"a film").await;
    scene.slice(&recorded, false).await;
    let shown = scene.ada.get(&recorded.path).await.json;
    let until = shown["ended_at"].as_i64().unwrap() + i64::try_from(DAY.as_millis() * 7).unwrap();
    assert_eq!(shown["tracks_until"], json!(until));

    let path = format!("{}/tracks", recorded.path);
    let answer = scene.ada.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/zip");
    let name = answer.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains("tracks.zip"), "{name}");
    let mut request = Request::get(&path).body(Body::empty()).unwrap();
    scene.ada.prepare(&mut request);
    let whole = scene.app.platform.router().oneshot(request).await.unwrap();
    let length = whole.headers()["content-length"]
        .to_str()
        .unwrap()
        .to_owned();
    let bytes = whole.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(length, bytes.len().to_string());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
        print(z.testzip(), [(i.filename, z.read(i)) for i in z.infolist()])";
    let read = Command::new("python3")
        .args(["-c", script])
        .arg(file.path())
        .output();
    let said = String::from_utf8(read.unwrap().stdout).unwrap();
    assert_eq!(said.trim(), "None [('TR_a.0.webm', b'a voice')]");

    let egress_id = recorded.info.egress_id.clone();
    let forget = ForgetFiles { egress_id };
    forget
        .run(scene.app.app(), &CancellationToken::new())
        .await
        .unwrap();
    scene.app.advance(DAY * 8);
    assert_eq!(
        scene.ada.get(&recorded.path).await.json["tracks_until"],
        json!(null)
    );
    let gone = scene.ada.get(&path).await;
    assert_eq!((gone.status, gone.code()), (404, "no_tracks"));
}

#[tokio::test]
async fn tracks_are_for_those_who_may_download_and_only_after_the_end() {
    let mut scene = keeping_for_a_week().await;
    let recorded = scene.recording().await;
    let path = format!("{}/tracks", recorded.path);
    let early = scene.ada.get(&path).await;
    assert_eq!((early.status, early.code()), (409, "not_ready"));
    assert_eq!(scene.app.browser().get(&path).await.status, 401);
    scene.finish(b"a film").await;
    scene.livekit.recorder.fail(Fault::Away);
    let away = scene.ada.get(&path).await;
    assert_eq!((away.status, away.code()), (503, "no_recorder"));
}
