//! All SQL about recordings.

use super::{
    model::{
        Ending, KeptIn, RecordingFault, RecordingId, RecordingLayout, RecordingState,
        RecordingTitle,
    },
    poster::PosterType,
};
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, sql},
    meetings::MeetingId,
    rooms::RoomId,
};

/// A recording's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RecordingRow {
    pub id: RecordingId,
    pub room_id: RoomId,
    pub title: RecordingTitle,
    pub layout: RecordingLayout,
    pub audio_only: bool,
    pub started_by: Option<UserId>,
    pub started_by_name: String,
    pub state: RecordingState,
    pub egress_id: Option<String>,
    pub egress_updated_at: i64,
    pub seen_at: Timestamp,
    pub requested_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub duration_ms: Option<i64>,
    pub size: Option<i64>,
    pub media_type: Option<String>,
    pub file_name: Option<String>,
    pub storage: KeptIn,
    pub object_key: Option<String>,
    pub crc32: Option<i64>,
    pub ending: Option<Ending>,
    pub error_code: Option<RecordingFault>,
    pub error: Option<String>,
    pub details: Option<String>,
    pub keep_until: Option<Timestamp>,
    pub keep_days: Option<i64>,
    pub poster_type: Option<PosterType>,
    pub has_preview: bool,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl RecordingRow {
    /// A recording that was asked for at this moment, as a grid, by nobody known.
    pub fn asked_for(
        id: RecordingId,
        room_id: RoomId,
        title: RecordingTitle,
        now: Timestamp,
    ) -> RecordingRow {
        RecordingRow {
            id,
            room_id,
            title,
            layout: RecordingLayout::Grid,
            audio_only: false,
            started_by: None,
            started_by_name: String::new(),
            state: RecordingState::Starting,
            egress_id: None,
            egress_updated_at: 0,
            seen_at: now,
            requested_at: now,
            started_at: None,
            stopped_at: None,
            ended_at: None,
            duration_ms: None,
            size: None,
            media_type: None,
            file_name: None,
            storage: KeptIn::Nowhere,
            object_key: None,
            crc32: None,
            ending: None,
            error_code: None,
            error: None,
            details: None,
            keep_until: None,
            keep_days: None,
            poster_type: None,
            has_preview: false,
            updated_at: now,
            deleted_at: None,
        }
    }
}

macro_rules! columns {
    () => {
        "recordings.id, recordings.room_id, title, layout, audio_only, started_by, started_by_name, state,
         egress_id, egress_updated_at, seen_at, requested_at, started_at, stopped_at, ended_at,
         duration_ms, size, media_type, file_name, storage, object_key, recordings.crc32, ending,
         error_code, error, details, keep_until, keep_days, poster_type, has_preview, updated_at, deleted_at"
    };
}

pub(super) use columns;

/// Fails with a unique violation when the room is recorded already.
pub async fn insert(
    tx: &mut Tx,
    row: &RecordingRow,
    meeting: Option<MeetingId>,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO recordings
             (id, room_id, meeting_id, title, search_key, layout, audio_only, started_by, started_by_name,
              state, egress_id, egress_updated_at, seen_at, requested_at, started_at, keep_days, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $13)",
        row.id, row.room_id, meeting, &row.title, search_key(&row.title), row.layout,
        row.audio_only, row.started_by, &row.started_by_name, row.state, &row.egress_id,
        row.egress_updated_at, row.seen_at, row.requested_at, row.started_at,
        row.keep_days)?;
    Ok(())
}

/// Writes down everything about a recording that changes after its beginning. Not its title and its time: people
/// change those.
pub async fn save(tx: &mut Tx, row: &RecordingRow) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE recordings SET state = $2, egress_id = $3, egress_updated_at = $4, seen_at = $5,
                started_at = $6, stopped_at = $7, ended_at = $8, duration_ms = $9, size = $10,
                media_type = $11, file_name = $12, storage = $13, object_key = $14, crc32 = $15,
                ending = $16, error_code = $17, error = $18, details = $19, updated_at = $20
         WHERE id = $1",
        row.id, row.state, &row.egress_id, row.egress_updated_at, row.seen_at, row.started_at,
        row.stopped_at, row.ended_at, row.duration_ms, row.size, &row.media_type, &row.file_name,
        row.storage, &row.object_key, row.crc32, row.ending, row.error_code, &row.error,
        &row.details, row.updated_at)?;
    Ok(())
}

