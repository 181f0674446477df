//! What a webhook is; knows neither HTTP nor SQL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::{filter::WebhookEvents, url::WebhookUrl};
use crate::{
    clock::Timestamp,
    db::{id, text_column, text_enum},
    happenings::Hook,
    http::openapi,
    rooms::RoomId,
    text,
};

id! {
    /// Names a webhook.
    WebhookId
}

text_enum! {
    /// Why a webhook is paused.
    PauseReason {
        /// An administrator paused it.
        ByHand => "by_hand",
        /// Its receiver took nothing for three days.
        NoAnswer => "no_answer",
        /// Its receiver answered 410: it wants no more.
        Gone => "gone",
    }
}

/// The rooms whose events are sent; none named: all rooms, and what is in none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_items = 100)]
pub struct WebhookRooms(pub Vec<RoomId>);

impl WebhookRooms {
    /// How many rooms can be named.
    pub const MOST: usize = 100;

    /// Whether what happened in this room, or in none, is sent.
    pub fn has(&self, room: Option<&str>) -> bool {
        let named = |room: &str| self.0.iter().any(|id| id.to_string() == room);
        self.0.is_empty() || room.is_some_and(named)
    }
}

impl fmt::Display for WebhookRooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ids.join(" "))
    }
}

impl FromStr for WebhookRooms {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<WebhookRooms, uuid::Error> {
        let ids: Result<Vec<RoomId>, uuid::Error> =
            text.split_whitespace().map(str::parse).collect();
        ids.map(WebhookRooms)
    }
}

text_column!(WebhookRooms);

/// What administrators say of a webhook; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookDescription(String);

/// Why a text is no [`WebhookDescription`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "A description has at most {} characters.",
    WebhookDescription::LONGEST
)]
pub struct InvalidDescription;

impl WebhookDescription {
    /// In characters.
    const LONGEST: usize = 200;
}

impl FromStr for WebhookDescription {
    type Err = InvalidDescription;

    fn from_str(text: &str) -> Result<WebhookDescription, InvalidDescription> {
        let description = text::clean(text);
        if description.chars().count() <= WebhookDescription::LONGEST {
            Ok(WebhookDescription(description))
        } else {
            Err(InvalidDescription)
        }
    }
}

impl TryFrom<String> for WebhookDescription {
    type Error = InvalidDescription;

    fn try_from(text: String) -> Result<WebhookDescription, InvalidDescription> {
        text.parse()
    }
}

impl From<WebhookDescription> for String {
    fn from(description: WebhookDescription) -> String {
        description.0
    }
}

impl fmt::Display for WebhookDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(WebhookDescription);

impl PartialSchema for WebhookDescription {
    fn schema() -> RefOr<Schema> {
        openapi::text(0..=WebhookDescription::LONGEST)
            .build()
            .into()
    }
}

impl ToSchema for WebhookDescription {}

/// An address that events are sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: WebhookUrl,
    pub description: WebhookDescription,
    pub events: WebhookEvents,
    pub rooms: WebhookRooms,
    /// While it is paused its events wait.
    #[schema(required = true)]
    pub paused_at: Option<Timestamp>,
    #[schema(required = true)]
    pub paused_because: Option<PauseReason>,
    /// The secret before signs as well until then.
    #[schema(required = true)]
    pub old_secret_until: Option<Timestamp>,
    #[schema(required = true)]
    pub last_attempt_at: Option<Timestamp>,
    /// The status of the last answer; `null` where there was none.
    #[schema(required = true)]
    pub last_status: Option<i64>,
    /// Why the last attempt failed; `null`: it did not.
    #[schema(required = true)]
    pub last_error: Option<String>,
    /// Since then no attempt succeeded.
    #[schema(required = true)]
    pub failing_since: Option<Timestamp>,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub secret_version: i64,
}

impl Webhook {
    /// What is told of it.
    pub fn hook(&self) -> Hook<'_> {
        Hook {
            id: self.id,
            host: self.url.host(),
        }
    }

    /// The versions of the secrets that sign now, the newest first.
    pub fn signing_versions(&self, now: Timestamp) -> Vec<i64> {
        let overlaps = self.old_secret_until.is_some_and(|until| now < until);
        let mut versions = vec![self.secret_version];
        if overlaps && self.secret_version > 1 {
            versions.push(self.secret_version - 1);
        }
        versions
    }
}
