//! All SQL about bans, revoked tokens and personal permissions.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, id, sql},
    livekit::{
        identity::{Identity, Subject},
        token::Permissions,
    },
    rooms::{MemberRole, RoomId},
    users::UserId,
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

/// The lifted ban's identity.
pub async fn delete_ban(tx: &mut Tx, room: RoomId, ban: BanId) -> Result<Option<String>, DbError> {
    sql!(tx => optional_scalar String,
        "DELETE FROM bans WHERE room_id = $1 AND id = $2 RETURNING identity", room, ban)
}

/// The name under which an identity was last seen in the room.
pub async fn last_name(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    identity: &Identity,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String,
        "SELECT name FROM attendances WHERE room_id = $1 AND identity = $2
         ORDER BY joined_at DESC LIMIT 1",
        room, identity.as_str())
}

/// Makes an identity's tokens from before `not_before` (seconds) worthless.
pub async fn revoke(
    tx: &mut Tx,
    room: RoomId,
    identity: &Identity,
    not_before: i64,
    kicked: bool,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO revocations (room_id, identity, tokens_not_before, kicked)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (room_id, identity) DO UPDATE SET
             tokens_not_before = CASE
                 WHEN revocations.tokens_not_before < excluded.tokens_not_before
                 THEN excluded.tokens_not_before ELSE revocations.tokens_not_before END,
             kicked = revocations.kicked OR excluded.kicked",
        room, identity.as_str(), not_before, kicked)?;
    Ok(())
}

/// Lets a kicked identity in again; returns the earliest `nbf` of its tokens.
pub async fn readmit(
    tx: &mut Tx,
    room: RoomId,
    identity: &Identity,
) -> Result<Option<i64>, DbError> {
    sql!(tx => optional_scalar i64,
        "UPDATE revocations SET kicked = FALSE WHERE room_id = $1 AND identity = $2
         RETURNING tokens_not_before",
        room, identity.as_str())
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

/// What is on record against a token or a participant of one identity.
#[derive(Debug, sqlx::FromRow)]
pub struct Standing {
    pub deleted_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub owner_id: UserId,
    pub room_tokens_not_before: i64,
    pub member_role: Option<MemberRole>,
    pub banned: i64,
    pub tokens_not_before: Option<i64>,
    pub kicked: Option<bool>,
    /// How often the identity was in the running meeting, or in one that was cut a moment ago.
    pub attended: i64,
    /// Accounts behind the identity that may sign in.
    pub accounts: i64,
}

/// `None` for a room that the platform does not know.
pub async fn standing(
    db: impl Into<Executor<'_>>,
    room: &str,
    identity: &Identity,
) -> Result<Option<Standing>, DbError> {
    sql!(db => optional Standing,
        "SELECT rooms.deleted_at, rooms.locked_at, rooms.owner_id,
                rooms.tokens_not_before AS room_tokens_not_before,
                (SELECT role FROM members
                 WHERE members.room_id = rooms.id AND members.user_id = $4) AS member_role,
                (SELECT COUNT(*) FROM bans
                 WHERE bans.room_id = rooms.id AND bans.subject = $2) AS banned,
                revocations.tokens_not_before, revocations.kicked,
                (SELECT COUNT(*) FROM attendances
                 JOIN meetings ON meetings.id = attendances.meeting_id
                 WHERE attendances.room_id = rooms.id AND attendances.identity = $3
                   AND (meetings.ended_at IS NULL OR meetings.cut = TRUE)) AS attended,
                (SELECT COUNT(*) FROM users
                 WHERE users.id = $4 AND users.disabled = FALSE) AS accounts
         FROM rooms
         LEFT JOIN revocations ON revocations.room_id = rooms.id AND revocations.identity = $3
         WHERE rooms.id = $1",
        room, identity.subject().as_str(), identity.as_str(), identity.user_id().unwrap_or(""))
}