/// The recording, unless it was deleted.
pub async fn by_id(
    db: impl Into<Executor<'_>>,
    id: RecordingId,
) -> Result<Option<RecordingRow>, DbError> {
    sql!(db => optional RecordingRow,
        concat!("SELECT ", columns!(), " FROM recordings WHERE id = $1 AND deleted_at IS NULL"), id)
}

/// Reads a recording and keeps others from changing it until `tx` ends.
pub async fn to_change(tx: &mut Tx, id: RecordingId) -> Result<Option<RecordingRow>, DbError> {
    sql!(tx => optional RecordingRow,
        concat!("UPDATE recordings SET updated_at = updated_at WHERE id = $1 AND deleted_at IS NULL RETURNING ",
            columns!()),
        id)
}

/// As [`to_change`], deleted or not.
pub async fn to_change_or_deleted(
    tx: &mut Tx,
    id: RecordingId,
) -> Result<Option<RecordingRow>, DbError> {
    sql!(tx => optional RecordingRow,
        concat!("UPDATE recordings SET updated_at = updated_at WHERE id = $1 RETURNING ", columns!()), id)
}

/// The recording that the recorder knows by this id, deleted or not.
pub async fn by_egress(tx: &mut Tx, egress_id: &str) -> Result<Option<RecordingRow>, DbError> {
    sql!(tx => optional RecordingRow,
        concat!("UPDATE recordings SET updated_at = updated_at WHERE egress_id = $1 RETURNING ", columns!()),
        egress_id)
}

/// The recording that an egress is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EgressRow {
    pub id: RecordingId,
    pub room_id: RoomId,
}

/// The recording that this egress is, unless it was deleted.
pub async fn known_by_egress(
    db: impl Into<Executor<'_>>,
    egress_id: &str,
) -> Result<Option<EgressRow>, DbError> {
    sql!(db => optional EgressRow,
        "SELECT id, room_id FROM recordings WHERE egress_id = $1 AND deleted_at IS NULL", egress_id)
}

pub async fn is_recording(db: impl Into<Executor<'_>>, egress_id: &str) -> Result<bool, DbError> {
    sql!(db => scalar bool, "SELECT EXISTS (SELECT 1 FROM recordings WHERE egress_id = $1)", egress_id)
}

/// In characters: as long as the ids that a text in a row is made of; LiveKit's own are shorter.
const LONGEST_EGRESS_ID: usize = 36;

pub(super) const OF_EGRESSES: &str = concat!(
    each_id!("$1"),
    // A join would be planned for thousands, and read every recording.
    " SELECT trim(wanted.id) AS egress_id,
             (SELECT recordings.id FROM recordings
              WHERE recordings.egress_id = trim(wanted.id) AND deleted_at IS NULL) AS id
      FROM wanted"
);

/// Which recording each of these egresses is, if any.
pub async fn of_egresses(
    db: impl Into<Executor<'_>>,
    ids: impl Iterator<Item = &str>,
) -> Result<Vec<(String, Option<RecordingId>)>, DbError> {
    let fits = |id: &&str| id.is_ascii() && id.len() <= LONGEST_EGRESS_ID;
    let padded: Vec<_> = ids
        .filter(fits)
        .map(|id| format!("{id:<LONGEST_EGRESS_ID$}"))
        .collect();
    let in_a_row = db::in_a_row(&padded);
    sql!(db => all (String, Option<RecordingId>), OF_EGRESSES, in_a_row)
}

// Two indexes, each of a few rows: one search for all four states would go through the whole table.
const WITH_RECORDER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM recordings WHERE state IN ('starting', 'recording', 'stopping')
      UNION ALL SELECT ",
    columns!(),
    " FROM recordings WHERE state = 'composing' AND deleted_at IS NULL"
);

/// Every recording that the recorder is, or may be, busy with: it records, or makes the film.
pub async fn with_recorder(db: impl Into<Executor<'_>>) -> Result<Vec<RecordingRow>, DbError> {
    sql!(db => all RecordingRow, WITH_RECORDER)
}

/// There is a first version of its film to look at.
pub async fn set_preview(tx: &mut Tx, id: RecordingId) -> Result<bool, DbError> {
    let set = sql!(tx => execute,
        "UPDATE recordings SET has_preview = TRUE WHERE id = $1 AND state = 'composing'", id)?;
    Ok(set == 1)
}

