//! All SQL about lists of rooms' recordings.

use crate::{
    clock::Timestamp,
    db::{self, DbError, Executor, each_id, sql},
    recordings::{
        model::RecordingState,
        store::{ListedRow, columns},
    },
    rooms::RoomId,
};

/// Which recordings a list shows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// A state's word; empty: every state.
    pub state: &'static str,
    /// For LIKE.
    pub matching: String,
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Filter {
    /// Every recording.
    pub fn none() -> Filter {
        Filter {
            state: "",
            matching: db::contains(""),
            from: Timestamp(i64::MIN),
            to: Timestamp(i64::MAX),
        }
    }
}

/// A row of a list, and where it stands there.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SortedRow {
    #[sqlx(flatten)]
    pub listed: ListedRow,
    pub key: String,
}

impl SortedRow {
    pub fn room(&self) -> RoomId {
        self.listed.recording.room_id
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone)]
pub struct Range {
    /// Behind this key.
    pub from: String,
    /// Behind the list's last key.
    pub last: String,
    pub most: i64,
}

// $1 rooms or owners, $2 from, $3 most, $4 state, $5 pattern, $6 from, $7 to, $8 the list's end. Of each no more is read
// than a page: in the order of its index up to the page's last key. (LATERAL is not known to SQLite.)
macro_rules! listed {
    ($of:literal, $key:literal, $behind:literal, $until:literal, $direction:literal, $order:expr) => {
        concat!(
            each_id!("$1"),
            " SELECT ",
            columns!(),
            ", bytes_done, waiting_since, recordings.",
            $key,
            " AS key
              FROM wanted
              JOIN recordings ON recordings.",
            $of,
            " = wanted.id AND recordings.deleted_at IS NULL
               AND recordings.",
            $key,
            $behind,
            "$2 AND recordings.",
            $key,
            $until,
            "COALESCE((SELECT page.",
            $key,
            " FROM recordings AS page
               WHERE page.",
            $of,
            " = wanted.id AND page.deleted_at IS NULL AND page.",
            $key,
            $behind,
            "$2 AND ($4 = '' OR page.state = $4) AND page.search_key LIKE $5 ESCAPE '!'
                 AND page.requested_at >= $6 AND page.requested_at < $7
               ORDER BY page.",
            $key,
            $direction,
            " LIMIT 1 OFFSET $3 - 1), $8)
              LEFT JOIN recording_transfers ON recording_id = recordings.id
              WHERE ($4 = '' OR state = $4) AND search_key LIKE $5 ESCAPE '!'
                AND requested_at >= $6 AND requested_at < $7
              ORDER BY ",
            $order,
            " LIMIT $3"
        )
    };
    ($of:literal, $key:literal up) => {
        listed!($of, $key, " > ", " <= ", " ASC", concat!("recordings.", $key, " ASC"))
    };
    ($of:literal, $key:literal down) => {
        listed!($of, $key, " < ", " >= ", " DESC", concat!("recordings.", $key, " DESC"))
    };
    ($key:literal $direction:ident) => {
        Statement {
            of_rooms: listed!("room_id", $key $direction),
            of_owners: listed!("owner_id", $key $direction),
        }
    };
}

/// One way through a list, of rooms and of all rooms that somebody owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    pub of_rooms: &'static str,
    pub of_owners: &'static str,
}

pub const NEWEST: Statement = listed!("id" down);
pub const OLDEST: Statement = listed!("id" up);
pub const TITLES_DOWN: Statement = listed!("by_title" down);
pub const TITLES_UP: Statement = listed!("by_title" up);
pub const LONGEST: Statement = listed!("by_duration" down);
pub const SHORTEST: Statement = listed!("by_duration" up);
pub const LARGEST: Statement = listed!("by_size" down);
pub const SMALLEST: Statement = listed!("by_size" up);
/// In the order of the rooms that are asked for, the newest first in each.
pub const ROOM_BY_ROOM: &str = listed!(
    "room_id",
    "id",
    " < ",
    " >= ",
    " DESC",
    "length(wanted.others) DESC, recordings.id DESC"
);

macro_rules! of_state {
    ($key:literal up) => {
        of_state!($key, " > ", " ASC")
    };
    ($key:literal down) => {
        of_state!($key, " < ", " DESC")
    };
    ($key:literal, $behind:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", bytes_done, waiting_since, recordings.",
            $key,
            " AS key FROM recordings
             LEFT JOIN recording_transfers ON recording_id = recordings.id
             WHERE recordings.state = $1 AND recordings.deleted_at IS NULL AND recordings.",
            $key,
            $behind,
            "$2 AND recordings.search_key LIKE $3 ESCAPE '!' ORDER BY recordings.",
            $key,
            $direction,
            " LIMIT $4"
        )
    };
}

/// The ways through the recordings of the whole site that are in one state.
pub mod of_state {
    use super::columns;

    pub const NEWEST: &str = of_state!("id" down);
    pub const OLDEST: &str = of_state!("id" up);
    pub const TITLES_DOWN: &str = of_state!("by_title" down);
    pub const TITLES_UP: &str = of_state!("by_title" up);
    pub const LONGEST: &str = of_state!("by_duration" down);
    pub const SHORTEST: &str = of_state!("by_duration" up);
    pub const LARGEST: &str = of_state!("by_size" down);
    pub const SMALLEST: &str = of_state!("by_size" up);
}

/// A page of the site's recordings in this state, in the order of the statement.
pub async fn page_of_state(
    db: impl Into<Executor<'_>>,
    statement: &'static str,
    state: RecordingState,
    matching: &str,
    behind: &str,
    most: i64,
) -> Result<Vec<SortedRow>, DbError> {
    sql!(db => all SortedRow, statement, state, behind, matching, most)
}

/// A page of the recordings of these rooms or owners, in the order of the statement.
pub async fn page(
    db: impl Into<Executor<'_>>,
    statement: &'static str,
    of: &[impl std::fmt::Display],
    filter: &Filter,
    range: &Range,
) -> Result<Vec<SortedRow>, DbError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    sql!(db => all SortedRow, statement, db::in_a_row(of), &range.from, range.most,
        filter.state, &filter.matching, filter.from, filter.to, &range.last)
}
