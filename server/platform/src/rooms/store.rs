//! All SQL about rooms, their members and their seats.

use std::time::Duration;

use super::model::{Access, MemberRole, RoomId, RoomTitle, Slug};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    livekit::{
        identity::Subject,
        token::{Generation, Permissions},
    },
    users::{Email, UserId, UserName},
};

/// A living room as one viewer meets it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RoomRow {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    pub owner_id: UserId,
    pub owner_name: UserName,
    pub access: Access,
    pub guests_allowed: bool,
    pub max_participants: i64,
    pub locked_at: Option<Timestamp>,
    pub audio: bool,
    pub video: bool,
    pub screen_share: bool,
    pub chat: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The viewer's place on the list of members.
    pub member_role: Option<MemberRole>,
    /// How many moderators the room has beside its owner.
    pub moderators: i64,
    /// How many people are in the call.
    pub live: i64,
    /// How many connections the viewer has in the call.
    pub present: i64,
    /// How often the viewer was in the meeting when it was locked, unless sent out since; also in one that was cut.
    pub inside: i64,
    /// How many bans concern the viewer.
    pub banned: i64,
    /// When the running meeting began.
    pub started_at: Option<Timestamp>,
}

/// Whose eyes a [`RoomRow`] is seen with; empty texts match nobody.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    pub user: &'a str,
    pub subject: &'a str,
}

// $1 the viewer's user id, $2 subject.
macro_rules! select_rooms {
    ($rest:literal) => {
        concat!(
            "SELECT rooms.id, rooms.slug, rooms.name, rooms.owner_id, users.name AS owner_name,
                    rooms.access, rooms.guests_allowed, rooms.max_participants, rooms.locked_at,
                    rooms.audio, rooms.video, rooms.screen_share, rooms.chat, rooms.created_at,
                    rooms.updated_at,
                    (SELECT role FROM members
                     WHERE members.room_id = rooms.id AND members.user_id = $1) AS member_role,
                    (SELECT COUNT(*) FROM members
                     WHERE members.room_id = rooms.id AND members.role = 'moderator') AS moderators,
                    (SELECT COUNT(DISTINCT subject) FROM attendances
                     WHERE attendances.room_id = rooms.id AND left_at IS NULL) AS live,
                    (SELECT COUNT(*) FROM attendances
                     WHERE attendances.room_id = rooms.id AND left_at IS NULL
                       AND subject = $2) AS present,
                    (SELECT COUNT(*) FROM attendances
                     JOIN meetings ON meetings.id = attendances.meeting_id
                     WHERE attendances.room_id = rooms.id AND attendances.subject = $2
                       AND (meetings.ended_at IS NULL OR meetings.cut = TRUE)
                       AND (attendances.left_at IS NULL
                            OR attendances.left_at >= rooms.locked_at)
                       AND attendances.generation < rooms.locked_generation
                       AND NOT EXISTS (SELECT 1 FROM withdrawals
                                       WHERE withdrawals.room_id = rooms.id
                                         AND withdrawals.subject = $2 AND kicked)) AS inside,
                    (SELECT COUNT(*) FROM bans
                     WHERE bans.room_id = rooms.id AND bans.subject = $2) AS banned,
                    (SELECT MIN(started_at) FROM meetings
                     WHERE meetings.room_id = rooms.id AND ended_at IS NULL) AS started_at
             FROM rooms JOIN users ON users.id = rooms.owner_id ",
            $rest
        )
    };
}

pub async fn by_slug(
    db: impl Into<Executor<'_>>,
    viewer: Viewer<'_>,
    slug: &Slug,
) -> Result<Option<RoomRow>, DbError> {
    sql!(db => optional RoomRow,
        select_rooms!("WHERE rooms.slug = $3 AND rooms.deleted_at IS NULL"),
        viewer.user, viewer.subject, slug)
}

/// Whether a living room has this slug, or this id.
pub async fn exists(db: impl Into<Executor<'_>>, slug: &Slug) -> Result<bool, DbError> {
    let found = sql!(db => optional_scalar RoomId,
        "SELECT id FROM rooms WHERE (slug = $1 OR id = $1) AND deleted_at IS NULL", slug)?;
    Ok(found.is_some())
}