/// How many there are of those.
pub async fn count_active(db: impl Into<Executor<'_>>) -> Result<i64, DbError> {
    sql!(db => scalar i64,
        "SELECT COUNT(*) FROM recordings WHERE state IN ('starting', 'recording', 'stopping')")
}

/// The recording that goes on in a room.
pub async fn active_in(tx: &mut Tx, room: RoomId) -> Result<Option<RecordingId>, DbError> {
    sql!(tx => optional_scalar RecordingId,
        "SELECT id FROM recordings
         WHERE room_id = $1 AND state IN ('starting', 'recording', 'stopping')",
        room)
}

/// What a room's page shows of the recording that goes on.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct ActiveRow {
    pub room_id: RoomId,
    pub id: RecordingId,
    pub state: RecordingState,
    pub audio_only: bool,
    pub started_at: Option<Timestamp>,
}

pub(super) const ACTIVE_OF: &str = concat!(
    each_id!("$1"),
    " SELECT recordings.room_id, recordings.id, state, audio_only, started_at
      FROM wanted JOIN recordings ON recordings.room_id = wanted.id
       AND state IN ('starting', 'recording', 'stopping')"
);

/// What goes on in these rooms.
pub async fn active_of(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
) -> Result<Vec<ActiveRow>, DbError> {
    sql!(db => all ActiveRow, ACTIVE_OF, db::in_a_row(rooms))
}

/// A recording, and how far its film is on its way.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListedRow {
    #[sqlx(flatten)]
    pub recording: RecordingRow,
    pub bytes_done: Option<i64>,
    pub waiting_since: Option<Timestamp>,
}

