//! All SQL about meetings and attendances.

use std::collections::HashMap;

use super::{
    clients::ClientFacts,
    model::{AttendanceId, MeetingId},
};
use crate::{
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, sql},
    livekit::{
        identity::{Identity, Subject},
        token::Generation,
    },
    rooms::RoomId,
};

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

/// The meeting that goes on in a room.
pub async fn running(tx: &mut Tx, room: RoomId) -> Result<Option<MeetingId>, DbError> {
    sql!(tx => optional_scalar MeetingId,
        "SELECT MAX(id) FROM meetings WHERE room_id = $1 AND ended_at IS NULL HAVING COUNT(*) > 0",
        room)
}

/// Somebody's stay in a room.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StayRow {
    pub name: String,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
}

/// Stays in the meetings that went on in a room between two moments.
pub async fn stays_between(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<StayRow>, DbError> {
    sql!(db => all StayRow,
        "SELECT name, joined_at, left_at
         FROM meetings JOIN attendances ON attendances.meeting_id = meetings.id
         WHERE meetings.room_id = $1 AND meetings.started_at <= $3
           AND (meetings.ended_at IS NULL OR meetings.ended_at >= $2)
           AND joined_at <= $3 AND (left_at IS NULL OR left_at >= $2)
         ORDER BY joined_at, attendances.id LIMIT 1000",
        room, from, to)
}

pub async fn open_meetings(tx: &mut Tx, room: RoomId) -> Result<Vec<MeetingRow>, DbError> {
    sql!(tx => all MeetingRow,
        "SELECT id, sid, started_at, ended_at, updated_at FROM meetings
         WHERE room_id = $1 AND ended_at IS NULL",
        room)
}

/// Rooms with a meeting that did not end or was cut.
pub async fn rooms_in_meeting(db: impl Into<Executor<'_>>) -> Result<Vec<RoomId>, DbError> {
    let rows = sql!(db => all (RoomId,),
        "SELECT DISTINCT room_id FROM meetings WHERE ended_at IS NULL OR cut = TRUE")?;
    Ok(rows.into_iter().map(|(room,)| room).collect())
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

/// `seated`: whether there was a place for them. `generation`: the room's.
pub async fn insert_attendance(
    tx: &mut Tx,
    room: RoomId,
    row: &AttendanceRow,
    seated: bool,
    generation: Generation,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO attendances (id, meeting_id, room_id, sid, identity, subject, name, user_id,
                                  joined_at, left_at, seen_at, updated_at, seated, generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        row.id, row.meeting_id, room, &row.sid, &row.identity, &row.subject, &row.name,
        &row.user_id, row.joined_at, row.left_at, row.seen_at, row.updated_at, seated, generation)?;
    Ok(())
}

/// Notes with what somebody opens the signal socket of a room's call.
pub async fn note_client(
    tx: &mut Tx,
    room: RoomId,
    identity: &Identity,
    facts: ClientFacts,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO signal_clients (room_id, identity, sdk, os, browser, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (room_id, identity) DO UPDATE SET sdk = $3, os = $4, browser = $5, seen_at = $6",
        room, identity.to_string(), facts.sdk.to_string(), facts.os, facts.browser, now)?;
    Ok(())
}

/// Puts to a stay with what its participant opened the signal socket.
pub async fn take_client(tx: &mut Tx, room: RoomId, row: &AttendanceRow) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET
            sdk = (SELECT sdk FROM signal_clients WHERE room_id = $2 AND identity = $3),
            os = (SELECT os FROM signal_clients WHERE room_id = $2 AND identity = $3),
            browser = (SELECT browser FROM signal_clients WHERE room_id = $2 AND identity = $3)
         WHERE id = $1",
        row.id, room, &row.identity)?;
    Ok(())
}

/// Writes down why a stay ended.
pub async fn set_left_reason(tx: &mut Tx, id: AttendanceId, reason: &str) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE attendances SET left_reason = $2 WHERE id = $1", id, reason)?;
    Ok(())
}

/// Writes down the way that somebody's media takes.
pub async fn set_route(tx: &mut Tx, id: AttendanceId, route: &str) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET ice_route = $2 WHERE id = $1 AND (ice_route IS NULL OR ice_route <> $2)",
        id, route)?;
    Ok(())
}

/// One stay, with all that is known of it.
#[derive(Debug, sqlx::FromRow)]
pub struct Stayed {
    pub id: AttendanceId,
    pub meeting_id: MeetingId,
    pub identity: String,
    pub name: String,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
    pub left_reason: Option<String>,
    pub sdk: Option<String>,
    pub os: Option<String>,
    pub browser: Option<String>,
    pub ice_route: Option<String>,
}

