//! All SQL about rooms, their members and their seats.

use std::time::Duration;

use super::{
    agents::{RoomAgent, RoomAgentId},
    list::RoomSort,
    model::{Access, MemberRole, RoomId, RoomRegion, RoomTitle, Slug},
};
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, sql},
    livekit::{
        identity::Subject,
        token::{Generation, Permissions},
    },
};

/// A living room, and the viewer's place on its list of members.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RoomRow {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    pub owner_id: UserId,
    pub access: Access,
    pub guests_allowed: bool,
    pub max_participants: i64,
    pub keep_recordings_days: i64,
    pub locked_at: Option<Timestamp>,
    /// Tokens made now carry it.
    pub generation: Generation,
    /// Of the newest lock: who attended before it may come back.
    pub locked_generation: Generation,
    pub audio: bool,
    pub video: bool,
    pub screen_share: bool,
    pub chat: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When its newest call began.
    pub last_call_at: Option<Timestamp>,
    pub member_role: Option<MemberRole>,
    pub region: RoomRegion,
    /// Where its call is; `None`: in the first region.
    pub call_region: Option<String>,
}

impl RoomRow {
    /// What the room is called here and in links.
    pub fn known(&self) -> KnownRoom {
        KnownRoom {
            id: self.id,
            slug: self.slug.clone(),
        }
    }
}

// $1 the viewer's user id; an empty text matches nobody.
macro_rules! select_rooms {
    ($from:expr, $rest:expr) => {
        concat!(
            "SELECT rooms.id, rooms.slug, rooms.name, rooms.owner_id, rooms.access, rooms.guests_allowed,
                    rooms.max_participants, rooms.keep_recordings_days, rooms.locked_at, rooms.generation, rooms.locked_generation,
                    rooms.audio, rooms.video, rooms.screen_share, rooms.chat, rooms.created_at,
                    rooms.updated_at, rooms.last_call_at, members.role AS member_role,
                    COALESCE(rooms.region, 'automatic') AS region, rooms.call_region
             FROM ",
            $from,
            " LEFT JOIN members ON members.room_id = rooms.id AND members.user_id = $1 ",
            $rest
        )
    };
}

pub async fn by_slug(
    db: impl Into<Executor<'_>>,
    user: &str,
    slug: &Slug,
) -> Result<Option<RoomRow>, DbError> {
    sql!(db => optional RoomRow,
        select_rooms!("rooms", "WHERE rooms.slug = $2 AND rooms.deleted_at IS NULL"), user, slug)
}

pub async fn by_id(
    db: impl Into<Executor<'_>>,
    user: &str,
    room: &str,
) -> Result<Option<RoomRow>, DbError> {
    sql!(db => optional RoomRow,
        select_rooms!("rooms", "WHERE rooms.id = $2 AND rooms.deleted_at IS NULL"), user, room)
}

/// Whether a living room has this slug, or this id.
pub async fn exists(db: impl Into<Executor<'_>>, slug: &Slug) -> Result<bool, DbError> {
    let found = sql!(db => optional_scalar RoomId,
        "SELECT id FROM rooms WHERE (slug = $1 OR id = $1) AND deleted_at IS NULL", slug)?;
    Ok(found.is_some())
}

// A page of each list is enough for a page of both: each is read from the newest on, in the order of its index.
macro_rules! of_person {
    ($person:literal) => {
        select_rooms!(
            concat!(
                "(SELECT own.id FROM
                     (SELECT id FROM rooms
                      WHERE owner_id = ",
                $person,
                " AND deleted_at IS NULL AND id < $3 AND search_key LIKE $2 ESCAPE '!'
                      ORDER BY id DESC LIMIT $4) AS own
                  UNION
                  SELECT joined.id FROM
                     (SELECT rooms.id FROM members JOIN rooms ON rooms.id = members.room_id
                      WHERE members.user_id = ",
                $person,
                " AND members.room_id < $3 AND rooms.deleted_at IS NULL
                        AND rooms.search_key LIKE $2 ESCAPE '!'
                      ORDER BY members.room_id DESC LIMIT $4) AS joined
                  ORDER BY id DESC LIMIT $4) AS page
                 JOIN rooms ON rooms.id = page.id"
            ),
            "ORDER BY rooms.id DESC"
        )
    };
}

const OF_VIEWER: &str = of_person!("$1");
const OF_OTHER: &str = of_person!("$5");

