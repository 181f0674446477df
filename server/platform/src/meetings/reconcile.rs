//! Lists rooms and participants now and then, so that lost webhooks heal and bans hold.

use std::{collections::HashMap, future, time::Duration};

use livekit_protocol as proto;
use thiserror::Error;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{receive::started_at, record::Record, store};
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    events::{Event, EventBody},
    livekit::{LiveKitError, MediaStatus, room_service::RoomName},
    participants,
};

const EVERY: Duration = Duration::from_secs(15);

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
            changed = changed => match changed {
                Ok(()) => announce(&app, &app.livekit.status()),
                // Whoever probed has gone; the ticks go on with the last word.
                Err(_) => watched = false,
            },
        }
        if app.livekit.status() == MediaStatus::Ready {
            tokio::select! {
                () = shutdown.cancelled() => return,
                done = reconcile(&app) => if let Err(error) = done {
                    tracing::warn!(%error, "rooms could not be reconciled with the media server");
                },
            }
        }
    }
}

fn announce(app: &App, status: &MediaStatus) {
    let body = EventBody::MediaStatus {
        status: status.as_str(),
    };
    app.events.publish(Event { room: None, body });
}

/// Makes presence and history agree with what the media server lists now.
pub async fn reconcile(app: &App) -> Result<(), ReconcileError> {
    let began = app.now();
    let listed = app.livekit.list_rooms(began).await?;
    let listed: HashMap<&str, &proto::Room> = listed
        .iter()
        .map(|room| (room.name.as_str(), room))
        .collect();
    for room in listed.values() {
        reconcile_room(app, room, began).await?;
    }
    for room in store::rooms_in_meeting(&app.db).await? {
        let sid = listed
            .get(room.id.to_string().as_str())
            .map_or("", |room| room.sid.as_str());
        let mut record = Record::open(app, &room).await?;
        record.end_unlisted(sid, began).await?;
        record.forget_decisions().await?;
        record.close().await?;
    }
    Ok(())
}

async fn reconcile_room(
    app: &App,
    listed: &proto::Room,
    began: Timestamp,
) -> Result<(), ReconcileError> {
    let Some(room) = store::known_room(&app.db, &listed.name).await? else {
        return Ok(());
    };
    // A name of ours without a sid is being made at this moment.
    if listed.sid.is_empty() {
        return Ok(());
    }
    let name = RoomName(listed.name.clone());
    let infos = app.livekit.list_participants(&name, app.now()).await?;
    let mut record = Record::open(app, &room).await?;
    let meeting = record
        .meeting(&listed.sid, started_at(listed).unwrap_or(began))
        .await?;
    record.agree(&meeting, &infos, began).await?;
    record.close().await?;
    for info in &infos {
        participants::enforce(app, room.id, info).await?;
    }
    Ok(())
}
