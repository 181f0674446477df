//! All SQL about bans, withdrawn tokens and personal permissions.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, id, sql},
    livekit::{
        identity::{Identity, Subject},
        token::{Generation, Permissions},
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

/// The name under which somebody was last seen in the room.
pub async fn last_name(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String,
        "SELECT name FROM attendances WHERE room_id = $1 AND subject = $2
         ORDER BY joined_at DESC LIMIT 1",
        room, subject.as_str())
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

/// What is on record about one person in a room.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Standing {
    pub id: RoomId,
    pub deleted_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub owner_id: UserId,
    /// 0 = no limit
    pub max_participants: i64,
    pub room_tokens_from: Generation,
    pub room_tokens_not_before: i64,
    pub member_role: Option<MemberRole>,
    pub banned: i64,
    pub tokens_from: Option<Generation>,
    pub stays_from: Option<Generation>,
    pub tokens_not_before: Option<i64>,
    pub kicked: Option<bool>,
    /// How often they were in the running meeting, or in one that was cut a moment ago.
    pub attended: i64,
    /// How often when it was locked, the last time.
    pub attended_before_lock: i64,
    /// Their open stays for which there was no place.
    pub unseated: i64,
    /// Accounts behind the identity that may sign in.
    pub accounts: i64,
    /// Sessions of that account on the identity's device.
    pub sessions: i64,
}

/// `None` for a room that the platform does not know.
pub async fn standing(
    db: impl Into<Executor<'_>>,
    room: &str,
    identity: &Identity,
) -> Result<Option<Standing>, DbError> {
    sql!(db => optional Standing,
        "SELECT rooms.id, rooms.deleted_at, rooms.locked_at, rooms.owner_id, rooms.max_participants,
                rooms.tokens_from AS room_tokens_from,
                rooms.tokens_not_before AS room_tokens_not_before,
                (SELECT role FROM members
                 WHERE members.room_id = rooms.id AND members.user_id = $3) AS member_role,
                (SELECT COUNT(*) FROM bans
                 WHERE bans.room_id = rooms.id AND bans.subject = $2) AS banned,
                withdrawals.tokens_from, withdrawals.stays_from, withdrawals.tokens_not_before,
                withdrawals.kicked,
                (SELECT COUNT(*) FROM attendances
                 JOIN meetings ON meetings.id = attendances.meeting_id
                 WHERE attendances.room_id = rooms.id AND attendances.subject = $2
                   AND (meetings.ended_at IS NULL OR meetings.cut = TRUE)) AS attended,
                (SELECT COUNT(*) FROM attendances
                 JOIN meetings ON meetings.id = attendances.meeting_id
                 WHERE attendances.room_id = rooms.id AND attendances.subject = $2
                   AND (meetings.ended_at IS NULL OR meetings.cut = TRUE)
                   AND (attendances.left_at IS NULL OR attendances.left_at >= rooms.locked_at)
                   AND attendances.generation < rooms.locked_generation) AS attended_before_lock,
                (SELECT COUNT(*) FROM attendances
                 WHERE attendances.room_id = rooms.id AND attendances.subject = $2
                   AND attendances.left_at IS NULL AND attendances.seated = FALSE) AS unseated,
                (SELECT COUNT(*) FROM users
                 WHERE users.id = $3 AND users.disabled = FALSE) AS accounts,
                (SELECT COUNT(*) FROM sessions
                 WHERE sessions.user_id = $3 AND sessions.id LIKE $4) AS sessions
         FROM rooms
         LEFT JOIN withdrawals ON withdrawals.room_id = rooms.id AND withdrawals.subject = $2
         WHERE rooms.id = $1",
        room, identity.subject().as_str(), identity.user_id().unwrap_or(""),
        format!("%{}", identity.device().unwrap_or("")))
}
