//! All SQL about bans, withdrawn tokens and personal permissions.

use std::collections::HashMap;

use crate::{
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, id, sql},
    livekit::{
        identity::{Identity, Subject},
        token::{Generation, Permissions},
    },
    rooms::RoomId,
};

id! {
    /// Names a ban.
    BanId
}

/// A stored ban.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BanRow {
    pub id: BanId,
    pub identity: String,
    pub name: String,
    pub reason: Option<String>,
    pub banned_by: String,
    pub created_at: Timestamp,
}

/// A ban about to be stored; a second ban of one subject changes nothing.
pub struct NewBan<'a> {
    pub id: BanId,
    pub room: RoomId,
    pub identity: &'a Identity,
    pub name: &'a str,
    pub reason: Option<&'a str>,
    pub banned_by: &'a str,
    pub now: Timestamp,
}

pub async fn insert_ban(tx: &mut Tx, ban: &NewBan<'_>) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO bans (id, room_id, subject, identity, name, reason, banned_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (room_id, subject) DO NOTHING",
        ban.id, ban.room, ban.identity.subject().as_str(), ban.identity.as_str(), ban.name,
        ban.reason, ban.banned_by, ban.now)?;
    Ok(())
}

pub async fn ban_of(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Option<BanRow>, DbError> {
    sql!(db => optional BanRow,
        "SELECT id, identity, name, reason, banned_by, created_at FROM bans
         WHERE room_id = $1 AND subject = $2",
        room, subject.as_str())
}

/// Newest first.
pub async fn bans(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    before: &str,
    limit: i64,
) -> Result<Vec<BanRow>, DbError> {
    sql!(db => all BanRow,
        "SELECT id, identity, name, reason, banned_by, created_at FROM bans
         WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        room, before, limit)
}

/// A ban that is no more.
#[derive(Debug, sqlx::FromRow)]
pub struct Lifted {
    pub identity: String,
    pub name: String,
}

pub async fn delete_ban(tx: &mut Tx, room: RoomId, ban: BanId) -> Result<Option<Lifted>, DbError> {
    sql!(tx => optional Lifted,
        "DELETE FROM bans WHERE room_id = $1 AND id = $2 RETURNING identity, name", room, ban)
}

/// Tokens that are worthless from now on.
pub struct Withdrawal<'a> {
    pub room: RoomId,
    pub subject: &'a Subject,
    /// Tokens of earlier ones are refused.
    pub generation: Generation,
    /// For tokens without a generation: seconds.
    pub not_before: i64,
    /// Whether whoever is in the call with such a token is sent out.
    pub kicked: bool,
}

/// Makes a person's tokens from before worthless.
pub async fn withdraw(tx: &mut Tx, withdrawal: &Withdrawal<'_>) -> Result<(), DbError> {
    let Withdrawal {
        room,
        subject,
        generation,
        not_before,
        kicked,
    } = withdrawal;
    let stays_from = if *kicked { generation.0 } else { 0 };
    sql!(tx => execute,
        "INSERT INTO withdrawals (room_id, subject, tokens_from, stays_from, tokens_not_before, kicked)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (room_id, subject) DO UPDATE SET
             tokens_from = excluded.tokens_from,
             stays_from = CASE WHEN excluded.kicked
                 THEN excluded.stays_from ELSE withdrawals.stays_from END,
             tokens_not_before = excluded.tokens_not_before,
             kicked = withdrawals.kicked OR excluded.kicked",
        room, subject.as_str(), generation, stays_from, not_before, kicked)?;
    Ok(())
}

/// The earliest generation that a person's tokens may have.
pub async fn tokens_from(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Generation, DbError> {
    sql!(db => scalar Generation,
        "SELECT COALESCE(MAX(tokens_from), 0) FROM withdrawals WHERE room_id = $1 AND subject = $2",
        room, subject.as_str())
}

/// Lets somebody who was kicked in again.
pub async fn readmit(tx: &mut Tx, room: RoomId, subject: &Subject) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE withdrawals SET kicked = FALSE WHERE room_id = $1 AND subject = $2 AND kicked",
        room, subject.as_str())?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct PermissionRow {
    audio: bool,
    video: bool,
    screen_share: bool,
    chat: bool,
}

/// What a moderator decided for one person in the running meeting.
pub async fn permissions(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Option<Permissions>, DbError> {
    let row = sql!(db => optional PermissionRow,
        "SELECT audio, video, screen_share, chat FROM permissions
         WHERE room_id = $1 AND subject = $2",
        room, subject.as_str())?;
    Ok(row.map(
        |PermissionRow {
             audio,
             video,
             screen_share,
             chat,
         }| Permissions {
            audio,
            video,
            screen_share,
            chat,
        },
    ))
}

pub async fn save_permissions(
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
    permissions: Permissions,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO permissions (room_id, subject, audio, video, screen_share, chat)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (room_id, subject) DO UPDATE SET audio = excluded.audio,
             video = excluded.video, screen_share = excluded.screen_share, chat = excluded.chat",
        room, subject.as_str(), permissions.audio, permissions.video, permissions.screen_share,
        permissions.chat)?;
    Ok(())
}

/// A new meeting starts from the room's own defaults.
pub async fn forget_permissions(tx: &mut Tx, room: RoomId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM permissions WHERE room_id = $1", room)?;
    Ok(())
}

/// What keeps somebody out of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Barred {
    pub banned: bool,
    /// Sent out and not let in again since.
    pub kicked: bool,
}

#[derive(sqlx::FromRow)]
struct BarredRow {
    room_id: RoomId,
    #[sqlx(flatten)]
    barred: Barred,
}

/// Those of these rooms that somebody is kept out of.
pub async fn barred(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    subject: &Subject,
) -> Result<HashMap<RoomId, Barred>, DbError> {
    if rooms.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sql!(db => all BarredRow,
        concat!(each_id!("$1"),
            " SELECT wanted.id AS room_id, bans.id IS NOT NULL AS banned,
                     COALESCE(withdrawals.kicked, FALSE) AS kicked
              FROM wanted
              LEFT JOIN bans ON bans.room_id = wanted.id AND bans.subject = $2
              LEFT JOIN withdrawals ON withdrawals.room_id = wanted.id AND withdrawals.subject = $2
              WHERE bans.id IS NOT NULL OR withdrawals.kicked"),
        db::in_a_row(rooms), subject.as_str())?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, row.barred))
        .collect())
}

/// What was decided about one person in a room and their tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Decided {
    pub banned: bool,
    pub tokens_from: Option<Generation>,
    pub stays_from: Option<Generation>,
    pub tokens_not_before: Option<i64>,
    pub kicked: Option<bool>,
}

pub async fn decided(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Decided, DbError> {
    sql!(db => one Decided,
        "SELECT EXISTS (SELECT 1 FROM bans WHERE bans.room_id = $1 AND bans.subject = $2) AS banned,
                withdrawals.tokens_from, withdrawals.stays_from, withdrawals.tokens_not_before,
                withdrawals.kicked
         FROM (SELECT 1 AS one) AS anyone
         LEFT JOIN withdrawals ON withdrawals.room_id = $1 AND withdrawals.subject = $2",
        room, subject.as_str())
}
