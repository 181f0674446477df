//! In which order a list stands, and where a page of it begins. Pure.

use std::collections::HashMap;

use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::store::{self, SortedRow, Statement};
use crate::{
    db::text_enum,
    http::Direction,
    recordings::model::RecordingTitle,
    rooms::{RoomId, Standing},
};

text_enum! {
    /// What a list is ordered by.
    Sort {
        /// When they were asked for.
        Date => "date",
        /// Their titles, as their letters stand in Unicode.
        Title => "title",
        /// How long their films are.
        Duration => "duration",
        /// How large their films are.
        Size => "size",
        /// Their rooms' names, and in each room the newest first.
        Room => "room",
    }
}

/// In which order the list is wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// `date` when left out.
    #[garde(skip)]
    #[param(inline)]
    sort: Option<Sort>,
    /// When left out `asc` for titles and rooms, `desc` for all else.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

/// A way through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    pub sort: Sort,
    pub descending: bool,
}

/// Behind every key that begins with a digit, in any collation.
const BEYOND_DIGITS: &str = "zzzzzzzz";
/// The last character that there is.
const LAST_CHARACTER: &str = "\u{10ffff}";

impl Walk {
    pub const NEWEST: Walk = Walk {
        sort: Sort::Date,
        descending: true,
    };

    pub fn of(query: &OrderQuery) -> Walk {
        Walk::with(query.sort.unwrap_or(Sort::Date), query.direction)
    }

    /// In this direction, or in the one that is usual for the order.
    pub fn with(sort: Sort, direction: Option<Direction>) -> Walk {
        let descending = match (direction, sort) {
            (Some(direction), _) => direction == Direction::Desc,
            (None, Sort::Title | Sort::Room) => false,
            (None, Sort::Date | Sort::Duration | Sort::Size) => true,
        };
        Walk { sort, descending }
    }

    /// Before the list's first key.
    pub fn first(self) -> String {
        if self.descending {
            self.greatest()
        } else {
            String::new()
        }
    }

    /// Behind the list's last key.
    pub fn last(self) -> String {
        if self.descending {
            String::new()
        } else {
            self.greatest()
        }
    }

    fn greatest(self) -> String {
        match self.sort {
            Sort::Title => LAST_CHARACTER.repeat(RecordingTitle::LONGEST + 1),
            Sort::Date | Sort::Duration | Sort::Size | Sort::Room => BEYOND_DIGITS.to_owned(),
        }
    }

    /// The first of several lists that each stand in this order.
    pub fn merge(self, mut rows: Vec<SortedRow>, most: i64) -> Vec<SortedRow> {
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        if self.descending {
            rows.reverse();
        }
        // Whoever owns a room and is on its list as well sees its recordings once.
        rows.dedup_by(|one, other| one.key == other.key);
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        rows
    }

    /// `None` where the list goes room by room.
    pub fn statement(self) -> Option<Statement> {
        Some(match (self.sort, self.descending) {
            (Sort::Date, true) => store::NEWEST,
            (Sort::Date, false) => store::OLDEST,
            (Sort::Title, true) => store::TITLES_DOWN,
            (Sort::Title, false) => store::TITLES_UP,
            (Sort::Duration, true) => store::LONGEST,
            (Sort::Duration, false) => store::SHORTEST,
            (Sort::Size, true) => store::LARGEST,
            (Sort::Size, false) => store::SMALLEST,
            (Sort::Room, _) => return None,
        })
    }
}

/// The rooms by their names.
pub fn by_name(standings: &HashMap<RoomId, Standing>, descending: bool) -> Vec<RoomId> {
    let mut rooms: Vec<_> = standings
        .values()
        .map(|room| (key_of(room), room.id))
        .collect();
    rooms.sort_unstable();
    if descending {
        rooms.reverse();
    }
    rooms.into_iter().map(|(_, room)| room).collect()
}

fn key_of(room: &Standing) -> String {
    room.name.to_string().to_lowercase()
}

/// Where a page of a list by rooms ended.
#[derive(Debug)]
pub struct Place {
    name: String,
    pub room: RoomId,
    pub recording: String,
}

/// As a cursor has it.
pub fn place(room: Option<&Standing>, row: &SortedRow) -> String {
    let (room_id, id) = (row.room(), &row.key);
    format!("{}{room_id}{id}", room.map(key_of).unwrap_or_default())
}

impl Place {
    const ID: usize = 36;

    pub fn read(cursor: &str) -> Option<Place> {
        let (rest, recording) = cursor.split_at_checked(cursor.len().checked_sub(Place::ID)?)?;
        let (name, room) = rest.split_at_checked(rest.len().checked_sub(Place::ID)?)?;
        Some(Place {
            name: name.to_owned(),
            room: room.parse().ok()?,
            recording: recording.to_owned(),
        })
    }

    /// Whether this room was shown to its end.
    pub fn is_past(&self, room: &Standing, descending: bool) -> bool {
        let (name, here) = (key_of(room), (&self.name, self.room));
        if descending {
            (&name, room.id) > here
        } else {
            (&name, room.id) < here
        }
    }
}