const STAYED: &str = "SELECT id, meeting_id, identity, name, joined_at, left_at, left_reason, sdk, os, browser, ice_route
     FROM attendances
     WHERE meeting_id = (SELECT MAX(id) FROM meetings WHERE room_id = $1) AND sid = $2 AND subject = $3";

/// The stay that LiveKit calls `sid`, in the room's latest meeting, if it is this person's.
pub async fn stayed(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    sid: &str,
    subject: &Subject,
) -> Result<Option<Stayed>, DbError> {
    sql!(db => optional Stayed, STAYED, room, sid, subject.as_str())
}

/// Those who are in calls now, by LiveKit's sid.
pub async fn stays_by_sid(
    db: impl Into<Executor<'_>>,
) -> Result<Vec<(String, AttendanceId)>, DbError> {
    sql!(db => all (String, AttendanceId),
        "SELECT sid, id FROM attendances WHERE left_at IS NULL")
}

const STAYS_OF_MEETING: &str = "SELECT id, meeting_id, identity, name, joined_at, left_at, left_reason, sdk, os, browser, ice_route
     FROM attendances WHERE meeting_id = $2 AND room_id = $1 AND subject = $3 ORDER BY joined_at, id LIMIT 100";
const STAYS_OF_LATEST: &str = "SELECT id, meeting_id, identity, name, joined_at, left_at, left_reason, sdk, os, browser, ice_route
     FROM attendances
     WHERE meeting_id = (SELECT MAX(id) FROM meetings WHERE room_id = $1) AND subject = $2
     ORDER BY joined_at, id LIMIT 100";

/// The first hundred stays of a person in a meeting of the room; in its latest where none is named.
pub async fn stays_of(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    meeting: Option<MeetingId>,
    subject: &Subject,
) -> Result<Vec<Stayed>, DbError> {
    let db = db.into();
    match meeting {
        Some(meeting) => {
            sql!(db => all Stayed, STAYS_OF_MEETING, room, meeting, subject.as_str())
        }
        None => sql!(db => all Stayed, STAYS_OF_LATEST, room, subject.as_str()),
    }
}

pub async fn forget_clients(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM signal_clients WHERE seen_at < $1", before)?;
    Ok(())
}

/// Stays that have all of this in common.
#[derive(Debug, sqlx::FromRow)]
pub struct ClientRow {
    pub sdk: Option<String>,
    pub os: Option<String>,
    pub browser: Option<String>,
    pub ice_route: Option<String>,
    pub left_reason: Option<String>,
    pub stays: i64,
    /// Those of them that ended.
    pub gone: i64,
}

const CLIENTS: &str =
    "SELECT sdk, os, browser, ice_route, left_reason, COUNT(*) AS stays, COUNT(left_at) AS gone
     FROM attendances WHERE joined_at >= $1 AND joined_at < $2
     GROUP BY sdk, os, browser, ice_route, left_reason";

/// With what those came who came from `from` until before `to`.
pub async fn clients_between(
    db: impl Into<Executor<'_>>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<ClientRow>, DbError> {
    sql!(db => all ClientRow, CLIENTS, from, to)
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

/// Makes somebody's open stays no younger than `generation`.
pub async fn backdate(
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
    generation: Generation,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET generation = $3
         WHERE room_id = $1 AND left_at IS NULL AND subject = $2 AND generation > $3",
        room, subject.as_str(), generation)?;
    Ok(())
}

/// Notes that everybody whose stay in the room's call is open was there at `seen_at`.
pub async fn touch_room(tx: &mut Tx, room: RoomId, seen_at: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE attendances SET seen_at = $2
         WHERE room_id = $1 AND left_at IS NULL AND seen_at < $2",
        room, seen_at)?;
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

/// A meeting of the site's list, and where it stands there.
#[derive(Debug, sqlx::FromRow)]
pub struct SiteMeetingRow {
    pub id: MeetingId,
    pub room_id: RoomId,
    pub sid: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub key: String,
}

/// A stretch of the site's list: behind the first text, and before the last.
#[derive(Debug)]
pub struct Span {
    first: String,
    last: String,
}