pub async fn by_id(
    db: impl Into<Executor<'_>>,
    viewer: Viewer<'_>,
    room: &str,
) -> Result<Option<RoomRow>, DbError> {
    sql!(db => optional RoomRow,
        select_rooms!("WHERE rooms.id = $3 AND rooms.deleted_at IS NULL"),
        viewer.user, viewer.subject, room)
}

/// The viewer's own rooms and those they are a member of, newest first.
pub async fn of_viewer(
    db: impl Into<Executor<'_>>,
    viewer: Viewer<'_>,
    matching: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<RoomRow>, DbError> {
    sql!(db => all RoomRow,
        select_rooms!(
            "WHERE rooms.deleted_at IS NULL
               AND (rooms.owner_id = $1 OR rooms.id IN
                    (SELECT room_id FROM members WHERE members.user_id = $1))
               AND rooms.search_key LIKE $3 ESCAPE '!' AND rooms.id < $4
             ORDER BY rooms.id DESC LIMIT $5"
        ),
        viewer.user, viewer.subject, matching, before, limit)
}

/// Every living room, newest first.
pub async fn all(
    db: impl Into<Executor<'_>>,
    viewer: Viewer<'_>,
    matching: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<RoomRow>, DbError> {
    sql!(db => all RoomRow,
        select_rooms!(
            "WHERE rooms.deleted_at IS NULL
               AND rooms.search_key LIKE $3 ESCAPE '!' AND rooms.id < $4
             ORDER BY rooms.id DESC LIMIT $5"
        ),
        viewer.user, viewer.subject, matching, before, limit)
}

/// How many living rooms there are.
pub async fn count(db: impl Into<Executor<'_>>) -> Result<i64, DbError> {
    sql!(db => scalar i64, "SELECT COUNT(*) FROM rooms WHERE deleted_at IS NULL")
}

/// What an owner sets.
#[derive(Debug, Clone)]
pub struct Settings {
    pub name: RoomTitle,
    pub access: Access,
    pub guests_allowed: bool,
    pub max_participants: u32,
    pub media: Permissions,
}

/// Fails with a unique violation when a living room has the slug.
pub async fn insert(
    tx: &mut Tx,
    id: RoomId,
    slug: &Slug,
    owner: UserId,
    settings: &Settings,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO rooms (id, slug, name, search_key, owner_id, access, guests_allowed,
                            max_participants, audio, video, screen_share, chat, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        id, slug, &settings.name, search_key(&settings.name, slug), owner, settings.access,
        settings.guests_allowed, i64::from(settings.max_participants), settings.media.audio,
        settings.media.video, settings.media.screen_share, settings.media.chat, now)?;
    Ok(())
}

/// A room's settings as they are, for a change.
#[derive(Debug, sqlx::FromRow)]
pub struct SettingsRow {
    pub slug: Slug,
    pub name: RoomTitle,
    pub access: Access,
    pub guests_allowed: bool,
    pub max_participants: i64,
    pub audio: bool,
    pub video: bool,
    pub screen_share: bool,
    pub chat: bool,
    pub updated_at: Timestamp,
}

/// Reads a living room's settings and keeps others from changing them until `tx` ends.
pub async fn settings_to_change(tx: &mut Tx, id: RoomId) -> Result<Option<SettingsRow>, DbError> {
    // Writing takes the row's lock on PostgreSQL; a SELECT that does so is not known to SQLite.
    sql!(tx => optional SettingsRow,
        "UPDATE rooms SET updated_at = updated_at WHERE id = $1 AND deleted_at IS NULL
         RETURNING slug, name, access, guests_allowed, max_participants, audio, video,
                   screen_share, chat, updated_at",
        id)
}

/// Of two changes in one millisecond the later has the later `updated_at` too.
pub async fn update(
    tx: &mut Tx,
    id: RoomId,
    slug: &Slug,
    settings: &Settings,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE rooms SET slug = $2, name = $3, search_key = $4, access = $5, guests_allowed = $6,
                          max_participants = $7, audio = $8, video = $9, screen_share = $10,
                          chat = $11,
                          updated_at = CASE WHEN updated_at < $12 THEN $12 ELSE updated_at + 1 END
         WHERE id = $1",
        id, slug, &settings.name, search_key(&settings.name, slug), settings.access,
        settings.guests_allowed, i64::from(settings.max_participants), settings.media.audio,
        settings.media.video, settings.media.screen_share, settings.media.chat, now)?;
    Ok(())
}

/// Raises the room's generation: tokens made from now on can be told from those before.
pub async fn next_generation(tx: &mut Tx, id: RoomId) -> Result<Generation, DbError> {
    sql!(tx => scalar Generation,
        "UPDATE rooms SET generation = generation + 1 WHERE id = $1 RETURNING generation", id)
}

/// What a token made now carries.
pub async fn generation(tx: &mut Tx, id: RoomId) -> Result<Generation, DbError> {
    sql!(tx => scalar Generation, "SELECT generation FROM rooms WHERE id = $1", id)
}

/// Locks at `locked_at`, or opens; `false` when it was so already. The settings stay as old as they are.
/// Who attended before this generation may come back through a locked door.
pub async fn set_lock(
    tx: &mut Tx,
    id: RoomId,
    locked_at: Option<Timestamp>,
) -> Result<bool, DbError> {
    let changed = sql!(tx => execute,
        "UPDATE rooms SET locked_at = $2, generation = generation + 1,
                          locked_generation = generation + 1
         WHERE id = $1 AND deleted_at IS NULL AND (locked_at IS NULL) <> $3",
        id, locked_at, locked_at.is_none())?;
    Ok(changed == 1)
}

/// Makes join tokens of earlier generations worthless; those without one by `not_before` (seconds).
pub async fn withdraw_tokens(
    tx: &mut Tx,
    id: RoomId,
    generation: Generation,
    not_before: i64,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE rooms SET tokens_from = $2, tokens_not_before = $3 WHERE id = $1",
        id, generation, not_before)?;
    Ok(())
}

