//! Whole lists as files: page after page is read and sent, so that twenty thousand rows take no more memory than a
//! hundred. It must not know what is listed.

use std::{future::Future, io};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use garde::Validate;
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::IntoParams;

use super::{Page, PageQuery, Problem, page::MOST_ROWS};
use crate::{clock::Timestamp, db::text_enum};

text_enum! {
    /// What a file of a list is written in.
    ExportFormat {
        /// For spreadsheets: RFC 4180 in UTF-8 with a byte order mark, moments as RFC 3339, and no cell that a spreadsheet
        /// takes for a formula.
        Csv => "csv",
        /// For programs: an array of what the list's pages have.
        Json => "json",
    }
}

/// What the file is written in.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    #[garde(skip)]
    #[param(inline)]
    pub format: ExportFormat,
}

/// A column of a CSV file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    name: &'static str,
    /// Where its value stands in a row's JSON (RFC 6901).
    pointer: &'static str,
    is_moment: bool,
}

/// A column with what stands at `pointer` as it is.
pub const fn column(name: &'static str, pointer: &'static str) -> Column {
    Column {
        name,
        pointer,
        is_moment: false,
    }
}

/// A column with a moment.
pub const fn moment(name: &'static str, pointer: &'static str) -> Column {
    Column {
        name,
        pointer,
        is_moment: true,
    }
}

/// The whole list as a file called `name` and the day; `next` reads a page of it. What keeps the first page from being
/// read is answered; what keeps a later one ends the answer before its end, which no client takes for a whole file.
pub async fn export<T, Read>(
    (name, now): (&str, Timestamp),
    format: ExportFormat,
    columns: &'static [Column],
    next: impl Fn(PageQuery) -> Read + Send + 'static,
) -> Result<Response, Problem>
where
    T: Serialize + Send + 'static,
    Read: Future<Output = Result<Page<T>, Problem>> + Send + 'static,
{
    let first = next(page(None)).await?;
    let state = (Some(first), Written::Nothing, next);
    let pieces = stream::try_unfold(state, move |(current, mut written, next)| async move {
        let Some(current) = current else {
            return Ok(None);
        };
        let is_last = current.next_cursor.is_none();
        let piece = match format {
            ExportFormat::Csv => csv(&current.items, columns, &mut written),
            ExportFormat::Json => json(&current.items, &mut written, is_last),
        };
        let following = match current.next_cursor {
            Some(cursor) => Some(
                next(page(Some(cursor)))
                    .await
                    .map_err(|problem| cut(&problem))?,
            ),
            None => None,
        };
        Ok::<_, io::Error>(Some((Bytes::from(piece), (following, written, next))))
    });
    let day = OffsetDateTime::from_unix_timestamp(now.as_seconds())
        .map_or_else(|_| String::new(), |at| at.date().to_string());
    let kind = match format {
        ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        ExportFormat::Json => "application/json",
    };
    let heads = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}-{day}.{format}\""),
        ),
    ];
    Ok((heads, Body::from_stream(pieces)).into_response())
}

fn page(cursor: Option<String>) -> PageQuery {
    PageQuery {
        limit: Some(MOST_ROWS),
        cursor,
    }
}

fn cut(problem: &Problem) -> io::Error {
    tracing::warn!(
        code = problem.code(),
        "a list could not be exported to its end"
    );
    io::Error::other("the list could not be read to its end")
}

/// How much of the file there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Nothing,
    Head,
    Rows,
}

fn json<T: Serialize>(items: &[T], written: &mut Written, is_last: bool) -> String {
    let mut text = String::new();
    if *written == Written::Nothing {
        text.push('[');
        *written = Written::Head;
    }
    for item in items {
        text.push_str(if *written == Written::Rows {
            ",\n"
        } else {
            "\n"
        });
        // What a page of the API can say can be written here.
        text.push_str(&serde_json::to_string(item).unwrap_or_else(|_| "null".to_owned()));
        *written = Written::Rows;
    }
    if is_last {
        text.push_str("\n]\n");
    }
    text
}

fn csv<T: Serialize>(items: &[T], columns: &[Column], written: &mut Written) -> String {
    let mut text = String::new();
    if *written == Written::Nothing {
        // Without it Excel reads names in the code page of its country.
        text.push('\u{feff}');
        line(
            &mut text,
            columns.iter().map(|column| column.name.to_owned()),
        );
        *written = Written::Rows;
    }
    for item in items {
        let row = serde_json::to_value(item).unwrap_or_default();
        line(&mut text, columns.iter().map(|column| cell(&row, column)));
    }
    text
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\r', '\n']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

fn cell(row: &Value, column: &Column) -> String {
    match row.pointer(column.pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Number(number)) if column.is_moment => {
            let moment = number.as_i64().unwrap_or(0);
            let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment) * 1_000_000);
            at.ok()
                .and_then(|at| at.format(&Rfc3339).ok())
                .unwrap_or_default()
        }
        Some(Value::String(text)) => harmless(text),
        Some(value @ (Value::Array(_) | Value::Object(_))) => harmless(&value.to_string()),
        Some(value) => value.to_string(),
    }
}

/// The text, and before what a spreadsheet would run an apostrophe, which makes it text.
fn harmless(text: &str) -> String {
    const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    let mut safe = String::with_capacity(text.len() + 1);
    // Where a cell may begin: spreadsheets of many languages split lines at semicolons, whatever the quotes say.
    let mut begins = true;
    for character in text.chars() {
        if begins && FORMULA.contains(&character) {
            safe.push('\'');
        }
        safe.push(character);
        begins = match character {
            ';' | '\t' | '\r' | '\n' => true,
            ' ' | '"' => begins,
            _ => false,
        };
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: [Column; 3] = [
        column("name", "/name"),
        column("owner", "/owner/name"),
        moment("at", "/at"),
    ];

    #[test]
    fn a_line_is_what_rfc_4180_says_and_runs_in_no_spreadsheet() {
        let rows = [
            json!({"name": "Ada, \"Countess\"\nof Lovelace", "owner": {"name": "Zoë"}, "at": 1_790_000_000_123_i64}),
            json!({"name": "=HYPERLINK(\"//evil\")", "owner": {"name": "+1"}, "at": null}),
            json!({"name": "-1", "owner": {"name": "x; =1+1;2"}}),
        ];
        let expected = "\u{feff}name,owner,at\r\n\
            \"Ada, \"\"Countess\"\"\nof Lovelace\",Zoë,2026-09-21T14:13:20.123Z\r\n\
            \"'=HYPERLINK(\"\"//evil\"\")\",'+1,\r\n\
            '-1,x; '=1+1;2,\r\n";
        assert_eq!(csv(&rows, &COLUMNS, &mut Written::Nothing), expected);
        assert_eq!(
            csv(&rows[2..], &COLUMNS, &mut Written::Rows),
            "'-1,x; '=1+1;2,\r\n"
        );
    }

    #[test]
    fn pages_of_an_array_make_one_array_whatever_they_hold() {
        for pages in [
            vec![Vec::<i32>::new()],
            // Rows that turned out to be nobody's business, before others.
            vec![vec![], vec![3]],
            vec![vec![1, 2]],
            vec![vec![1], vec![2, 3]],
        ] {
            let (mut text, mut written) = (String::new(), Written::Nothing);
            for (index, items) in pages.iter().enumerate() {
                text.push_str(&json(items, &mut written, index + 1 == pages.len()));
            }
            let read: Vec<i32> = serde_json::from_str(&text).unwrap();
            assert_eq!(read, pages.concat(), "{text}");
        }
    }
}
