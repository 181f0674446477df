//! Lists rooms and participants now and then, so that lost webhooks heal and bans hold.

use std::{
    collections::HashMap,
    future,
    time::{Duration, SystemTime},
};

use livekit_protocol as proto;
use parking_lot::Mutex;
use thiserror::Error;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::enforce;
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    events::EventBody,
    livekit::{InRegion, LiveKitError, MediaStatus, room_service::RoomName},
    meetings,
    rooms::{self, region},
};

const EVERY: Duration = Duration::from_secs(15);

/// When this server last compared what is on record with the media server.
#[derive(Debug, Default)]
pub struct Reconciled(Mutex<Option<Timestamp>>);

impl Reconciled {
    /// `None`: not since it started.
    pub fn at(&self) -> Option<Timestamp> {
        *self.0.lock()
    }
}

/// Why a listing healed nothing; the next one tries again.
#[derive(Debug, Error)]
pub enum ReconcileError {
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error("the database failed: {0}")]
    Database(#[from] DbError),
}

/// Reconciles at the start, every 15 s and as soon as the media server is back; ends with `shutdown`.
pub async fn run(app: App, shutdown: CancellationToken) {
    let mut status = app.livekit.watch_status();
    let mut ended = app.livekit.watch_ended();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watched = true;
    loop {
        let changed = async {
            if watched {
                status.changed().await
            } else {
                future::pending().await
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
            at = next_end(&mut ended) => if let Err(error) = meetings::cut_until(&app, at).await {
                // The listing ends them, some seconds too early.
                tracing::warn!(%error, "meetings could not be ended with their media server");
            },
            changed = changed => match changed {
                Ok(()) => announce(&app, &app.livekit.status()),
                // Whoever probed has gone; the ticks go on with the last word.
                Err(_) => watched = false,
            },
        }
        // Without the claim another server's media server may be the one to ask.
        if app.media_status() == MediaStatus::Ready && app.claim.is_held() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                done = reconcile(&app) => if let Err(error) = done {
                    tracing::warn!(%error, "rooms could not be reconciled with the media server");
                },
            }
        }
    }
}

/// When the media server ended next; never, where nobody can know.
async fn next_end(ended: &mut watch::Receiver<Option<SystemTime>>) -> Timestamp {
    loop {
        if ended.changed().await.is_err() {
            return future::pending().await;
        }
        if let Some(at) = *ended.borrow_and_update() {
            return at.into();
        }
    }
}

fn announce(app: &App, status: &MediaStatus) {
    let body = EventBody::MediaStatus {
        status: status.as_str(),
    };
    app.events.tell_here(&body);
}