/// The room leaves every list and gives its slug back; its history stays. `false` when it was gone.
pub async fn delete(tx: &mut Tx, id: RoomId, now: Timestamp) -> Result<bool, DbError> {
    let deleted = sql!(tx => execute,
        "UPDATE rooms SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL",
        id, now)?;
    Ok(deleted == 1)
}

/// The living rooms of an account.
pub async fn living_of(tx: &mut Tx, owner: UserId) -> Result<Vec<(RoomId, Slug)>, DbError> {
    sql!(tx => all (RoomId, Slug),
        "SELECT id, slug FROM rooms WHERE owner_id = $1 AND deleted_at IS NULL ORDER BY id", owner)
}

/// Gives every room of `from`, living or deleted, to `to`, who needs no place on their lists any more.
pub async fn change_owner(tx: &mut Tx, from: UserId, to: UserId) -> Result<(), DbError> {
    sql!(&mut *tx => execute,
        "DELETE FROM members WHERE user_id = $2
           AND room_id IN (SELECT id FROM rooms WHERE owner_id = $1)",
        from, to)?;
    sql!(tx => execute, "UPDATE rooms SET owner_id = $2 WHERE owner_id = $1", from, to)?;
    Ok(())
}

/// Seats that others than `subject` hold: in the call, or on their way with a token.
pub async fn taken_seats(
    tx: &mut Tx,
    id: RoomId,
    subject: &Subject,
    now: Timestamp,
    longest: Duration,
) -> Result<i64, DbError> {
    sql!(tx => scalar i64,
        "SELECT COUNT(*) FROM
           (SELECT subject FROM attendances
            WHERE room_id = $1 AND left_at IS NULL AND subject <> $2
            UNION
            SELECT subject FROM seats
            WHERE room_id = $1 AND expires_at > $3 AND expires_at <= $4 AND subject <> $2) AS taken",
        id, subject.as_str(), now, now + longest)
}

/// Whether there is a place for `subject` already: in the call, or kept for them.
pub async fn has_seat(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    subject: &Subject,
    now: Timestamp,
    longest: Duration,
) -> Result<bool, DbError> {
    Ok(sql!(db => scalar i64,
        "SELECT (SELECT COUNT(*) FROM attendances
                 WHERE room_id = $1 AND left_at IS NULL AND seated AND subject = $2)
              + (SELECT COUNT(*) FROM seats WHERE room_id = $1 AND expires_at > $3
                 AND expires_at <= $4 AND subject = $2)",
        id, subject.as_str(), now, now + longest)?
        > 0)
}

pub async fn hold_seat(
    tx: &mut Tx,
    id: RoomId,
    subject: &Subject,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO seats (room_id, subject, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (room_id, subject) DO UPDATE SET expires_at = excluded.expires_at",
        id, subject.as_str(), expires_at)?;
    Ok(())
}

