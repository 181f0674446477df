//! All SQL about audit records.

use super::model::{Action, Actor, AuditId, AuditRecord};
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    rooms::{KnownRoom, RoomId},
};

pub(super) async fn insert(
    tx: &mut Tx,
    id: AuditId,
    at: Timestamp,
    actor: &Actor,
    room: Option<&KnownRoom>,
    action: &Action,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO audit_records
             (id, at, actor_user_id, actor_name, action, room_id, room_slug, target, target_name, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id, at, actor.user_id, &actor.name, action.name, room.map(|room| room.id),
        room.map(|room| room.slug.to_string()), &action.target, &action.target_name,
        action.detail.to_string())?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct AuditRow {
    pub id: AuditId,
    at: Timestamp,
    actor_user_id: Option<UserId>,
    actor_name: String,
    action: String,
    room_slug: Option<String>,
    target: Option<String>,
    target_name: Option<String>,
    detail: String,
}

impl From<AuditRow> for AuditRecord {
    fn from(row: AuditRow) -> AuditRecord {
        AuditRecord {
            id: row.id,
            at: row.at,
            actor: Actor {
                user_id: row.actor_user_id,
                name: row.actor_name,
            },
            action: row.action,
            room_slug: row.room_slug,
            target: row.target,
            target_name: row.target_name,
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        }
    }
}

/// Which records are wanted; empty texts want all.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Those from this id on.
    pub from: String,
    /// Those below this id.
    pub before: String,
    /// Id of the room that it was done in.
    pub room: String,
    /// Id of the account that did it.
    pub actor: String,
    /// What was done.
    pub action: String,
}

/// Newest first. One of room, actor and action is found by its index, in this order; the others are looked for among what
/// was done in that room or by that account.
pub(super) async fn list(
    db: impl Into<Executor<'_>>,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    let Wanted {
        from,
        before,
        room,
        actor,
        action,
    } = wanted;
    let statement = if !room.is_empty() {
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, target_name, detail
         FROM audit_records WHERE id >= $1 AND id < $2 AND room_id = $3
             AND ($4 = '' OR actor_user_id = $4) AND ($5 = '' OR action = $5)
         ORDER BY id DESC LIMIT $6"
    } else if !actor.is_empty() {
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, target_name, detail
         FROM audit_records WHERE id >= $1 AND id < $2 AND $3 = '' AND actor_user_id = $4
             AND ($5 = '' OR action = $5)
         ORDER BY id DESC LIMIT $6"
    } else if !action.is_empty() {
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, target_name, detail
         FROM audit_records WHERE id >= $1 AND id < $2 AND $3 = '' AND $4 = '' AND action = $5
         ORDER BY id DESC LIMIT $6"
    } else {
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, target_name, detail
         FROM audit_records WHERE id >= $1 AND id < $2 AND $3 = '' AND $4 = '' AND $5 = ''
         ORDER BY id DESC LIMIT $6"
    };
    sql!(db => all AuditRow, statement, from, before, room, actor, action, limit)
}

pub(super) async fn list_of_room(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    before: &str,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    sql!(db => all AuditRow,
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, target_name, detail
         FROM audit_records WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        room, before, limit)
}

/// Forgets up to `most` records below this id; how many it were.
pub(super) async fn forget(tx: &mut Tx, below: &str, most: i64) -> Result<u64, DbError> {
    sql!(tx => execute,
        "DELETE FROM audit_records WHERE id IN
             (SELECT id FROM audit_records WHERE id < $1 ORDER BY id LIMIT $2)", below, most)
}
