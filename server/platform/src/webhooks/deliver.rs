//! Delivers what is queued: each webhook's messages one after another, several webhooks at once. A webhook is leased by
//! one server at a time; a server that is killed leaves its lease to run out.

use std::{collections::HashMap, time::Duration};

use tokio::{
    task::{Id, JoinSet},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{
    deliveries::{self, Due},
    model::{Webhook, WebhookId},
    outcome,
    secret::SigningKey,
    send::Outgoing,
    store,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Longer than an attempt takes, with what the database takes after it.
const LEASE: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 16;
/// Then another webhook gets its turn.
const IN_A_ROW: usize = 100;

/// Delivers until `shutdown`.
pub async fn run(app: App, shutdown: CancellationToken) {
    let holder = app.random.token();
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tasks = JoinSet::new();
    let mut busy: HashMap<Id, WebhookId> = HashMap::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            _ = ticks.tick() => {}
            () = app.webhooks.news.notified() => {}
            Some(done) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                let id = match done {
                    Ok((id, ())) => id,
                    Err(error) => error.id(),
                };
                busy.remove(&id);
            }
        }
        let due = store::due(&app.db, &holder, app.now()).await;
        let due = due.unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot look which webhooks have something to send");
            Vec::new()
        });
        for id in due {
            if busy.len() >= AT_ONCE {
                break;
            }
            if busy.values().any(|other| *other == id) {
                continue;
            }
            let working = work_off(app.clone(), id, holder.clone(), shutdown.clone());
            let task = tasks.spawn(async move {
                if let Err(error) = working.await {
                    tracing::warn!(webhook = %id, %error, "a delivery is not on record; it is repeated");
                }
            });
            busy.insert(task.id(), id);
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// Delivers what is due now; for tests.
#[cfg(test)]
pub async fn deliver(app: &App) {
    let holder = app.random.token();
    let due = store::due(&app.db, &holder, app.now()).await.unwrap();
    let each = due.into_iter().map(|id| {
        let stop = CancellationToken::new();
        work_off(app.clone(), id, holder.clone(), stop)
    });
    for done in futures::future::join_all(each).await {
        done.unwrap();
    }
}

/// Delivers what one webhook has waiting and is due.
async fn work_off(
    app: App,
    id: WebhookId,
    holder: String,
    stop: CancellationToken,
) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let mut next = take(&app, &mut tx, id, &holder).await?;
    tx.commit().await?;
    for _ in 0..IN_A_ROW {
        let Some((webhook, due)) = next else {
            return Ok(());
        };
        let now = app.now();
        let keys = signing_keys(&app, &webhook, now);
        let outgoing = Outgoing {
            url: &webhook.url,
            message_id: &due.id.message_id(),
            at: now,
            body: &due.body,
            keys: &keys,
        };
        // What is broken off is not on record: it is sent again, with the same id.
        let Some(said) = stop.run_until_cancelled(app.webhooks.send(&outgoing)).await else {
            break;
        };
        app.counters.webhook_sent(said.error.is_none());
        let mut tx = app.db.begin().await?;
        if !store::holds_lease(&mut tx, id, &holder).await? {
            // Another server took over, which says what came of it.
            return Ok(());
        }
        outcome::note(&app, &mut tx, &webhook, &due, &said).await?;
        next = take(&app, &mut tx, id, &holder).await?;
        tx.commit().await?;
    }
    let mut tx = app.db.begin().await?;
    store::release(&mut tx, id, &holder).await?;
    tx.commit().await
}

/// Takes or keeps the lease on a webhook and says what it sends next; without anything due the lease is given back.
async fn take(
    app: &App,
    tx: &mut Tx,
    id: WebhookId,
    holder: &str,
) -> Result<Option<(Webhook, Due)>, DbError> {
    let now = app.now();
    let Some(webhook) = store::lease(tx, id, (holder, now + LEASE), now).await? else {
        return Ok(None);
    };
    if webhook.paused_at.is_none()
        && let Some(due) = deliveries::due(tx, id, now).await?
    {
        return Ok(Some((webhook, due)));
    }
    store::release(tx, id, holder).await?;
    Ok(None)
}

/// The keys that sign a webhook's messages now.
pub fn signing_keys(app: &App, webhook: &Webhook, now: Timestamp) -> Vec<SigningKey> {
    let media_server = &app.livekit.endpoint().api_secret;
    let versions = webhook.signing_versions(now);
    versions
        .into_iter()
        .map(|version| SigningKey::of(webhook.id, version, media_server))
        .collect()
}
