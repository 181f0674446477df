//! All SQL about webhooks, but for their deliveries.

use super::{
    filter::WebhookEvents,
    model::{PauseReason, Webhook, WebhookId, WebhookRooms},
    send::Said,
};
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

macro_rules! columns {
    () => {
        "id, url, description, events, rooms, paused_at, paused_because, old_secret_until, last_attempt_at, last_status,
         last_error, failing_since, created_by_name, created_at, updated_at, secret_version"
    };
}

/// It is fed from the outbox's end on.
pub async fn insert(
    tx: &mut Tx,
    webhook: &Webhook,
    created_by: UserId,
    fed_to: i64,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO webhooks (id, url, description, events, rooms, secret_version, fed_to, next_number, next_place,
                               created_by, created_by_name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1, $8, $9, $10, $11)",
        webhook.id, &webhook.url, &webhook.description, &webhook.events, &webhook.rooms, webhook.secret_version,
        fed_to, created_by, &webhook.created_by_name, webhook.created_at, webhook.updated_at)?;
    Ok(())
}

pub async fn count(db: impl Into<Executor<'_>>) -> Result<i64, DbError> {
    sql!(db => scalar i64, "SELECT COUNT(*) FROM webhooks WHERE deleted_at IS NULL")
}

/// Newest first, below the webhook `before`.
pub async fn list(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<Webhook>, DbError> {
    sql!(db => all Webhook,
        concat!("SELECT ", columns!(), " FROM webhooks
                 WHERE id < $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2"),
        before, limit)
}

pub async fn find(db: impl Into<Executor<'_>>, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    sql!(db => optional Webhook,
        concat!("SELECT ", columns!(), " FROM webhooks WHERE id = $1 AND deleted_at IS NULL"),
        id)
}

/// The webhook as it is now; nobody else changes it before the transaction ends.
pub async fn to_change(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    sql!(tx => optional Webhook,
        concat!("UPDATE webhooks SET updated_at = updated_at WHERE id = $1 AND deleted_at IS NULL RETURNING ", columns!()),
        id)
}

pub async fn update(tx: &mut Tx, webhook: &Webhook) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE webhooks SET url = $2, description = $3, events = $4, rooms = $5, paused_at = $6, paused_because = $7,
                             failing_since = $8, secret_version = $9, old_secret_until = $10, updated_at = $11
         WHERE id = $1",
        webhook.id, &webhook.url, &webhook.description, &webhook.events, &webhook.rooms, webhook.paused_at,
        webhook.paused_because, webhook.failing_since, webhook.secret_version, webhook.old_secret_until,
        webhook.updated_at)?;
    Ok(())
}

/// Whether it was there to be deleted. Its deliveries are not sent any more.
pub async fn delete(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<bool, DbError> {
    let deleted = sql!(tx => execute,
        "UPDATE webhooks SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL", id, now)?;
    Ok(deleted > 0)
}

/// A webhook as its clean-up knows it.
#[derive(sqlx::FromRow)]
pub struct Kept {
    pub id: WebhookId,
    pub deleted_at: Option<Timestamp>,
}

/// Also the deleted ones.
pub async fn all_with_deleted(db: impl Into<Executor<'_>>) -> Result<Vec<Kept>, DbError> {
    sql!(db => all Kept, "SELECT id, deleted_at FROM webhooks")
}

/// When no delivery of it is left.
pub async fn forget(tx: &mut Tx, id: WebhookId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM webhooks WHERE id = $1 AND deleted_at IS NOT NULL", id)?;
    Ok(())
}

/// A webhook as the outbox is read for it.
#[derive(sqlx::FromRow)]
pub struct Reader {
    pub id: WebhookId,
    pub events: WebhookEvents,
    pub rooms: WebhookRooms,
    pub fed_to: i64,
}

pub async fn readers(tx: &mut Tx) -> Result<Vec<Reader>, DbError> {
    sql!(tx => all Reader, "SELECT id, events, rooms, fed_to FROM webhooks WHERE deleted_at IS NULL ORDER BY id")
}

/// What every webhook has been fed; `None` where there is none.
pub async fn fed_to(db: impl Into<Executor<'_>>) -> Result<Option<i64>, DbError> {
    sql!(db => scalar Option<i64>, "SELECT MIN(fed_to) FROM webhooks WHERE deleted_at IS NULL")
}

pub async fn set_fed_to(tx: &mut Tx, id: WebhookId, fed_to: i64) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE webhooks SET fed_to = $2 WHERE id = $1", id, fed_to)?;
    Ok(())
}

