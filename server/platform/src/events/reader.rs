//! Reads the outbox in the order of the commits and hands it to this process's listeners.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{EventId, Hub, Published};
use crate::{
    clock::Timestamp,
    db::{
        Database, DbError,
        outbox::{self, Kept},
    },
};

// Where the database does not say that there is something new.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const AT_ONCE: u16 = 500;
// A page that missed more fetches everything again.
const MOST_MISSED: i64 = 500;
/// How long a page may be away and still hear what it missed.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// Hands on what every server on this database tells, until `shutdown`.
pub async fn deliver(db: &Database, hub: &Hub, shutdown: &CancellationToken) {
    let reading = async {
        let mut news = db.watch_outbox();
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(error) = hand_on(db, hub).await {
                tracing::warn!(%error, "events cannot be read; they come later");
            }
            tokio::select! {
                _ = news.changed() => {}
                _ = ticks.tick() => {}
            }
        }
    };
    tokio::join!(
        db.listen_to_outbox(shutdown),
        shutdown.run_until_cancelled(reading)
    );
}

async fn hand_on(db: &Database, hub: &Hub) -> Result<(), DbError> {
    loop {
        let messages = outbox::messages_after(db, hub.newest(), AT_ONCE.into()).await?;
        let all = messages.len() < usize::from(AT_ONCE);
        for message in messages {
            if message.is_of_access() {
                db.access_changed_elsewhere();
            }
            hub.hand_on(message);
        }
        if all {
            return Ok(());
        }
    }
}

/// What somebody missed who was away.
#[derive(Debug)]
pub struct Missed {
    /// Oldest first; `None` when it was too much, or nobody knows any more.
    pub events: Option<Vec<Published>>,
    /// The newest message of the outbox; what is handed on from before it is old.
    pub newest: i64,
}

/// What was told after the message called `heard`; nothing for somebody who comes for the first time.
pub async fn missed(db: &Database, heard: Option<EventId>) -> Result<Missed, DbError> {
    let Kept { oldest, newest } = outbox::kept(db).await?;
    let Some(EventId { message: heard, at }) = heard else {
        return Ok(Missed {
            events: Some(Vec::new()),
            newest,
        });
    };
    // One from after the newest, or left at another time, is of another database, or of this one before it was put back.
    let within = heard.checked_add(1).is_some_and(|next| next >= oldest) && heard <= newest;
    let known = within
        && match at {
            Some(at) => outbox::left_at(db, heard)
                .await?
                .is_none_or(|left_at| left_at == at),
            None => true,
        };
    if !known || newest - heard > MOST_MISSED {
        return Ok(Missed {
            events: None,
            newest,
        });
    }
    let messages = outbox::messages_after(db, heard, MOST_MISSED).await?;
    let newest = messages.last().map_or(newest, |message| message.id);
    let events = messages.into_iter().filter_map(Published::of).collect();
    Ok(Missed {
        events: Some(events),
        newest,
    })
}

/// Forgets what nobody who comes back asks for any more; not what comes after `unread`, which somebody has still to read.
pub async fn trim(db: &Database, now: Timestamp, unread: Option<i64>) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    outbox::trim(&mut tx, now - KEPT_FOR, unread).await?;
    tx.commit().await
}
