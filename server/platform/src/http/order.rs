//! Lists in an order of the reader's choice: each row has, for each order, one text that no other row has, and a page
//! begins behind such a text, so that it is found through an index. It must not know what is listed.

use super::{PageQuery, Problem};
use crate::db::text_enum;

text_enum! {
    /// Which end of a list is its beginning.
    Direction {
        /// The first letter, the oldest, the shortest, the smallest.
        Asc => "asc",
        /// The last letter, the newest, the longest, the largest.
        Desc => "desc",
    }
}

/// What the texts of an order look like, so that something can stand behind all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They begin with a digit or are ids, in any collation.
    Digits,
    /// They are anything, compared byte by byte.
    Texts,
}

/// One way through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub keys: Keys,
    pub descending: bool,
}

const BEYOND_DIGITS: &str = "zzzzzzzz";
// The last character that there is, more often than any name that anybody has.
const BEYOND_TEXTS: &str = "\u{10ffff}\u{10ffff}\u{10ffff}\u{10ffff}";

impl Way {
    /// Behind which text the asked page begins: with what is greater going up, with what is smaller going down.
    pub fn behind(self, page: &PageQuery) -> Result<String, Problem> {
        let first = match (self.descending, self.keys) {
            (false, _) => "",
            (true, Keys::Digits) => BEYOND_DIGITS,
            (true, Keys::Texts) => BEYOND_TEXTS,
        };
        Ok(page.key()?.unwrap_or_else(|| first.to_owned()))
    }

    /// The first `most` of several lists that each stand in this order.
    pub fn merge<R>(self, mut rows: Vec<R>, key: impl Fn(&R) -> &str, most: i64) -> Vec<R> {
        rows.sort_by(|one, other| {
            let rising = key(one).cmp(key(other));
            if self.descending {
                rising.reverse()
            } else {
                rising
            }
        });
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        rows
    }
}