impl Span {
    /// Behind a key, and of what began from `from` until before `to`.
    pub fn of(
        behind: String,
        descending: bool,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Span {
        // Every key of a moment begins with its digits, and is greater than they are.
        let text = |moment: Timestamp| format!("{:019}", moment.0.max(0));
        let (from, to) = (from.map(text), to.map(text));
        if descending {
            Span {
                first: to.map_or(behind.clone(), |to| to.min(behind)),
                last: from.unwrap_or_default(),
            }
        } else {
            Span {
                first: from.map_or(behind.clone(), |from| from.max(behind)),
                last: to.unwrap_or_else(|| "zzzzzzzz".to_owned()),
            }
        }
    }
}

macro_rules! of_site {
    ($behind:literal, $before:literal, $room:literal, $direction:literal) => {
        concat!(
            "SELECT id, room_id, sid, started_at, ended_at, by_start AS key FROM meetings
             WHERE by_start ",
            $behind,
            " $1 AND by_start ",
            $before,
            " $2 AND ",
            $room,
            " ORDER BY by_start ",
            $direction,
            " LIMIT $4"
        )
    };
}

fn of_site_statement(descending: bool, in_one_room: bool) -> &'static str {
    match (descending, in_one_room) {
        (true, false) => of_site!("<", ">=", "$3 = ''", "DESC"),
        (false, false) => of_site!(">", "<", "$3 = ''", "ASC"),
        (true, true) => of_site!("<", ">=", "room_id = $3", "DESC"),
        (false, true) => of_site!(">", "<", "room_id = $3", "ASC"),
    }
}

/// Meetings of the whole site by when they began, or those of one room where one is named.
pub async fn of_site(
    db: impl Into<Executor<'_>>,
    descending: bool,
    span: &Span,
    room: &str,
    most: i64,
) -> Result<Vec<SiteMeetingRow>, DbError> {
    let statement = of_site_statement(descending, !room.is_empty());
    sql!(db => all SiteMeetingRow, statement, &span.first, &span.last, room, most)
}

pub async fn one_of_site(
    db: impl Into<Executor<'_>>,
    id: MeetingId,
) -> Result<Option<SiteMeetingRow>, DbError> {
    sql!(db => optional SiteMeetingRow,
        "SELECT id, room_id, sid, started_at, ended_at, by_start AS key FROM meetings WHERE id = $1", id)
}

/// How many people were in each of these meetings.
pub async fn count_people(
    db: impl Into<Executor<'_>>,
    meetings: &[MeetingId],
) -> Result<HashMap<MeetingId, i64>, DbError> {
    let rows = sql!(db => all (MeetingId, i64),
        concat!(each_id!("$1"),
            " SELECT wanted.id, COUNT(DISTINCT attendances.subject)
              FROM wanted JOIN attendances ON attendances.meeting_id = wanted.id GROUP BY wanted.id"),
        db::in_a_row(meetings))?;
    Ok(rows.into_iter().collect())
}

/// Everybody in these meetings.
pub async fn history_attendances(
    db: impl Into<Executor<'_>>,
    meetings: impl IntoIterator<Item = &'_ MeetingId>,
) -> Result<Vec<AttendanceRow>, DbError> {
    sql!(db => all AttendanceRow,
        concat!(each_id!("$1"),
            " SELECT attendances.id, meeting_id, sid, identity, subject, name, user_id, joined_at, left_at,
                     seen_at, updated_at
              FROM wanted JOIN attendances ON attendances.meeting_id = wanted.id
              ORDER BY joined_at, attendances.id"),
        db::in_a_row(meetings))
}

/// The call in a room as it is now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Call {
    /// How many people are in it.
    pub live: i64,
    /// How many connections one person in particular has.
    pub present: i64,
    pub started_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    room_id: RoomId,
    #[sqlx(flatten)]
    call: Call,
}

// Open stays have an index of their own, so that a long history costs nothing.
const CALLS: &str = concat!(
    each_id!("$1"),
    " SELECT room_id, live, present, started_at FROM
         (SELECT wanted.id AS room_id,
                 (SELECT COUNT(DISTINCT subject) FROM attendances
                  WHERE attendances.room_id = wanted.id AND left_at IS NULL) AS live,
                 (SELECT COUNT(*) FROM attendances
                  WHERE attendances.room_id = wanted.id AND left_at IS NULL
                    AND subject = $2) AS present,
                 (SELECT MIN(started_at) FROM meetings
                  WHERE meetings.room_id = wanted.id AND ended_at IS NULL) AS started_at
          FROM wanted) AS calls
      WHERE live > 0 OR started_at IS NOT NULL"
);

/// The calls that go on in these rooms; `subject` names the person whose connections are counted.
pub async fn calls(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    subject: &str,
) -> Result<Vec<(RoomId, Call)>, DbError> {
    let rows = sql!(db => all CallRow, CALLS, db::in_a_row(rooms), subject)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, row.call))
        .collect())
}

/// One stay of one person in a meeting that goes on or may be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Stay {
    pub room_id: RoomId,
    pub left_at: Option<Timestamp>,
    /// The room's when the stay was written down.
    pub generation: Generation,
    /// Whether there was a place for them.
    pub seated: bool,
}