/// The first of `count` numbers for deliveries, and of as many places in the queue.
pub async fn number(
    tx: &mut Tx,
    id: WebhookId,
    numbers: i64,
    places: i64,
) -> Result<Option<(i64, i64)>, DbError> {
    sql!(tx => optional (i64, i64),
        "UPDATE webhooks SET next_number = next_number + $2, next_place = next_place + $3 WHERE id = $1
         RETURNING next_number - $2, next_place - $3",
        id, numbers, places)
}

/// The webhooks that `holder` can send something of now.
pub async fn due(
    db: impl Into<Executor<'_>>,
    holder: &str,
    now: Timestamp,
) -> Result<Vec<WebhookId>, DbError> {
    sql!(db => all (WebhookId,),
        "SELECT webhooks.id FROM webhooks
         JOIN webhook_deliveries ON webhook_deliveries.webhook_id = webhooks.id
          AND webhook_deliveries.queue_place = (SELECT MIN(queue_place) FROM webhook_deliveries
                                                WHERE webhook_id = webhooks.id)
         WHERE webhooks.paused_at IS NULL AND webhooks.deleted_at IS NULL
           AND (webhooks.leased_until IS NULL OR webhooks.leased_until <= $2 OR webhooks.leased_by = $1)
           AND webhook_deliveries.next_attempt_at <= $2
         ORDER BY webhook_deliveries.next_attempt_at",
        holder, now)
        .map(|rows| rows.into_iter().map(|(id,)| id).collect())
}

/// Takes the lease until then, or keeps it; `None` where another server has it, or nobody may.
pub async fn lease(
    tx: &mut Tx,
    id: WebhookId,
    (holder, until): (&str, Timestamp),
    now: Timestamp,
) -> Result<Option<Webhook>, DbError> {
    sql!(tx => optional Webhook,
        concat!("UPDATE webhooks SET leased_by = $2, leased_until = $3
                 WHERE id = $1 AND deleted_at IS NULL
                   AND (leased_until IS NULL OR leased_until <= $4 OR leased_by = $2)
                 RETURNING ", columns!()),
        id, holder, until, now)
}

/// Whether `holder` still has the lease; nobody else takes it before the transaction ends.
pub async fn holds_lease(tx: &mut Tx, id: WebhookId, holder: &str) -> Result<bool, DbError> {
    let held = sql!(tx => execute,
        "UPDATE webhooks SET leased_by = leased_by WHERE id = $1 AND leased_by = $2 AND deleted_at IS NULL", id, holder)?;
    Ok(held > 0)
}

pub async fn release(tx: &mut Tx, id: WebhookId, holder: &str) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE webhooks SET leased_by = NULL, leased_until = NULL WHERE id = $1 AND leased_by = $2", id, holder)?;
    Ok(())
}

/// The last result that the list shows.
pub async fn note_attempt(
    tx: &mut Tx,
    id: WebhookId,
    said: &Said,
    now: Timestamp,
) -> Result<(), DbError> {
    let status = said.status.map(|status| i64::from(status.as_u16()));
    let failing_since = said.error.as_ref().map(|_| now);
    sql!(tx => execute,
        "UPDATE webhooks SET last_attempt_at = $2, last_status = $3, last_error = $4,
                             failing_since = CASE WHEN $5 IS NULL THEN NULL ELSE COALESCE(failing_since, $5) END
         WHERE id = $1",
        id, now, status, &said.error, failing_since)?;
    Ok(())
}

/// How webhooks do, all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Doing {
    /// How many there are.
    pub all: i64,
    /// Paused because their receivers took nothing or want no more.
    pub given_up: i64,
    /// Not paused, and their receivers took nothing when they were last asked.
    pub failing: i64,
}

/// How they do.
pub async fn doing(db: impl Into<Executor<'_>>) -> Result<Doing, DbError> {
    sql!(db => one Doing,
        r#"SELECT COUNT(*) AS "all", COUNT(CASE WHEN paused_because <> $1 THEN 1 END) AS given_up,
                  COUNT(CASE WHEN paused_at IS NULL AND failing_since IS NOT NULL THEN 1 END) AS failing
           FROM webhooks WHERE deleted_at IS NULL"#,
        PauseReason::ByHand)
}

/// Whether it was not paused before.
pub async fn pause(
    tx: &mut Tx,
    id: WebhookId,
    reason: PauseReason,
    now: Timestamp,
) -> Result<bool, DbError> {
    let paused = sql!(tx => execute,
        "UPDATE webhooks SET paused_at = $3, paused_because = $2 WHERE id = $1 AND paused_at IS NULL", id, reason, now)?;
    Ok(paused > 0)
}
