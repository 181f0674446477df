//! All SQL about audit records.

use super::model::{Actor, AuditId, AuditRecord, Entry};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    rooms::RoomId,
    users::UserId,
};

pub(super) async fn insert(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO audit_records (id, at, actor_user_id, actor_name, action, room_id, room_slug, target, detail)
         VALUES ($1, $2, $3, $4, $5, $6, (SELECT slug FROM rooms WHERE id = $6), $7, $8)",
        entry.id, entry.at, entry.actor.user_id, &entry.actor.name, entry.action, entry.room,
        entry.target, entry.detail.to_string())?;
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
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        }
    }
}

/// Newest first, those older than the record `before`.
pub(super) async fn list(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    sql!(db => all AuditRow,
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, detail
         FROM audit_records WHERE id < $1 ORDER BY id DESC LIMIT $2",
        before, limit)
}

pub(super) async fn list_of_room(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    before: &str,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    sql!(db => all AuditRow,
        "SELECT id, at, actor_user_id, actor_name, action, room_slug, target, detail
         FROM audit_records WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        room, before, limit)
}
