//! All SQL about deliveries and attempts.

use super::model::{Attempt, Delivery, DeliveryId, DeliveryState};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    happenings::EventType,
    webhooks::{model::WebhookId, send::Said, store},
};

/// An event that is to be delivered.
pub struct Queued<'a> {
    pub kind: EventType,
    pub happened_at: Timestamp,
    pub body: &'a str,
}

/// A delivery whose turn it is.
#[derive(sqlx::FromRow)]
pub struct Due {
    pub id: DeliveryId,
    pub body: String,
    /// Of the three days under way.
    pub tries: i64,
    pub trying_since: Option<Timestamp>,
    /// How many times three days have passed.
    pub rounds: i64,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    Again {
        at: Timestamp,
        tries: i64,
        since: Timestamp,
    },
    /// Three days have passed; it waits for others to begin.
    NextRound {
        at: Timestamp,
    },
    Dead,
}

fn number(number: i64) -> String {
    format!("{number:016x}")
}

/// Puts them at the end of the webhook's queue, in this order.
pub async fn queue(
    tx: &mut Tx,
    app: &App,
    webhook: WebhookId,
    events: &[Queued<'_>],
) -> Result<(), DbError> {
    let count = i64::try_from(events.len()).unwrap_or_default();
    if count == 0 {
        return Ok(());
    }
    let now = app.now();
    let Some((first_number, first_place)) = store::number(tx, webhook, count, count).await? else {
        return Ok(());
    };
    for (nth, event) in (0..).zip(events) {
        sql!(&mut *tx => execute,
            "INSERT INTO webhook_deliveries (id, webhook_id, number, kind, happened_at, body, state, queue_place,
                                             next_attempt_at, tries, rounds, attempts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0)",
            DeliveryId::new(&app.random, now), webhook, number(first_number + nth), event.kind, event.happened_at,
            event.body, DeliveryState::Pending, first_place + nth, now)?;
    }
    Ok(())
}

/// Writes down what was sent past the queue.
pub async fn write_down(
    tx: &mut Tx,
    (webhook, id): (WebhookId, DeliveryId),
    event: &Queued<'_>,
    said: &Said,
    now: Timestamp,
) -> Result<(), DbError> {
    let Some((first_number, _)) = store::number(tx, webhook, 1, 0).await? else {
        return Ok(());
    };
    sql!(&mut *tx => execute,
        "INSERT INTO webhook_deliveries (id, webhook_id, number, kind, happened_at, body, state, tries, rounds, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
        id, webhook, number(first_number), event.kind, event.happened_at, event.body, DeliveryState::Pending)?;
    let due = Due {
        id,
        body: String::new(),
        tries: 0,
        trying_since: None,
        rounds: 0,
    };
    let fate = if said.error.is_none() {
        Fate::Delivered
    } else {
        Fate::Dead
    };
    note(tx, &due, fate, said, now).await.map(|_| ())
}

/// The first of the webhook's queue, if it is due.
pub async fn due(tx: &mut Tx, webhook: WebhookId, now: Timestamp) -> Result<Option<Due>, DbError> {
    sql!(tx => optional Due,
        "SELECT id, body, tries, trying_since, rounds FROM webhook_deliveries
         WHERE webhook_id = $1 AND next_attempt_at <= $2
           AND queue_place = (SELECT MIN(queue_place) FROM webhook_deliveries WHERE webhook_id = $1)",
        webhook, now)
}

/// Writes down an attempt; `false` where the delivery is forgotten.
pub async fn note(
    tx: &mut Tx,
    due: &Due,
    fate: Fate,
    said: &Said,
    now: Timestamp,
) -> Result<bool, DbError> {
    let (state, next, tries, since, rounds) = match fate {
        Fate::Delivered => (DeliveryState::Delivered, None, 0, None, due.rounds),
        Fate::Again { at, tries, since } => (
            DeliveryState::Failed,
            Some(at),
            tries,
            Some(since),
            due.rounds,
        ),
        Fate::NextRound { at } => (DeliveryState::Failed, Some(at), 0, None, due.rounds + 1),
        Fate::Dead => (DeliveryState::Dead, None, 0, None, due.rounds + 1),
    };
    let status = said.status.map(|status| i64::from(status.as_u16()));
    let noted = sql!(&mut *tx => execute,
        "UPDATE webhook_deliveries
         SET state = $2, next_attempt_at = $3, tries = $4, trying_since = $5, rounds = $6,
             queue_place = CASE WHEN $3 IS NULL THEN NULL ELSE queue_place END,
             attempts = attempts + 1, last_attempt_at = $7, last_status = $8, last_error = $9
         WHERE id = $1",
        due.id, state, next, tries, since, rounds, now, status, &said.error)?;
    if noted == 0 {
        return Ok(false);
    }
    let duration = i64::try_from(said.duration.as_millis()).unwrap_or(i64::MAX);
    sql!(tx => execute,
        "INSERT INTO webhook_attempts (delivery_id, number, at, status, error, answer, duration_ms)
         SELECT id, attempts, $2, $3, $4, $5, $6 FROM webhook_deliveries WHERE id = $1",
        due.id, now, status, &said.error, &said.answer, duration)?;
    Ok(true)
}

