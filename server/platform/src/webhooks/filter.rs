//! Which events a webhook is sent: types, or the beginning of some with an asterisk.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Type, schema::Schema},
};

use crate::{db::text_column, happenings::EventType};

/// One word of a filter: `recording.completed`, or `recording.*` for all that begin so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventFilter(String);

impl EventFilter {
    fn admits(&self, kind: EventType) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => kind.as_str().starts_with(beginning),
            None => kind.as_str() == self.0,
        }
    }

    /// Every word that a filter may have: `room.*` and so on, and each type.
    pub fn all() -> impl Iterator<Item = String> {
        let mut groups: Vec<&str> = Vec::new();
        for kind in EventType::ALL {
            let (group, _) = kind.as_str().split_once('.').unwrap_or_default();
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let groups = groups.into_iter().map(|group| format!("{group}.*"));
        groups.chain(EventType::ALL.iter().map(|kind| kind.as_str().to_owned()))
    }
}

impl FromStr for EventFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<EventFilter, String> {
        if EventFilter::all().any(|word| word == text) {
            Ok(EventFilter(text.to_owned()))
        } else {
            Err(format!("No event is called {text:?}."))
        }
    }
}

impl TryFrom<String> for EventFilter {
    type Error = String;

    fn try_from(text: String) -> Result<EventFilter, String> {
        text.parse()
    }
}

impl From<EventFilter> for String {
    fn from(filter: EventFilter) -> String {
        filter.0
    }
}

impl PartialSchema for EventFilter {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(EventFilter::all()))
            .into()
    }
}

impl ToSchema for EventFilter {}

/// What is sent; no word: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookEvents(Vec<EventFilter>);

impl WebhookEvents {
    /// How many words a filter may have.
    pub const MOST: usize = 100;

    /// Whether events of this type are sent.
    pub fn admit(&self, kind: EventType) -> bool {
        self.0.is_empty() || self.0.iter().any(|filter| filter.admits(kind))
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for WebhookEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|filter| filter.0.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for WebhookEvents {
    type Err = std::convert::Infallible;

    /// As it was stored: a word that an older or newer server knew admits nothing here.
    fn from_str(text: &str) -> Result<WebhookEvents, Self::Err> {
        let words = text.split_whitespace().map(str::to_owned);
        Ok(WebhookEvents(words.map(EventFilter).collect()))
    }
}

text_column!(WebhookEvents);

impl PartialSchema for WebhookEvents {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(EventFilter::schema())
            .max_items(Some(WebhookEvents::MOST))
            .into()
    }
}

impl ToSchema for WebhookEvents {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_admits_what_it_names_and_an_empty_one_everything() {
        let events = |json: &str| serde_json::from_str::<WebhookEvents>(json);
        let some = events(r#"["recording.*","room.created"]"#).unwrap();
        for (kind, admitted) in [
            (EventType::RecordingCompleted, true),
            (EventType::RoomCreated, true),
            (EventType::RoomDeleted, false),
            (EventType::WebhookTest, false),
        ] {
            assert_eq!(some.admit(kind), admitted, "{kind}");
            assert!(events("[]").unwrap().admit(kind));
        }
        for bad in ["recording", "rec*", "*", "Room.created", "room.eaten"] {
            assert!(events(&format!("[{bad:?}]")).is_err(), "{bad}");
        }
    }
}
