//! Two servers, a killed one, and what is kept for how long.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::Scene;
use crate::{
    background,
    db::{Database, outbox, sql},
    events,
    testing::TestApp,
    webhooks::{self, clean_up, deliver::deliver, feed::feed, store},
};

#[tokio::test]
async fn two_servers_on_one_database_send_each_message_once_and_in_order() {
    let mut scene = Scene::start().await;
    scene.webhook(json!({})).await;
    let db = scene.app.app().db.clone();
    let allow = |config: &mut crate::config::Config, _: &mut _| {
        config.webhooks.allow_private_addresses = true;
    };
    let folder = TempDir::new().unwrap();
    let other = TestApp::start_on(folder, db, allow, background::registry()).await;
    let room = scene.room().await;
    for nth in 0..20 {
        scene.rename(&room, &format!("name {nth}")).await;
        let (one, two) = (scene.app.app(), other.app());
        other.advance(Duration::from_secs(1));
        let (fed_one, fed_two) = tokio::join!(feed(one), feed(two));
        fed_one.and(fed_two).unwrap();
        tokio::join!(deliver(one), deliver(two));
    }
    scene.app.advance(Duration::from_mins(1));
    scene.work().await;
    let got = scene.receiver.got();
    assert_eq!(got.len(), 21);
    for (nth, got) in got[1..].iter().enumerate() {
        let name = format!("name {nth}");
        assert_eq!(got.body["data"]["changes"]["name"]["to"], name.as_str());
    }
}

#[tokio::test]
async fn a_killed_server_loses_nothing_and_another_takes_over_when_its_lease_runs_out() {
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    let room = scene.room().await;
    feed(scene.app.app()).await.unwrap();
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let app = scene.app.app().clone();
    let mut tx = app.db.begin().await.unwrap();
    let until = app.now() + Duration::from_secs(30);
    let lease = store::lease(&mut tx, id, ("killed", until), app.now()).await;
    assert!(lease.unwrap().is_some());
    tx.commit().await.unwrap();
    // It was killed before it queued this.
    scene.rename(&room, "A").await;
    scene.work().await;
    assert_eq!(scene.receiver.got().len(), 0);
    scene.app.advance(Duration::from_secs(30));
    scene.work().await;
    assert_eq!(scene.receiver.kinds(), ["room.created", "room.updated"]);
}

#[tokio::test]
async fn the_outbox_is_kept_until_it_is_queued_and_deliveries_for_thirty_days() {
    async fn count(db: &Database) -> i64 {
        sql!(db => scalar i64, "SELECT COUNT(*) FROM webhook_deliveries").unwrap()
    }
    let mut scene = Scene::start().await;
    let (path, _) = scene.webhook(json!({})).await;
    scene.room().await;
    let app = scene.app.app().clone();
    scene.app.advance(Duration::from_hours(48));
    // Nobody queued anything for two days.
    let unread = webhooks::fed_to(&app).await.unwrap();
    events::trim(&app.db, app.now(), unread).await.unwrap();
    scene.work().await;
    assert_eq!(scene.receiver.kinds(), ["room.created"]);
    scene.app.advance(Duration::from_hours(27 * 24));
    clean_up(&app).await.unwrap();
    assert_eq!(count(&app.db).await, 1);
    scene.app.advance(Duration::from_hours(2 * 24));
    clean_up(&app).await.unwrap();
    assert_eq!(count(&app.db).await, 0);
    // A deleted webhook takes its log along.
    scene.room().await;
    scene.work().await;
    assert_eq!(count(&app.db).await, 1);
    assert_eq!(scene.admin.delete(&path).await.status, 204);
    assert_eq!(scene.admin.get(&path).await.status, 404);
    scene.room().await;
    scene.work().await;
    clean_up(&app).await.unwrap();
    assert_eq!(count(&app.db).await, 0);
    let webhooks = sql!(&app.db => scalar i64, "SELECT COUNT(*) FROM webhooks").unwrap();
    assert_eq!(webhooks, 0);
    assert_eq!(scene.receiver.got().len(), 2);
}

#[tokio::test]
async fn the_outbox_holds_no_secret() {
    let mut scene = Scene::start().await;
    let (_, secret) = scene.webhook(json!({})).await;
    let told = outbox::told_outside_after(&scene.app.app().db, 0, 100).await;
    let told = format!("{:?}", told.unwrap());
    assert!(told.contains("webhook.created"), "{told}");
    assert!(!told.contains(&secret) && !told.contains("hush"), "{told}");
}