/// Makes what the features that hear LiveKit's events have on record agree with what it lists now. One room that cannot
/// be holds up no other.
pub async fn reconcile(app: &App) -> Result<(), ReconcileError> {
    let began = app.now();
    let mut failed = None;
    for region in app.every_region() {
        // One that is known to be down holds up none that is there.
        if app.regions.are_several() && !region.is_ready() {
            continue;
        }
        if let Err(error) = reconcile_region(app, region, began).await {
            tracing::debug!(region = %region.name, %error, "a region could not be reconciled");
            failed.get_or_insert(error);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    *app.reconciled.0.lock() = Some(began);
    Ok(())
}

async fn reconcile_region(
    app: &App,
    here: InRegion<'_>,
    began: Timestamp,
) -> Result<(), ReconcileError> {
    let listed = here.livekit.list_rooms(began).await?;
    let listed: HashMap<&str, &proto::Room> = listed
        .iter()
        .map(|room| (room.name.as_str(), room))
        .collect();
    for room in listed.values() {
        if let Err(error) = reconcile_room(app, here, room, began).await {
            tracing::warn!(room = room.name, %error, "a room could not be reconciled");
        }
    }
    for room in meetings::in_meeting(app).await? {
        if region::of_room(app, &room.id.livekit_name()).await?.name != here.name {
            continue;
        }
        let sid = listed
            .get(room.id.to_string().as_str())
            .map_or("", |room| room.sid.as_str());
        if let Err(error) = meetings::cut_unlisted(app, &room, sid, began).await {
            tracing::warn!(room = %room.id, %error, "meetings of a room could not be ended");
        }
    }
    Ok(())
}

async fn reconcile_room(
    app: &App,
    here: InRegion<'_>,
    listed: &proto::Room,
    began: Timestamp,
) -> Result<(), ReconcileError> {
    let Some(room) = rooms::known(&app.db, &listed.name).await? else {
        return Ok(());
    };
    // A room without a sid is being made at this moment.
    if listed.sid.is_empty() {
        return Ok(());
    }
    let name = RoomName(listed.name.clone());
    let infos = here.livekit.list_participants(&name, app.now()).await?;
    if region::of_room(app, &name).await?.name == here.name {
        meetings::agree(app, &room, &listed.sid, &infos, began).await?;
    }
    for info in &infos {
        enforce::enforce(app, here, room.id, info).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use tokio_util::sync::CancellationToken;

    use super::reconcile;
    use crate::{
        livekit::MediaStatus,
        testing::{
            TestClient, TestRoom,
            livekit::{self, Behaviour, deliver},
        },
    };

    async fn newest(ada: &mut TestClient, room: &TestRoom) -> Value {
        ada.get(&room.path("/meetings")).await.json["items"][0].clone()
    }

    #[tokio::test]
    async fn a_lost_participant_left_is_healed_by_the_reconciler() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut ada).await;
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        app.advance(Duration::from_secs(15));
        let last_seen = app.app().now();
        reconcile(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 2);
        livekit.leave(&room.id, &guest.identity);
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 1);
        let meeting = newest(&mut ada, &room).await;
        assert_eq!(meeting["ended_at"], Value::Null);
        let stays = meeting["attendances"].as_array().unwrap();
        let stay = stays
            .iter()
            .find(|stay| stay["identity"] == guest.identity)
            .unwrap();
        // Nobody saw them leave; the last time they were seen is all that is known.
        assert_eq!(stay["left_at"], last_seen.0);
    }

    #[tokio::test]
    async fn a_listing_that_fails_is_no_comparison() {
        let (app, livekit, _ada, _room) = TestRoom::start().await;
        let began = app.app().now();
        reconcile(app.app()).await.unwrap();
        app.advance(Duration::from_secs(15));
        livekit.behave(Behaviour::Say(500, "no"));
        reconcile(app.app()).await.unwrap_err();
        assert_eq!(app.app().reconciled.at(), Some(began));
    }

    #[tokio::test]
    async fn a_lost_participant_joined_is_healed_by_the_reconciler() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let joined = app.app().now();
        livekit.enter(&room.id, "g-1", joined);
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 1);
        let stay = newest(&mut ada, &room).await["attendances"][0].clone();
        assert_eq!(
            (stay["joined_at"].as_i64(), stay["left_at"].clone()),
            (Some(joined.0), Value::Null)
        );
    }

    #[tokio::test]
    async fn a_lost_room_finished_is_healed_and_the_meeting_ends_when_somebody_was_last_seen() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut ada).await;
        app.advance(Duration::from_secs(15));
        let last_seen = app.app().now();
        reconcile(app.app()).await.unwrap();
        livekit.close(&room.id);
        app.advance(Duration::from_hours(1));
        reconcile(app.app()).await.unwrap();
        let meeting = newest(&mut ada, &room).await;
        assert_eq!(meeting["ended_at"], last_seen.0);
        assert_eq!(meeting["attendances"][0]["left_at"], last_seen.0);
        assert_eq!(room.live(&mut ada).await, 0);
    }

    #[tokio::test]
    async fn a_call_that_came_back_after_a_crash_is_the_same_meeting() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut ada).await;
        livekit.close(&room.id);
        app.advance(Duration::from_secs(5));
        livekit.enter(&room.id, "g-1", app.app().now());
        app.advance(Duration::from_secs(1));
        reconcile(app.app()).await.unwrap();
        let meetings = ada.get(&room.path("/meetings")).await.json["items"].clone();
        assert_eq!(meetings.as_array().unwrap().len(), 1, "{meetings}");
        assert_eq!(meetings[0]["ended_at"], Value::Null);
        assert_eq!(room.live(&mut ada).await, 1);
    }

    #[tokio::test]
    async fn a_killed_media_server_ends_stays_at_that_moment_and_those_who_come_back_go_on() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let began = app.app().now();
        let mut guest = app.browser();
        let first = room.enter(&app, &livekit, &mut guest).await;
        ada.put(&room.path("/lock"), json!({"locked": true})).await;
        let path = room.path(&format!("/participants/{}/permissions", first.identity));
        assert_eq!(ada.put(&path, json!({"audio": false})).await.status, 200);
        app.advance(Duration::from_secs(7));
        let killed = app.app().now();
        let late = livekit.event("participant_left", &room.id, Some(&first.info), killed);
        livekit.close(&room.id);
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(super::run(app.app().clone(), shutdown.clone()));
        app.media_status.send_replace(MediaStatus::Down {
            reason: "killed".to_owned(),
        });
        app.media_ended.send_replace(Some(killed.into()));
        let ended = async {
            while newest(&mut ada, &room).await["ended_at"].is_null() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), ended)
            .await
            .unwrap();
        shutdown.cancel();
        running.await.unwrap();
        let meeting = newest(&mut ada, &room).await;
        assert_eq!(meeting["ended_at"], killed.0);
        assert_eq!(meeting["attendances"][0]["left_at"], killed.0);
        assert_eq!(meeting["attendances"][0]["seconds"], 7);

        app.media_status.send_replace(MediaStatus::Ready);
        app.advance(Duration::from_secs(3));
        // Locked or not, they were inside.
        let second = room.enter(&app, &livekit, &mut guest).await;
        let token = livekit::claims(&second.token);
        assert!(
            !token
                .video
                .can_publish_sources
                .contains(&"microphone".to_owned())
        );
        assert_eq!(room.join(&mut app.browser(), "Late").await.code(), "locked");
        // The last words of the one that was killed arrive late.
        deliver(&app, &late).await;
        app.advance(Duration::from_secs(10));
        let meetings = ada.get(&room.path("/meetings")).await.json["items"].clone();
        assert_eq!(meetings.as_array().unwrap().len(), 1, "{meetings}");
        assert_eq!(meetings[0]["id"], meeting["id"]);
        assert_eq!(meetings[0]["started_at"], began.0);
        assert_eq!(meetings[0]["ended_at"], Value::Null);
        let stays = meetings[0]["attendances"].as_array().unwrap();
        assert_eq!(stays.len(), 1, "one person: {stays:?}");
        assert_eq!(
            (&stays[0]["visits"], &stays[0]["seconds"]),
            (&json!(2), &json!(17))
        );
        assert_eq!(stays[0]["left_at"], Value::Null);
    }

    #[tokio::test]
    async fn nobody_goes_on_with_a_meeting_that_was_cut_long_ago() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut ada).await;
        livekit.close(&room.id);
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        app.advance(Duration::from_mins(6));
        room.enter(&app, &livekit, &mut ada).await;
        let meetings = ada.get(&room.path("/meetings")).await.json["items"].clone();
        assert_eq!(meetings.as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_late_listing_does_not_end_a_stay_that_was_written_after_it_began() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let now = app.app().now();
        let info = livekit.enter(&room.id, "g-1", now);
        let event = livekit.event("participant_joined", &room.id, Some(&info), now);
        livekit.leave(&room.id, "g-1");
        deliver(&app, &event).await;
        // The clock stands still: the event was written no earlier than the listing began.
        reconcile(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 1);
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 0);
    }

    #[tokio::test]
    async fn a_room_that_fails_holds_up_no_other() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let other = TestRoom::create(&mut ada, json!({})).await;
        for slow in [&room, &other] {
            livekit.refuse_to_list(&slow.id);
            app.advance(Duration::from_secs(15));
            let healthy = if slow.id == room.id { &other } else { &room };
            livekit.enter(&healthy.id, "g-1", app.app().now());
            reconcile(app.app()).await.unwrap();
            assert_eq!(healthy.live(&mut ada).await, 1);
            livekit.close(&healthy.id);
        }
    }

    #[tokio::test]
    async fn a_listing_that_fails_ends_nobodys_stay() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut ada).await;
        app.advance(Duration::from_mins(1));
        livekit.behave(Behaviour::Say(500, "no"));
        assert!(reconcile(app.app()).await.is_err());
        assert_eq!(room.live(&mut ada).await, 1);
    }

    #[tokio::test]
    async fn a_banned_participant_who_is_back_on_the_media_server_is_removed() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        let path = room.path(&format!("/participants/{}/ban", guest.identity));
        assert_eq!(ada.post(&path, json!({})).await.status, 201);
        livekit.enter(&room.id, &guest.identity, app.app().now());
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        assert!(livekit.identities(&room.id).is_empty());
    }

    #[tokio::test]
    async fn a_deleted_rooms_call_that_stayed_is_emptied() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        room.enter(&app, &livekit, &mut app.browser()).await;
        livekit.behave(Behaviour::Say(503, "busy"));
        assert_eq!(ada.delete(&room.path("")).await.status, 204);
        livekit.behave(Behaviour::Normal);
        app.advance(Duration::from_secs(15));
        reconcile(app.app()).await.unwrap();
        assert!(livekit.identities(&room.id).is_empty());
    }
}