/// The seat kept for somebody who is in the call now; whether there was one.
pub async fn release_seat(
    tx: &mut Tx,
    id: RoomId,
    subject: &Subject,
    now: Timestamp,
    longest: Duration,
) -> Result<bool, DbError> {
    let held = has_seat(&mut *tx, id, subject, now, longest).await?;
    sql!(tx => execute,
        "DELETE FROM seats WHERE room_id = $1 AND subject = $2", id, subject.as_str())?;
    Ok(held)
}

/// Also those that a clock which was ahead kept for longer than any seat is.
pub async fn delete_expired_seats(
    tx: &mut Tx,
    now: Timestamp,
    longest: Duration,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "DELETE FROM seats WHERE expires_at <= $1 OR expires_at > $2", now, now + longest)?;
    Ok(())
}

/// A row of the list of members.
#[derive(Debug, sqlx::FromRow)]
pub struct MemberRow {
    pub user_id: UserId,
    pub name: UserName,
    pub email: Email,
    pub role: MemberRole,
    pub added_at: Timestamp,
}

pub async fn members(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    after: &str,
    limit: i64,
) -> Result<Vec<MemberRow>, DbError> {
    sql!(db => all MemberRow,
        "SELECT members.user_id, users.name, users.email, members.role, members.added_at
         FROM members JOIN users ON users.id = members.user_id
         WHERE members.room_id = $1 AND members.user_id > $2 ORDER BY members.user_id LIMIT $3",
        id, after, limit)
}

pub async fn member(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    user: UserId,
) -> Result<Option<MemberRow>, DbError> {
    sql!(db => optional MemberRow,
        "SELECT members.user_id, users.name, users.email, members.role, members.added_at
         FROM members JOIN users ON users.id = members.user_id
         WHERE members.room_id = $1 AND members.user_id = $2",
        id, user)
}

/// Names of those who moderate the room beside its owner.
pub async fn moderators(db: impl Into<Executor<'_>>, id: RoomId) -> Result<Vec<UserName>, DbError> {
    Ok(sql!(db => all (UserName,),
        "SELECT users.name FROM members JOIN users ON users.id = members.user_id
         WHERE members.room_id = $1 AND members.role = 'moderator'",
        id)?
    .into_iter()
    .map(|(name,)| name)
    .collect())
}

/// Ids of the users who moderate the room, its owner included.
pub async fn roles(
    db: impl Into<Executor<'_>>,
    id: RoomId,
) -> Result<Vec<(UserId, MemberRole)>, DbError> {
    sql!(db => all (UserId, MemberRole),
        "SELECT user_id, role FROM members WHERE room_id = $1", id)
}

/// The account that has this e-mail address and may sign in.
pub async fn user_by_email(
    db: impl Into<Executor<'_>>,
    email: &Email,
) -> Result<Option<UserId>, DbError> {
    sql!(db => optional_scalar UserId,
        "SELECT id FROM users WHERE email_key = $1 AND disabled = FALSE", email.key())
}

/// `false` when they were on the list already.
pub async fn insert_member(
    tx: &mut Tx,
    id: RoomId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<bool, DbError> {
    let inserted = sql!(tx => execute,
        "INSERT INTO members (room_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (room_id, user_id) DO NOTHING",
        id, user, role, now)?;
    Ok(inserted == 1)
}

pub async fn update_member(
    tx: &mut Tx,
    id: RoomId,
    user: UserId,
    role: MemberRole,
) -> Result<bool, DbError> {
    let updated = sql!(tx => execute,
        "UPDATE members SET role = $3 WHERE room_id = $1 AND user_id = $2", id, user, role)?;
    Ok(updated == 1)
}

pub async fn delete_member(tx: &mut Tx, id: RoomId, user: UserId) -> Result<bool, DbError> {
    let deleted = sql!(tx => execute,
        "DELETE FROM members WHERE room_id = $1 AND user_id = $2", id, user)?;
    Ok(deleted == 1)
}

fn search_key(name: &RoomTitle, slug: &Slug) -> String {
    format!("{} {slug}", name.to_string().to_lowercase())
}

impl<'a> Viewer<'a> {
    /// Nobody in particular.
    pub const NOBODY: Viewer<'static> = Viewer {
        user: "",
        subject: "",
    };

    /// Somebody in a call.
    pub fn of(user: &'a str, subject: &'a Subject) -> Viewer<'a> {
        Viewer {
            user,
            subject: subject.as_str(),
        }
    }
}