/// The viewer's own rooms and those they are a member of, newest first.
pub async fn of_viewer(
    db: impl Into<Executor<'_>>,
    user: &str,
    matching: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<RoomRow>, DbError> {
    sql!(db => all RoomRow, OF_VIEWER, user, matching, before, limit)
}

/// The same of somebody else, as the viewer meets them.
pub async fn of_other(
    db: impl Into<Executor<'_>>,
    user: &str,
    other: UserId,
    matching: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<RoomRow>, DbError> {
    sql!(db => all RoomRow, OF_OTHER, user, matching, before, limit, other)
}

macro_rules! in_order {
    ($key:literal up) => {
        in_order!($key, " > ", " ASC")
    };
    ($key:literal down) => {
        in_order!($key, " < ", " DESC")
    };
    ($key:literal, $behind:literal, $direction:literal) => {
        select_rooms!(
            "rooms",
            concat!(
                "WHERE rooms.access = $5 AND rooms.deleted_at IS NULL AND rooms.",
                $key,
                $behind,
                "$3 AND rooms.search_key LIKE $2 ESCAPE '!' ORDER BY rooms.",
                $key,
                $direction,
                " LIMIT $4"
            )
        )
    };
}

fn in_order(sort: RoomSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (RoomSort::Created, false) => in_order!("id" up),
        (RoomSort::Created, true) => in_order!("id" down),
        (RoomSort::Name, false) => in_order!("by_name" up),
        (RoomSort::Name, true) => in_order!("by_name" down),
        (RoomSort::LastCall, false) => in_order!("by_last_call" up),
        (RoomSort::LastCall, true) => in_order!("by_last_call" down),
    }
}

/// A page of the living rooms with this access, behind a key of the order.
pub async fn ordered(
    db: impl Into<Executor<'_>>,
    user: &str,
    (sort, descending): (RoomSort, bool),
    access: Access,
    matching: &str,
    behind: &str,
    most: i64,
) -> Result<Vec<RoomRow>, DbError> {
    let statement = in_order(sort, descending);
    sql!(db => all RoomRow, statement, user, matching, behind, most, access)
}

/// Where a room stands in an order, as the schema has it.
pub fn key(room: &RoomRow, sort: RoomSort) -> String {
    let id = room.id;
    match sort {
        RoomSort::Created => id.to_string(),
        RoomSort::Name => format!("{}\u{1}{id}", room.name.to_string().to_lowercase()),
        RoomSort::LastCall => {
            let last_call = room.last_call_at.map_or(0, |at| at.0);
            format!("{last_call:019}{id}")
        }
    }
}

/// A room that the media server's news may be about; deleted ones have late news too.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KnownRoom {
    pub id: RoomId,
    pub slug: Slug,
}

/// The room with this name on the media server.
pub async fn known(
    db: impl Into<Executor<'_>>,
    livekit_name: &str,
) -> Result<Option<KnownRoom>, DbError> {
    sql!(db => optional KnownRoom, "SELECT id, slug FROM rooms WHERE id = $1", livekit_name)
}

/// What the room is called.
pub async fn title(db: impl Into<Executor<'_>>, id: RoomId) -> Result<Option<RoomTitle>, DbError> {
    sql!(db => optional_scalar RoomTitle, "SELECT name FROM rooms WHERE id = $1", id)
}

/// Days that its recordings are kept after their end; 0: as the site says.
pub async fn keep_recordings_days(
    db: impl Into<Executor<'_>>,
    id: RoomId,
) -> Result<Option<i64>, DbError> {
    sql!(db => optional_scalar i64, "SELECT keep_recordings_days FROM rooms WHERE id = $1", id)
}

macro_rules! known_of_ids {
    () => {
        concat!(
            each_id!("$1"),
            " SELECT rooms.id, rooms.slug FROM wanted JOIN rooms ON rooms.id = wanted.id"
        )
    };
}

/// The rooms with these ids.
pub async fn known_of(
    db: impl Into<Executor<'_>>,
    ids: &[RoomId],
) -> Result<Vec<KnownRoom>, DbError> {
    sql!(db => all KnownRoom, known_of_ids!(), db::in_a_row(ids))
}

/// Of [`known_of`], those that were not deleted.
pub async fn not_deleted(
    db: impl Into<Executor<'_>>,
    ids: &[RoomId],
) -> Result<Vec<KnownRoom>, DbError> {
    sql!(db => all KnownRoom,
        concat!(known_of_ids!(), " WHERE rooms.deleted_at IS NULL"), db::in_a_row(ids))
}

/// The room's own record of who may be in its call, also when it was deleted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DoorRow {
    pub id: RoomId,
    pub deleted_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub locked_generation: Generation,
    pub owner_id: UserId,
    /// 0 = no limit
    pub max_participants: i64,
    pub tokens_from: Generation,
    pub tokens_not_before: i64,
    pub member_role: Option<MemberRole>,
}

