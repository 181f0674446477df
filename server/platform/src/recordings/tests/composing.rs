//! Between the end and the film: the room is free, and a first version can be looked at.

use std::time::Duration;

use http::header;
use livekit_protocol::EgressStatus;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Recorded, Scene};
use crate::{
    jobs::Job,
    recordings::{RemoveFiles, reconcile},
    testing::recorder::{Fault, PREVIEW},
};

impl Scene {
    /// A recording whose film is being made.
    async fn composing(&mut self) -> Recorded {
        let recorded = self.recording().await;
        self.app.advance(Duration::from_mins(1));
        let recorder = self.livekit.recorder.clone();
        let ending = recorder.become_(EgressStatus::EgressEnding, self.app.app().now());
        recorder.tell(&self.app, "egress_updated", &ending).await;
        recorded
    }
}

#[tokio::test]
async fn a_room_is_recorded_again_while_the_film_before_is_made() {
    let mut scene = Scene::start().await;
    let mut events = scene
        .ada
        .watch(&format!("/api/events?room={}", scene.room.slug))
        .await;
    let first = scene.composing().await;
    let mut kinds = Vec::new();
    while kinds.last().map(String::as_str) != Some("recording.composing") {
        kinds.push(events.next().await.kind);
    }
    assert!(kinds.contains(&"recording.stopped".to_owned()), "{kinds:?}");
    let seen = scene.ada.get(&first.path).await.json;
    assert_eq!(seen["state"], "composing");
    assert_eq!(seen["has_preview"], false);
    let room = scene.ada.get(&scene.room.path("")).await.json;
    assert_eq!(room["recording"]["active"], json!(null));
    let second = scene.record().await;
    assert_eq!(second.status, 201, "{second:?}");
    // Whatever the first becomes, each has its own film.
    let list = scene.list().await;
    assert_eq!(list.len(), 2);
    assert_eq!(list[1]["state"], "composing");
}

#[tokio::test]
async fn a_first_version_is_told_once_and_read_in_parts_until_the_film_is_there() {
    let mut scene = Scene::start().await;
    let recorded = scene.composing().await;
    let preview = format!("{}/preview", recorded.path);
    let none = scene.ada.get(&preview).await;
    assert_eq!((none.status, none.code()), (409, "no_preview"));
    let film: String = ('a'..='z').cycle().take(2_500_000).collect();
    let recorder = scene.livekit.recorder.clone();
    recorder.add_file(&recorded.info.egress_id, PREVIEW, film.as_bytes());
    let mut events = scene
        .ada
        .watch(&format!("/api/events?room={}", scene.room.slug))
        .await;
    reconcile(scene.app.app()).await.unwrap();
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(events.next().await.kind, "recording.composing");
    assert_eq!(
        scene.ada.get(&recorded.path).await.json["has_preview"],
        true
    );
    let whole = scene.ada.get(&preview).await;
    assert_eq!(whole.status, 200);
    assert!(whole.text == film);
    let mut reader = scene.ada.clone();
    reader.set_header(header::RANGE, "bytes=1000000-2200000");
    let part = reader.get(&preview).await;
    assert_eq!(part.status, 206);
    assert!(part.text == film[1_000_000..=2_200_000]);
    let mut grace = scene.app.user("grace").await;
    assert_eq!(grace.get(&preview).await.status, 404);
    // The film is there.
    assert_eq!(
        scene.ada.get(&recorded.path).await.json["remarks"],
        json!([])
    );
    let now = scene.app.app().now();
    let mut ended = recorder.finish(EgressStatus::EgressComplete, b"film", 60, now);
    ended
        .details
        .push_str("; camera of Bob cannot be read from 0:00:07 on");
    recorder.tell(&scene.app, "egress_ended", &ended).await;
    let seen = scene.ada.get(&recorded.path).await.json;
    assert_eq!(
        (&seen["state"], &seen["has_preview"]),
        (&json!("processing"), &json!(false))
    );
    let remarks = json!(["camera of Bob cannot be read from 0:00:07 on"]);
    assert_eq!(seen["remarks"], remarks);
    assert_eq!(scene.ada.get(&preview).await.code(), "no_preview");
}

#[tokio::test]
async fn one_that_was_given_up_and_deleted_is_stopped_when_it_is_heard_of() {
    let mut scene = Scene::start().await;
    let recorder = scene.livekit.recorder.clone();
    recorder.fail(Fault::AwayOnceBegun);
    assert_eq!(scene.record().await.code(), "no_recorder");
    let aborted = scene.list().await.remove(0);
    let path = format!("/api/recordings/{}", aborted["id"].as_str().unwrap());
    assert_eq!(scene.ada.delete(&path).await.status, 204);
    recorder.fail(Fault::None);
    let late = recorder.become_(EgressStatus::EgressActive, scene.app.app().now());
    reconcile(scene.app.app()).await.unwrap();
    assert_eq!(recorder.stops(), [late.egress_id]);
    assert!(scene.list().await.is_empty());
}

#[tokio::test]
async fn what_is_deleted_while_its_film_is_made_stays_deleted() {
    let mut scene = Scene::start().await;
    let recorded = scene.composing().await;
    assert_eq!(scene.ada.delete(&recorded.path).await.status, 204);
    let recorder = scene.livekit.recorder.clone();
    let now = scene.app.app().now();
    let ended = recorder.finish(EgressStatus::EgressComplete, b"film", 60, now);
    recorder.tell(&scene.app, "egress_ended", &ended).await;
    reconcile(scene.app.app()).await.unwrap();
    assert!(scene.list().await.is_empty());
    assert_eq!(scene.ada.get(&recorded.path).await.status, 404);
    // The recorder is told that nobody wants it, however long it takes.
    let recording = recorded.id();
    let stop = CancellationToken::new();
    let removed = RemoveFiles { recording }.run(scene.app.app(), &stop).await;
    removed.unwrap();
    assert!(scene.list().await.is_empty());
}
