//! What can be preferred; knows neither HTTP nor SQL.
#![expect(
    clippy::option_option,
    reason = "left out, null and a value are three things, in words that garde and utoipa know"
)]

use std::{fmt, str::FromStr};

use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, ObjectBuilder, RefOr, Type,
        schema::{Schema, SchemaType},
    },
};

use crate::{
    db::{text_column, text_enum},
    http::{given, openapi},
};

text_enum! {
    /// A language that the pages speak.
    Language {
        English => "en",
        French => "fr",
    }
}

text_enum! {
    /// What the pages look like.
    Theme {
        /// As the device's own programs do.
        System => "system",
        Light => "light",
        Dark => "dark",
    }
}

/// Rows that a page of a list may have.
const ROWS: [u32; 3] = [20, 50, 100];

/// A name of the IANA's, such as `Europe/Paris`. Which ones there are changes several times a year, and each browser has its
/// own list, so this is only about the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(String);

/// Why a text is no [`TimeZone`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("A time zone is a name such as Europe/Paris.")]
pub struct NotATimeZone;

impl TimeZone {
    /// In characters.
    const LONGEST: usize = 64;
}

impl FromStr for TimeZone {
    type Err = NotATimeZone;

    fn from_str(text: &str) -> Result<TimeZone, NotATimeZone> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+-".contains(letter);
        let is_part = |part: &str| !part.is_empty() && part.chars().all(fits);
        let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if begins && text.len() <= TimeZone::LONGEST && text.split('/').all(is_part) {
            Ok(TimeZone(text.to_owned()))
        } else {
            Err(NotATimeZone)
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TimeZone {
    type Error = NotATimeZone;

    fn try_from(text: String) -> Result<TimeZone, NotATimeZone> {
        text.parse()
    }
}

impl From<TimeZone> for String {
    fn from(value: TimeZone) -> String {
        value.0
    }
}

text_column!(TimeZone);

impl PartialSchema for TimeZone {
    fn schema() -> RefOr<Schema> {
        let form = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$";
        openapi::text(1..=TimeZone::LONGEST)
            .pattern(Some(form))
            .build()
            .into()
    }
}

impl ToSchema for TimeZone {}

/// How somebody likes the pages; `null` is as the device says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preferences {
    #[schema(required = true)]
    pub language: Option<Language>,
    #[schema(required = true)]
    pub theme: Option<Theme>,
    #[schema(required = true)]
    pub time_zone: Option<TimeZone>,
    /// Rows of a list's page.
    #[schema(required = true)]
    pub page_size: Option<u32>,
}

impl Preferences {
    /// The same with what is to be different.
    pub fn with(self, update: UpdatePreferences) -> Preferences {
        Preferences {
            language: update.language.unwrap_or(self.language),
            theme: update.theme.unwrap_or(self.theme),
            time_zone: update.time_zone.unwrap_or(self.time_zone),
            page_size: update.page_size.unwrap_or(self.page_size),
        }
    }
}

/// What is to be different: `null` is as the device says, what is left out stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePreferences {
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Language>)]
    pub language: Option<Option<Language>>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Theme>)]
    pub theme: Option<Option<Theme>>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TimeZone>)]
    pub time_zone: Option<Option<TimeZone>>,
    #[garde(inner(inner(custom(is_size))))]
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = page_size)]
    pub page_size: Option<Option<u32>>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "garde gives a reference and its context"
)]
fn is_size(rows: &u32, _: &()) -> garde::Result {
    if ROWS.contains(rows) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "A page of a list has 20, 50 or 100 rows.",
        ))
    }
}

fn page_size() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
        .enum_values(Some(
            ROWS.map(Value::from)
                .into_iter()
                .chain([Value::Null])
                .collect::<Vec<_>>(),
        ))
        .build()
}
