//! Lists in pages: `?limit=&cursor=` in, `{items, next_cursor}` out.
//! A cursor is the sort key of the page's last row, opaque to clients.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{Object, ObjectBuilder, SchemaFormat, Type},
};

use super::{Problem, openapi};

pub(super) const MOST_ROWS: i64 = 100;
const USUAL_ROWS: i64 = 50;
const LONGEST_CURSOR: usize = 800;

fn rows() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(MOST_ROWS))
        .default(Some(USUAL_ROWS.into()))
        .build()
}

fn cursor() -> Object {
    openapi::text(0..=LONGEST_CURSOR)
        .format(Some(SchemaFormat::Custom("cursor".to_owned())))
        .build()
}

/// Which page is asked for.
#[derive(Debug, Default, Clone, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows on the page, 1 to 100.
    #[garde(range(min = 1, max = MOST_ROWS))]
    #[param(schema_with = rows)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[garde(length(max = LONGEST_CURSOR))]
    #[param(schema_with = cursor)]
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` for the rows after these; null on the last page.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

// Sorts after every UUID and slug, in any collation.
const BEYOND: &str = "zzzzzzzz";

impl PageQuery {
    /// How many rows to select: one more than shown, which tells whether there is a next page.
    pub fn fetch(&self) -> i64 {
        self.shown() + 1
    }

    fn shown(&self) -> i64 {
        self.limit.unwrap_or(USUAL_ROWS)
    }

    /// The key that rows must be below, newest first: `WHERE id < $1 ORDER BY id DESC`.
    pub fn before(&self) -> Result<String, Problem> {
        Ok(self.key()?.unwrap_or_else(|| BEYOND.to_owned()))
    }

    /// The key that rows must be above, in rising order: `WHERE slug > $1 ORDER BY slug`.
    pub fn after(&self) -> Result<String, Problem> {
        Ok(self.key()?.unwrap_or_default())
    }

    /// The key of the page before's last row; nothing on the first page.
    pub fn key(&self) -> Result<Option<String>, Problem> {
        let Some(cursor) = self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) else {
            return Ok(None);
        };
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|key| !key.contains('\0'))
            .map(Some)
            .ok_or_else(PageQuery::refused)
    }

    /// What is no cursor of this list's.
    pub fn refused() -> Problem {
        Problem::invalid_field("cursor", "invalid", "Not a cursor that a page gave.")
    }
}

impl<T> Page<Option<T>> {
    /// The page without what turned out to be nobody's business.
    pub fn flatten(self) -> Page<T> {
        Page {
            items: self.items.into_iter().flatten().collect(),
            next_cursor: self.next_cursor,
        }
    }
}

impl<T> Page<T> {
    /// There is nothing.
    pub fn empty() -> Page<T> {
        Page {
            items: Vec::new(),
            next_cursor: None,
        }
    }

    /// The page of `rows`, which were selected with [`PageQuery::fetch`]; `key` is the sort key.
    pub fn new<R>(
        query: &PageQuery,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> String,
        item: impl Fn(R) -> T,
    ) -> Page<T> {
        let shown = usize::try_from(query.shown()).unwrap_or(usize::MAX);
        let more = rows.len() > shown;
        rows.truncate(shown);
        let next_cursor = rows
            .last()
            .filter(|_| more)
            .map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Page {
            items: rows.into_iter().map(item).collect(),
            next_cursor,
        }
    }
}
