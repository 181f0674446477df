//! Turns what transactions left in the outbox into deliveries, in its order. Where a webhook's feed stands moves in the
//! transaction that queues: a server that is killed loses nothing, and two servers queue nothing twice.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{
    deliveries::{self, Queued},
    store::{self, Reader},
};
use crate::{
    app::App,
    db::{
        DbError,
        outbox::{self, ToldOutside},
    },
    happenings::EventType,
};

// Where the database does not say that there is something new.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const AT_ONCE: u16 = 200;
/// Held while the outbox is read for webhooks.
const LOCK: &str = "webhooks.feed";

/// Queues what happens, until `shutdown`.
pub async fn run(app: &App, shutdown: &CancellationToken) {
    let reading = async {
        let mut news = app.db.watch_outbox();
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(error) = feed(app).await {
                tracing::warn!(%error, "events cannot be queued for webhooks; they are later");
            }
            tokio::select! {
                _ = news.changed() => {}
                _ = ticks.tick() => {}
            }
        }
    };
    shutdown.run_until_cancelled(reading).await;
}

/// Up to which message of the outbox every webhook was fed; `None` where there is no webhook.
pub async fn fed_to(app: &App) -> Result<Option<i64>, DbError> {
    store::fed_to(&app.db).await
}

/// How many messages of the outbox wait to be read for webhooks; none where there is no webhook.
pub async fn lag(app: &App) -> Result<i64, DbError> {
    let newest = outbox::kept(&app.db).await?.newest;
    let fed_to = fed_to(app).await?;
    Ok(fed_to.map_or(0, |fed_to| (newest - fed_to).max(0)))
}

/// Queues all that there is to queue.
pub async fn feed(app: &App) -> Result<(), DbError> {
    while let Some(fed_to) = store::fed_to(&app.db).await? {
        let waiting = outbox::told_outside_after(&app.db, fed_to, 1).await?;
        if waiting.is_empty() || !feed_some(app).await? {
            break;
        }
    }
    Ok(())
}

/// Whether there may be more.
async fn feed_some(app: &App) -> Result<bool, DbError> {
    let mut tx = app.db.begin().await?;
    tx.lock(LOCK).await?;
    let readers = store::readers(&mut tx).await?;
    let Some(fed_to) = readers.iter().map(|reader| reader.fed_to).min() else {
        return Ok(false);
    };
    let told = outbox::told_outside_after(&mut tx, fed_to, AT_ONCE.into()).await?;
    let Some(newest) = told.last().map(|message| message.id) else {
        return Ok(false);
    };
    let mut queued = 0;
    for reader in readers {
        let mine = told.iter().filter(|message| message.id > reader.fed_to);
        let mine: Vec<_> = mine
            .filter_map(|message| wanted(&reader, message))
            .collect();
        queued += mine.len();
        deliveries::queue(&mut tx, app, reader.id, &mine).await?;
        store::set_fed_to(&mut tx, reader.id, newest.max(reader.fed_to)).await?;
    }
    tx.commit().await?;
    if queued > 0 {
        app.webhooks.news.notify_one();
    }
    Ok(told.len() == usize::from(AT_ONCE))
}

/// What of a message is read here.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: EventType,
}

/// The message as this webhook is sent it; `None` where it is not.
fn wanted<'a>(reader: &Reader, message: &'a ToldOutside) -> Option<Queued<'a>> {
    let body = message.webhook.as_deref()?;
    let own = reader.id.to_string();
    if message.subject.as_deref() == Some(&own) || !reader.rooms.has(message.room.as_deref()) {
        return None;
    }
    let head: Head = serde_json::from_str(body)
        .inspect_err(|error| tracing::warn!(%error, "an event of a newer server is not sent"))
        .ok()?;
    reader.events.admit(head.kind).then_some(Queued {
        kind: head.kind,
        happened_at: message.at,
        body,
    })
}