/// `user` is whose place on the list of members is told.
pub async fn door(
    db: impl Into<Executor<'_>>,
    room: &str,
    user: &str,
) -> Result<Option<DoorRow>, DbError> {
    sql!(db => optional DoorRow,
        "SELECT rooms.id, rooms.deleted_at, rooms.locked_at, rooms.locked_generation, rooms.owner_id,
                rooms.max_participants, rooms.tokens_from, rooms.tokens_not_before,
                members.role AS member_role
         FROM rooms LEFT JOIN members ON members.room_id = rooms.id AND members.user_id = $2
         WHERE rooms.id = $1",
        room, user)
}

/// A room, also a deleted one, and a user's place in it.
#[derive(Debug, sqlx::FromRow)]
pub struct StandingRow {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    pub owner_id: UserId,
    pub deleted_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub member_role: Option<MemberRole>,
}

pub async fn standings(
    db: impl Into<Executor<'_>>,
    ids: &[RoomId],
    user: &str,
) -> Result<Vec<StandingRow>, DbError> {
    sql!(db => all StandingRow,
        concat!(each_id!("$1"),
            " SELECT rooms.id, rooms.slug, rooms.name, rooms.owner_id, rooms.deleted_at,
                     rooms.locked_at, members.role AS member_role
              FROM wanted JOIN rooms ON rooms.id = wanted.id
              LEFT JOIN members ON members.room_id = rooms.id AND members.user_id = $2"),
        db::in_a_row(ids), user)
}

/// The rooms that a user owns, and those that they moderate as a member.
pub async fn moderated(db: impl Into<Executor<'_>>, user: UserId) -> Result<Vec<RoomId>, DbError> {
    let rows = sql!(db => all (RoomId,),
        "SELECT id FROM rooms WHERE owner_id = $1
         UNION SELECT room_id FROM members WHERE user_id = $1 AND role = 'moderator'",
        user)?;
    Ok(rows.into_iter().map(|(room,)| room).collect())
}

/// The rooms that somebody moderates as a member.
pub async fn moderated_for_others(
    db: impl Into<Executor<'_>>,
    user: UserId,
) -> Result<Vec<RoomId>, DbError> {
    let rows = sql!(db => all (RoomId,),
        "SELECT room_id FROM members WHERE user_id = $1 AND role = 'moderator'", user)?;
    Ok(rows.into_iter().map(|(room,)| room).collect())
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
    pub keep_recordings_days: u32,
    pub media: Permissions,
    pub region: RoomRegion,
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
                            max_participants, audio, video, screen_share, chat, created_at, updated_at,
                            keep_recordings_days, region)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15)",
        id, slug, &settings.name, search_key(&settings.name, slug), owner, settings.access,
        settings.guests_allowed, i64::from(settings.max_participants), settings.media.audio,
        settings.media.video, settings.media.screen_share, settings.media.chat, now,
        i64::from(settings.keep_recordings_days), &settings.region)?;
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
    pub keep_recordings_days: i64,
    pub audio: bool,
    pub video: bool,
    pub screen_share: bool,
    pub chat: bool,
    pub updated_at: Timestamp,
    pub region: RoomRegion,
}

/// Reads a living room's settings and keeps others from changing them until `tx` ends.
pub async fn settings_to_change(tx: &mut Tx, id: RoomId) -> Result<Option<SettingsRow>, DbError> {
    // Writing takes the row's lock on PostgreSQL; a SELECT that does so is not known to SQLite.
    sql!(tx => optional SettingsRow,
        "UPDATE rooms SET updated_at = updated_at WHERE id = $1 AND deleted_at IS NULL
         RETURNING slug, name, access, guests_allowed, max_participants, keep_recordings_days, audio, video,
                   screen_share, chat, updated_at, COALESCE(region, 'automatic') AS region",
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
                          chat = $11, keep_recordings_days = $13,
                          region = $14,
                          call_region_at = CASE WHEN COALESCE(region, 'automatic') = $14
                              THEN call_region_at ELSE NULL END,
                          updated_at = CASE WHEN updated_at < $12 THEN $12 ELSE updated_at + 1 END
         WHERE id = $1",
        id, slug, &settings.name, search_key(&settings.name, slug), settings.access,
        settings.guests_allowed, i64::from(settings.max_participants), settings.media.audio,
        settings.media.video, settings.media.screen_share, settings.media.chat, now,
        i64::from(settings.keep_recordings_days), &settings.region)?;
    Ok(())
}