// From the one meeting that counts, not from all that the person ever attended: to SQLite, CROSS JOIN is an order.
const STAYS: &str = concat!(
    each_id!("$1"),
    " SELECT attendances.room_id, attendances.left_at, attendances.generation, attendances.seated
      FROM wanted CROSS JOIN meetings CROSS JOIN attendances
      WHERE meetings.room_id = wanted.id AND meetings.ended_at IS NULL
        AND attendances.meeting_id = meetings.id AND attendances.subject = $2
      UNION ALL
      SELECT attendances.room_id, attendances.left_at, attendances.generation, attendances.seated
      FROM wanted CROSS JOIN meetings CROSS JOIN attendances
      WHERE meetings.room_id = wanted.id AND meetings.cut = TRUE AND meetings.ended_at IS NOT NULL
        AND attendances.meeting_id = meetings.id AND attendances.subject = $2"
);

pub async fn stays(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    subject: &Subject,
) -> Result<Vec<Stay>, DbError> {
    sql!(db => all Stay, STAYS, db::in_a_row(rooms), subject.as_str())
}

/// Everybody in the room's call.
pub async fn live_subjects(
    db: impl Into<Executor<'_>>,
    room: RoomId,
) -> Result<Vec<String>, DbError> {
    let rows = sql!(db => all (String,),
        "SELECT DISTINCT subject FROM attendances WHERE room_id = $1 AND left_at IS NULL", room)?;
    Ok(rows.into_iter().map(|(subject,)| subject).collect())
}

/// Somebody in a room's call, by what is on record.
#[derive(Debug, sqlx::FromRow)]
pub struct Present {
    pub identity: String,
    pub name: String,
    pub joined_at: Timestamp,
}

const PRESENT: &str = "SELECT identity, name, joined_at FROM attendances
    WHERE room_id = $1 AND left_at IS NULL ORDER BY joined_at, id";

/// Every connection in the room's call, by what is on record.
pub async fn present(db: impl Into<Executor<'_>>, room: RoomId) -> Result<Vec<Present>, DbError> {
    sql!(db => all Present, PRESENT, room)
}

const IS_SEATED: &str = "SELECT EXISTS (SELECT 1 FROM attendances
    WHERE room_id = $1 AND left_at IS NULL AND seated AND subject = $2)";

/// Whether somebody is in the call and has a place there.
pub async fn is_seated(
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<bool, DbError> {
    sql!(db => scalar bool, IS_SEATED, room, subject.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, years};

    #[tokio::test]
    async fn a_page_of_the_sites_meetings_is_found_without_the_others() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        years::pass(db).await;
        let room = "'0199d5a0-0002-7000-8000-100000000001'";
        for (in_one_room, index) in [
            (false, "meetings_by_start"),
            (true, "meetings_by_room_and_start"),
        ] {
            for descending in [false, true] {
                let (first, last) = if descending {
                    ("'zzzzzzzz'", "''")
                } else {
                    ("''", "'zzzzzzzz'")
                };
                let room = if in_one_room { room } else { "''" };
                let statement = of_site_statement(descending, in_one_room);
                let plan = db.plan(statement, &[first, last, room, "51"]).await;
                assert!(plan.contains(index), "{index}: {plan}");
                for whole in ["SCAN", "Seq Scan", "TEMP B-TREE", "Sort"] {
                    assert!(!plan.contains(whole), "{whole}: {plan}");
                }
            }
        }
    }

    #[tokio::test]
    async fn what_goes_on_in_a_room_is_read_without_its_history() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        years::pass(db).await;
        let room = "'0199d5a0-0002-7000-8000-100000000001'";
        for (query, indexes) in [
            (CALLS, ["attendances_live", "meetings_live"].as_slice()),
            (IS_SEATED, ["attendances_live"].as_slice()),
            (PRESENT, ["attendances_live"].as_slice()),
            (
                STAYS,
                ["meetings_live", "meetings_cut", "attendances_in_meeting"].as_slice(),
            ),
        ] {
            let plan = db.plan(query, &[room, "'g-1'"]).await;
            for index in indexes {
                assert!(plan.contains(index), "{index}: {plan}");
            }
            for history in [
                "attendances_by_",
                "meetings_by_room",
                "SCAN attendances",
                "SCAN meetings",
                "Seq Scan on attendances",
                "Seq Scan on meetings",
                "AUTOMATIC",
            ] {
                assert!(!plan.contains(history), "{history}: {plan}");
            }
        }
    }
}

/// How much goes on now.
#[derive(Debug, Default, sqlx::FromRow)]
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
