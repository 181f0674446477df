//! All SQL about meetings, attendances and the webhooks already counted.

use super::model::{AttendanceId, MeetingId};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    rooms::{RoomId, Slug},
};

/// A room that the media server's news may be about; deleted ones have late news too.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KnownRoom {
    pub id: RoomId,
    pub slug: Slug,
}

pub async fn known_room(
    db: impl Into<Executor<'_>>,
    livekit_name: &str,
) -> Result<Option<KnownRoom>, DbError> {
    sql!(db => optional KnownRoom, "SELECT id, slug FROM rooms WHERE id = $1", livekit_name)
}

/// `false` when the event was counted before.
pub async fn note_event(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, DbError> {
    let inserted = sql!(tx => execute,
        "INSERT INTO livekit_events (id, received_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        id, now)?;
    Ok(inserted == 1)
}

pub async fn forget_events(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM livekit_events WHERE received_at < $1", before)?;
    Ok(())
}

/// A meeting's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MeetingRow {
    pub id: MeetingId,
    pub sid: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

/// The meeting that has this sid, or had it before it was cut and taken up again.
pub async fn meeting(tx: &mut Tx, room: RoomId, sid: &str) -> Result<Option<MeetingRow>, DbError> {
    sql!(tx => optional MeetingRow,
        "SELECT id, sid, started_at, ended_at, updated_at FROM meetings
         WHERE room_id = $1
           AND (sid = $2 OR id IN (SELECT meeting_id FROM earlier_sids WHERE sid = $2))",
        room, sid)
}

/// The room's latest meeting, if it was cut and may be taken up.
pub async fn cut_meeting(tx: &mut Tx, room: RoomId) -> Result<Option<MeetingRow>, DbError> {
    sql!(tx => optional MeetingRow,
        "SELECT id, sid, started_at, ended_at, updated_at FROM meetings
         WHERE id = (SELECT MAX(id) FROM meetings WHERE room_id = $1) AND cut = TRUE",
        room)
}

/// Nobody came back to the room's meetings that were cut before `before`.
pub async fn give_up(tx: &mut Tx, room: RoomId, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE meetings SET cut = FALSE WHERE room_id = $1 AND cut = TRUE AND updated_at < $2",
        room, before)?;
    Ok(())
}

/// Goes on with a meeting that was cut, under a new sid.
pub async fn take_up(
    tx: &mut Tx,
    meeting: &MeetingRow,
    sid: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(&mut *tx => execute,
        "INSERT INTO earlier_sids (sid, meeting_id) VALUES ($1, $2)", &meeting.sid, meeting.id)?;
    sql!(tx => execute,
        "UPDATE meetings SET sid = $2, ended_at = NULL, cut = FALSE, updated_at = $3 WHERE id = $1",
        meeting.id, sid, now)?;
    Ok(())
}

pub async fn open_meetings(tx: &mut Tx, room: RoomId) -> Result<Vec<MeetingRow>, DbError> {
    sql!(tx => all MeetingRow,
        "SELECT id, sid, started_at, ended_at, updated_at FROM meetings
         WHERE room_id = $1 AND ended_at IS NULL",
        room)
}

/// Rooms with a meeting that did not end or was cut.
pub async fn rooms_in_meeting(db: impl Into<Executor<'_>>) -> Result<Vec<KnownRoom>, DbError> {
    sql!(db => all KnownRoom,
        "SELECT id, slug FROM rooms
         WHERE id IN (SELECT room_id FROM meetings WHERE ended_at IS NULL OR cut = TRUE)")
}

pub async fn insert_meeting(tx: &mut Tx, room: RoomId, row: &MeetingRow) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO meetings (id, room_id, sid, started_at, ended_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id, room, &row.sid, row.started_at, row.ended_at, row.updated_at)?;
    Ok(())
}

/// A meeting began no later than its first participant came, in whatever order we heard of them.
pub async fn start_meeting_by(
    tx: &mut Tx,
    id: MeetingId,
    joined_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE meetings SET started_at = $2 WHERE id = $1 AND started_at > $2", id, joined_at)?;
    Ok(())
}

/// Ends a meeting, or opens it again. `cut`: its media server went away.
pub async fn set_meeting_end(
    tx: &mut Tx,
    id: MeetingId,
    ended_at: Option<Timestamp>,
    cut: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE meetings SET ended_at = $2, cut = $3, updated_at = $4 WHERE id = $1",
        id, ended_at, cut, now)?;
    Ok(())
}