/// One recording with its progress, unless it was deleted.
pub async fn listed(
    db: impl Into<Executor<'_>>,
    id: RecordingId,
) -> Result<Option<ListedRow>, DbError> {
    sql!(db => optional ListedRow,
        concat!("SELECT ", columns!(), ", bytes_done, waiting_since FROM recordings
            LEFT JOIN recording_transfers ON recording_id = recordings.id
            WHERE recordings.id = $1 AND deleted_at IS NULL"),
        id)
}

// A page of each is enough for a page of both.
const STUCK: &str = concat!(
    "SELECT ",
    columns!(),
    ", bytes_done, waiting_since
     FROM (SELECT waiting.id FROM
               (SELECT recording_id AS id FROM recording_transfers
                WHERE waiting_since IS NOT NULL AND recording_id < $1
                ORDER BY recording_id DESC LIMIT $2) AS waiting
           UNION
           SELECT lost.id FROM
               (SELECT id FROM recordings
                WHERE state = 'failed' AND error_code = 'file_gone' AND deleted_at IS NULL AND id < $1
                ORDER BY id DESC LIMIT $2) AS lost) AS page
     JOIN recordings ON recordings.id = page.id AND recordings.deleted_at IS NULL
     LEFT JOIN recording_transfers ON recording_id = recordings.id
     ORDER BY recordings.id DESC LIMIT $2"
);

/// A page of the recordings whose film waits or is lost, newest first.
pub async fn stuck(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<ListedRow>, DbError> {
    sql!(db => all ListedRow, STUCK, before, limit)
}

/// What a meeting's page shows of its recordings.
#[derive(Debug, sqlx::FromRow)]
pub struct OfMeetingRow {
    pub id: RecordingId,
    pub title: RecordingTitle,
    pub state: RecordingState,
}

/// The recordings that were asked for in a meeting.
pub async fn of_meeting(
    db: impl Into<Executor<'_>>,
    meeting: MeetingId,
) -> Result<Vec<OfMeetingRow>, DbError> {
    sql!(db => all OfMeetingRow,
        "SELECT id, title, state FROM recordings WHERE meeting_id = $1 AND deleted_at IS NULL ORDER BY id",
        meeting)
}

/// How many recordings there are of each of these meetings.
pub async fn count_of_meetings(
    db: impl Into<Executor<'_>>,
    meetings: &[MeetingId],
) -> Result<Vec<(MeetingId, i64)>, DbError> {
    sql!(db => all (MeetingId, i64),
        concat!(each_id!("$1"),
            " SELECT wanted.id, COUNT(*)
              FROM wanted JOIN recordings ON recordings.meeting_id = wanted.id AND recordings.deleted_at IS NULL
              GROUP BY wanted.id"),
        db::in_a_row(meetings))
}

/// What people change.
pub async fn set_title_and_time(
    tx: &mut Tx,
    id: RecordingId,
    title: &RecordingTitle,
    keep_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE recordings SET title = $2, search_key = $3, keep_until = $4, updated_at = $5 WHERE id = $1",
        id, title, search_key(title), keep_until, now)?;
    Ok(())
}

/// What was said of its time when it began becomes a date, unless it has one.
pub async fn set_end(tx: &mut Tx, id: RecordingId, keep_until: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE recordings SET keep_until = $2 WHERE id = $1 AND keep_until IS NULL", id, keep_until)?;
    Ok(())
}

/// There is a picture beside its film.
pub async fn set_poster(tx: &mut Tx, id: RecordingId, kind: PosterType) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE recordings SET poster_type = $2 WHERE id = $1", id, kind)?;
    Ok(())
}

/// The recording leaves every list; its row stays until its files are gone, and after.
pub async fn bury(tx: &mut Tx, id: RecordingId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE recordings SET deleted_at = $2, updated_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

/// The recorder says how large its file is.
pub async fn set_size(tx: &mut Tx, id: RecordingId, size: Option<i64>) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE recordings SET size = $2 WHERE id = $1", id, size)?;
    Ok(())
}

/// A deleted recording of which something may be left.
pub async fn to_remove(
    db: impl Into<Executor<'_>>,
    id: RecordingId,
) -> Result<Option<RecordingRow>, DbError> {
    sql!(db => optional RecordingRow,
        concat!("SELECT ", columns!(), " FROM recordings
            WHERE id = $1 AND deleted_at IS NOT NULL AND removed_at IS NULL"),
        id)
}

/// Whether its film is on its way.
pub async fn is_on_its_way(db: impl Into<Executor<'_>>, id: RecordingId) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM recording_transfers WHERE recording_id = $1)", id)
}

/// Nothing is left of a deleted recording.
pub async fn note_removed(tx: &mut Tx, id: RecordingId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE recordings SET removed_at = $2, storage = 'none', updated_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

/// Deleted recordings of which something is left, and that nobody looked at since `before`.
pub async fn unremoved(
    db: impl Into<Executor<'_>>,
    before: Timestamp,
) -> Result<Vec<RecordingId>, DbError> {
    let rows = sql!(db => all (RecordingId,),
        "SELECT id FROM recordings
         WHERE deleted_at IS NOT NULL AND removed_at IS NULL AND updated_at < $1
         ORDER BY updated_at LIMIT 100",
        before)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Somebody looks at it now.
pub async fn touch(tx: &mut Tx, id: RecordingId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE recordings SET updated_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

/// Recordings whose film should be on its way and is not.
pub async fn without_transfer(db: impl Into<Executor<'_>>) -> Result<Vec<RecordingId>, DbError> {
    let rows = sql!(db => all (RecordingId,),
        "SELECT id FROM recordings
         WHERE state = 'processing' AND deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM recording_transfers WHERE recording_id = recordings.id)
         LIMIT 100")?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Recordings whose own date has come, and those without one that ended before the site's.
pub async fn expired(
    db: impl Into<Executor<'_>>,
    now: Timestamp,
    ended_before: Option<Timestamp>,
) -> Result<Vec<RecordingId>, DbError> {
    let rows = sql!(db => all (RecordingId,),
        "SELECT id FROM (SELECT id FROM recordings
                         WHERE deleted_at IS NULL AND keep_until IS NOT NULL AND keep_until <= $1
                           AND state IN ('completed', 'failed', 'aborted')
                         LIMIT 100) AS dated
         UNION
         SELECT id FROM (SELECT id FROM recordings
                         WHERE deleted_at IS NULL AND ended_at IS NOT NULL AND ended_at <= $2
                           AND keep_until IS NULL
                           AND state IN ('completed', 'failed', 'aborted')
                         LIMIT 100) AS old",
        now, ended_before)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Bytes that recordings take, of one account or of all. Counted by the schema with each change.
pub async fn bytes_kept(db: impl Into<Executor<'_>>, of: Option<UserId>) -> Result<i64, DbError> {
    let bytes = sql!(db => optional_scalar i64,
        "SELECT bytes FROM recording_space WHERE taken_by = COALESCE($1, 'site')", of)?;
    Ok(bytes.unwrap_or(0))
}

fn search_key(title: &RecordingTitle) -> String {
    title.to_string().to_lowercase()
}