/// Where a room's call is, and is to be.
#[derive(Debug, sqlx::FromRow)]
pub struct CallRegionRow {
    pub region: RoomRegion,
    pub call_region: Option<String>,
    pub call_region_at: Option<Timestamp>,
}

/// Reads where a room's call is, and keeps others from moving it until `tx` ends.
pub async fn call_region_to_change(
    tx: &mut Tx,
    id: RoomId,
) -> Result<Option<CallRegionRow>, DbError> {
    sql!(tx => optional CallRegionRow,
        "UPDATE rooms SET updated_at = updated_at WHERE id = $1
         RETURNING COALESCE(region, 'automatic') AS region, call_region, call_region_at",
        id)
}

/// Puts a room's call into a region, for somebody who is let in now.
pub async fn set_call_region(
    tx: &mut Tx,
    id: RoomId,
    region: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE rooms SET call_region = $2, call_region_at = $3 WHERE id = $1", id, region, now)?;
    Ok(())
}

/// Where the call of the room is that the media server calls so; nothing for a room that is not the site's.
pub async fn call_region(
    db: impl Into<Executor<'_>>,
    livekit_name: &str,
) -> Result<Option<String>, DbError> {
    let region = sql!(db => optional_scalar Option<String>,
        "SELECT call_region FROM rooms WHERE id = $1", livekit_name)?;
    Ok(region.flatten())
}

/// Keeps others from changing the room's row until `tx` ends: who will change others' rows of the room as well, as who
/// locks it does, takes this one first.
pub async fn hold(tx: &mut Tx, id: RoomId) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE rooms SET updated_at = updated_at WHERE id = $1", id)?;
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

/// The room leaves every list and gives its slug back, and agents come no more; its history stays. `false` when it was
/// gone.
pub async fn delete(tx: &mut Tx, id: RoomId, now: Timestamp) -> Result<bool, DbError> {
    // The room first, as everybody who changes its agents.
    let deleted = sql!(&mut *tx => execute,
        "UPDATE rooms SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL",
        id, now)?;
    sql!(tx => execute, "DELETE FROM room_agents WHERE room_id = $1", id)?;
    Ok(deleted == 1)
}

/// The living rooms of an account.
pub async fn living_of(tx: &mut Tx, owner: UserId) -> Result<Vec<KnownRoom>, DbError> {
    sql!(tx => all KnownRoom,
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

/// Those for whom a seat is kept.
pub async fn held_seats(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    now: Timestamp,
    longest: Duration,
) -> Result<Vec<String>, DbError> {
    let rows = sql!(db => all (String,),
        "SELECT subject FROM seats WHERE room_id = $1 AND expires_at > $2 AND expires_at <= $3",
        id, now, now + longest)?;
    Ok(rows.into_iter().map(|(subject,)| subject).collect())
}

/// Whether a seat is kept for `subject`.
pub async fn holds_seat(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    subject: &Subject,
    now: Timestamp,
    longest: Duration,
) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM seats WHERE room_id = $1 AND expires_at > $2
                        AND expires_at <= $3 AND subject = $4)",
        id, now, now + longest, subject.as_str())
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

pub async fn delete_seat(tx: &mut Tx, id: RoomId, subject: &Subject) -> Result<(), DbError> {
    sql!(tx => execute,
        "DELETE FROM seats WHERE room_id = $1 AND subject = $2", id, subject.as_str())?;
    Ok(())
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
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MemberRow {
    pub user_id: UserId,
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
        "SELECT user_id, role, added_at FROM members
         WHERE room_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3",
        id, after, limit)
}

pub async fn member(
    db: impl Into<Executor<'_>>,
    id: RoomId,
    user: UserId,
) -> Result<Option<MemberRow>, DbError> {
    sql!(db => optional MemberRow,
        "SELECT user_id, role, added_at FROM members WHERE room_id = $1 AND user_id = $2", id, user)
}

/// Those who moderate the room beside its owner.
pub async fn moderators(db: impl Into<Executor<'_>>, id: RoomId) -> Result<Vec<UserId>, DbError> {
    let rows = sql!(db => all (UserId,),
        "SELECT user_id FROM members WHERE room_id = $1 AND role = 'moderator'", id)?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}