/// One stay of one participant.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AttendanceRow {
    pub id: AttendanceId,
    pub meeting_id: MeetingId,
    pub sid: String,
    pub identity: String,
    pub subject: String,
    pub name: String,
    pub user_id: Option<String>,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
    pub seen_at: Timestamp,
    pub updated_at: Timestamp,
}

pub async fn attendances(tx: &mut Tx, meeting: MeetingId) -> Result<Vec<AttendanceRow>, DbError> {
    sql!(tx => all AttendanceRow,
        "SELECT id, meeting_id, sid, identity, subject, name, user_id, joined_at, left_at, seen_at, updated_at
         FROM attendances WHERE meeting_id = $1",
        meeting)
}

pub async fn attendance(
    tx: &mut Tx,
    meeting: MeetingId,
    sid: &str,
) -> Result<Option<AttendanceRow>, DbError> {
    sql!(tx => optional AttendanceRow,
        "SELECT id, meeting_id, sid, identity, subject, name, user_id, joined_at, left_at, seen_at, updated_at
         FROM attendances WHERE meeting_id = $1 AND sid = $2",
        meeting, sid)
}

/// `seated`: whether there was a place for them.
pub async fn insert_attendance(
    tx: &mut Tx,
    room: RoomId,
    row: &AttendanceRow,
    seated: bool,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO attendances (id, meeting_id, room_id, sid, identity, subject, name, user_id,
                                  joined_at, left_at, seen_at, updated_at, seated, generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                 (SELECT generation FROM rooms WHERE rooms.id = $3))",
        row.id, row.meeting_id, room, &row.sid, &row.identity, &row.subject, &row.name,
        &row.user_id, row.joined_at, row.left_at, row.seen_at, row.updated_at, seated)?;
    Ok(())
}

/// Ends a stay, or opens it again.
pub async fn set_left(
    tx: &mut Tx,
    id: AttendanceId,
    left_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET left_at = $2, updated_at = $3 WHERE id = $1", id, left_at, now)?;
    Ok(())
}

/// Notes that everybody whose stay is open was there at `seen_at`.
pub async fn touch_attendances(
    tx: &mut Tx,
    meeting: MeetingId,
    seen_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET seen_at = $2
         WHERE meeting_id = $1 AND left_at IS NULL AND seen_at < $2",
        meeting, seen_at)?;
    Ok(())
}

/// Newest first.
pub async fn history(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    before: &str,
    limit: i64,
) -> Result<Vec<MeetingRow>, DbError> {
    sql!(db => all MeetingRow,
        "SELECT id, sid, started_at, ended_at, updated_at FROM meetings
         WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        room, before, limit)
}

/// Everybody in the room's meetings between two ids, both included.
pub async fn history_attendances(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    oldest: MeetingId,
    newest: MeetingId,
) -> Result<Vec<AttendanceRow>, DbError> {
    sql!(db => all AttendanceRow,
        "SELECT id, meeting_id, sid, identity, subject, name, user_id, joined_at, left_at, seen_at, updated_at
         FROM attendances WHERE room_id = $1 AND meeting_id >= $2 AND meeting_id <= $3
         ORDER BY joined_at, id",
        room, oldest, newest)
}

/// How much goes on now.
#[derive(Debug, sqlx::FromRow)]
pub struct Live {
    pub rooms: i64,
    pub participants: i64,
}

pub async fn count_live(db: impl Into<Executor<'_>>) -> Result<Live, DbError> {
    sql!(db => one Live,
        "SELECT (SELECT COUNT(*) FROM meetings WHERE ended_at IS NULL) AS rooms,
                (SELECT COUNT(*) FROM (SELECT DISTINCT room_id, subject FROM attendances
                                       WHERE left_at IS NULL) AS people) AS participants")
}