/// What waits goes out at once, with three days before it.
pub async fn resume(tx: &mut Tx, webhook: WebhookId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE webhook_deliveries SET next_attempt_at = $2, tries = 0, trying_since = NULL
         WHERE webhook_id = $1
           AND queue_place = (SELECT MIN(queue_place) FROM webhook_deliveries WHERE webhook_id = $1)",
        webhook, now)?;
    Ok(())
}

macro_rules! page {
    ($narrowed:literal) => {
        concat!(
            "SELECT id, kind, happened_at, state, attempts, last_attempt_at, last_status, last_error, next_attempt_at, number
             FROM webhook_deliveries WHERE webhook_id = $1 AND number < $2 ",
            $narrowed,
            " ORDER BY number DESC LIMIT $3"
        )
    };
}

pub(super) const ALL: &str = page!("");
pub(super) const OF_STATE: &str = page!("AND state = $4");
pub(super) const OF_KIND: &str = page!("AND kind = $4");
pub(super) const OF_BOTH: &str = page!("AND state = $4 AND kind = $5");

/// Newest first, below the number `before`; without the bodies.
pub(super) async fn list(
    db: impl Into<Executor<'_>>,
    webhook: WebhookId,
    (state, kind): (Option<DeliveryState>, Option<EventType>),
    before: &str,
    limit: i64,
) -> Result<Vec<Delivery>, DbError> {
    match (state, kind) {
        (None, None) => sql!(db => all Delivery, ALL, webhook, before, limit),
        (Some(state), None) => sql!(db => all Delivery, OF_STATE, webhook, before, limit, state),
        (None, Some(kind)) => sql!(db => all Delivery, OF_KIND, webhook, before, limit, kind),
        (Some(state), Some(kind)) => {
            sql!(db => all Delivery, OF_BOTH, webhook, before, limit, state, kind)
        }
    }
}

pub(super) async fn find(
    db: impl Into<Executor<'_>>,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, DbError> {
    sql!(db => optional Delivery,
        "SELECT id, kind, happened_at, state, attempts, last_attempt_at, last_status, last_error, next_attempt_at, number
         FROM webhook_deliveries WHERE id = $2 AND webhook_id = $1",
        webhook, id)
}

pub(super) async fn body(
    db: impl Into<Executor<'_>>,
    id: DeliveryId,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String, "SELECT body FROM webhook_deliveries WHERE id = $1", id)
}

/// The newest first.
pub(super) async fn attempts(
    db: impl Into<Executor<'_>>,
    id: DeliveryId,
    limit: i64,
) -> Result<Vec<Attempt>, DbError> {
    sql!(db => all Attempt,
        "SELECT number, at, status, error, answer, duration_ms FROM webhook_attempts
         WHERE delivery_id = $1 ORDER BY number DESC LIMIT $2",
        id, limit)
}

/// Makes one that waits due now, and puts any other at the end of the queue.
pub(super) async fn replay(
    tx: &mut Tx,
    webhook: WebhookId,
    id: DeliveryId,
    now: Timestamp,
) -> Result<(), DbError> {
    let waits = sql!(&mut *tx => execute,
        "UPDATE webhook_deliveries SET next_attempt_at = $2 WHERE id = $1 AND queue_place IS NOT NULL", id, now)?;
    if waits > 0 {
        return Ok(());
    }
    let Some((_, place)) = store::number(tx, webhook, 0, 1).await? else {
        return Ok(());
    };
    sql!(tx => execute,
        "UPDATE webhook_deliveries
         SET state = $4, queue_place = $3, next_attempt_at = $2, tries = 0, trying_since = NULL, rounds = 0
         WHERE id = $1",
        id, now, place, DeliveryState::Pending)?;
    Ok(())
}

/// How many are done that happened since then, counted up to `most`; a test is no event.
pub(super) async fn count_since(
    tx: &mut Tx,
    webhook: WebhookId,
    since: Timestamp,
    most: i64,
) -> Result<i64, DbError> {
    sql!(tx => scalar i64,
        "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries
                               WHERE webhook_id = $1 AND happened_at >= $2 AND queue_place IS NULL AND kind <> $4
                               LIMIT $3) AS done",
        webhook, since, most, EventType::WebhookTest)
}

/// Puts those that are done and happened since then at the end of the queue, in their order.
pub(super) async fn replay_since(
    tx: &mut Tx,
    webhook: WebhookId,
    (since, count): (Timestamp, i64),
    now: Timestamp,
) -> Result<(), DbError> {
    let Some((_, place)) = store::number(tx, webhook, 0, count).await? else {
        return Ok(());
    };
    sql!(tx => execute,
        "UPDATE webhook_deliveries
         SET state = $4, queue_place = $3 + done.nth - 1, next_attempt_at = $5, tries = 0, trying_since = NULL, rounds = 0
         FROM (SELECT id AS done_id, ROW_NUMBER() OVER (ORDER BY number) AS nth FROM webhook_deliveries
               WHERE webhook_id = $1 AND happened_at >= $2 AND queue_place IS NULL AND kind <> $6) AS done
         WHERE id = done.done_id",
        webhook, since, place, DeliveryState::Pending, now, EventType::WebhookTest)?;
    Ok(())
}

/// How many it forgot.
pub(super) async fn forget(
    tx: &mut Tx,
    webhook: WebhookId,
    before: Timestamp,
    most: i64,
) -> Result<u64, DbError> {
    sql!(tx => execute,
        "DELETE FROM webhook_deliveries WHERE id IN (
             SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND happened_at < $2 LIMIT $3)",
        webhook, before, most)
}