/// Ids of the users who moderate the room, its owner included.
pub async fn roles(
    db: impl Into<Executor<'_>>,
    id: RoomId,
) -> Result<Vec<(UserId, MemberRole)>, DbError> {
    sql!(db => all (UserId, MemberRole),
        "SELECT user_id, role FROM members WHERE room_id = $1", id)
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

/// Makes a moderator a member; whether they were one.
pub async fn demote(tx: &mut Tx, id: RoomId, user: UserId) -> Result<bool, DbError> {
    let updated = sql!(tx => execute,
        "UPDATE members SET role = $3 WHERE room_id = $1 AND user_id = $2 AND role <> $3",
        id, user, MemberRole::Member)?;
    Ok(updated == 1)
}

pub async fn delete_member(tx: &mut Tx, id: RoomId, user: UserId) -> Result<bool, DbError> {
    let deleted = sql!(tx => execute,
        "DELETE FROM members WHERE room_id = $1 AND user_id = $2", id, user)?;
    Ok(deleted == 1)
}

/// An agent that comes into every call of a room.
#[derive(Debug, sqlx::FromRow)]
pub struct RoomAgentRow {
    pub id: RoomAgentId,
    pub slug: Slug,
    pub name: RoomTitle,
    pub agent_name: String,
    pub metadata: String,
    pub added_at: Timestamp,
}

macro_rules! select_agents {
    ($rest:literal) => {
        concat!(
            "SELECT room_agents.id, rooms.slug, rooms.name, room_agents.agent_name, room_agents.metadata,
                    room_agents.added_at
             FROM room_agents JOIN rooms ON rooms.id = room_agents.room_id ",
            $rest
        )
    };
}

/// The agents of one room, in the order in which they were added.
pub async fn agents(db: impl Into<Executor<'_>>, id: RoomId) -> Result<Vec<RoomAgentRow>, DbError> {
    sql!(db => all RoomAgentRow,
        select_agents!("WHERE room_agents.room_id = $1 ORDER BY room_agents.id"), id)
}

/// The agents of all rooms, the last added first.
pub async fn all_agents(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<RoomAgentRow>, DbError> {
    sql!(db => all RoomAgentRow,
        select_agents!("WHERE room_agents.id < $1 AND rooms.deleted_at IS NULL ORDER BY room_agents.id DESC LIMIT $2"), before, limit)
}

/// `false` when it came already.
pub async fn insert_agent(tx: &mut Tx, room: RoomId, agent: &RoomAgent) -> Result<bool, DbError> {
    let inserted = sql!(tx => execute,
        "INSERT INTO room_agents (id, room_id, agent_name, metadata, added_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room_id, agent_name) DO NOTHING",
        agent.id, room, &agent.agent_name, &agent.metadata, agent.added_at)?;
    Ok(inserted == 1)
}

/// The name of the agent that came until now; `None` when there was none.
pub async fn delete_agent(
    tx: &mut Tx,
    room: RoomId,
    id: RoomAgentId,
) -> Result<Option<String>, DbError> {
    sql!(tx => optional_scalar String,
        "DELETE FROM room_agents WHERE room_id = $1 AND id = $2 RETURNING agent_name", room, id)
}

fn search_key(name: &RoomTitle, slug: &Slug) -> String {
    format!("{} {slug}", name.to_string().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, years};

    #[tokio::test]
    async fn a_page_is_found_without_the_other_rooms() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        years::pass(db).await;
        let person = "'0199d5a0-0001-7000-8000-100000000001'";
        let literals = [person, "'%'", "'zzzzzzzz'", "21", person];
        for query in [OF_VIEWER, OF_OTHER] {
            let plan = db.plan(query, &literals).await;
            for index in ["rooms_living_by_owner", "members_by_user"] {
                assert!(plan.contains(index), "{index}: {plan}");
            }
            // SQLite's word for a whole table or index that is read without a key.
            for whole in ["SCAN rooms", "SCAN members", "Seq Scan on"] {
                assert!(!plan.contains(whole), "{whole}: {plan}");
            }
        }
        for (sort, index) in [
            (RoomSort::Created, "rooms_by_access"),
            (RoomSort::Name, "rooms_by_name"),
            (RoomSort::LastCall, "rooms_by_last_call"),
        ] {
            for descending in [false, true] {
                let behind = if descending { "'zzzzzzzz'" } else { "''" };
                // Where nearly all are wanted PostgreSQL may go through all in that order: it finds a page as soon.
                for (access, is_rare) in [("'public'", false), ("'private'", true)] {
                    let literals = [person, "'%'", behind, "21", access];
                    let plan = db.plan(in_order(sort, descending), &literals).await;
                    assert!(!is_rare || plan.contains(index), "{index}: {plan}");
                    for whole in [
                        "SCAN rooms",
                        "TEMP B-TREE",
                        "Seq Scan on rooms",
                        "Sort Key: rooms",
                    ] {
                        assert!(!plan.contains(whole), "{whole}: {plan}");
                    }
                }
            }
        }
    }
}
