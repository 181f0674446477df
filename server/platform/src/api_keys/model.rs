//! What an API key is, and what one allows; knows neither HTTP nor SQL.

use std::{fmt, str::FromStr};

use livekit_wire::{Claims, VideoGrants};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    clock::Timestamp,
    db::{id, text_column, text_enum},
    http::openapi,
    text,
};

id! {
    /// Names an API key.
    ApiKeyId
}

text_enum! {
    /// What tokens of a key may grant at most; LiveKit's own words where it has them.
    ApiKeyGrant {
        /// Join rooms.
        RoomJoin => "room_join",
        /// Join unseen, or as a recorder.
        Hidden => "hidden",
        /// Make and end rooms.
        RoomCreate => "room_create",
        /// See which rooms are live.
        RoomList => "room_list",
        /// Moderate a room: participants, data, agents.
        RoomAdmin => "room_admin",
        /// Record and stream out (Egress).
        RoomRecord => "room_record",
        /// Streams into rooms (Ingress).
        IngressAdmin => "ingress_admin",
        /// Trunks and dispatch rules of SIP.
        SipAdmin => "sip_admin",
        /// Phone calls.
        SipCall => "sip_call",
        /// Register as an agent worker.
        Agent => "agent",
    }
}

impl ApiKeyGrant {
    /// Every one of them.
    pub const ALL: [ApiKeyGrant; 10] = [
        ApiKeyGrant::RoomJoin,
        ApiKeyGrant::Hidden,
        ApiKeyGrant::RoomCreate,
        ApiKeyGrant::RoomList,
        ApiKeyGrant::RoomAdmin,
        ApiKeyGrant::RoomRecord,
        ApiKeyGrant::IngressAdmin,
        ApiKeyGrant::SipAdmin,
        ApiKeyGrant::SipCall,
        ApiKeyGrant::Agent,
    ];

    /// Whether a token says that it grants this.
    fn is_in(self, claims: &Claims) -> bool {
        let video = |says: fn(&VideoGrants) -> bool| claims.video.as_ref().is_some_and(says);
        match self {
            ApiKeyGrant::RoomJoin => video(|video| video.room_join),
            ApiKeyGrant::Hidden => video(|video| video.hidden || video.recorder),
            ApiKeyGrant::RoomCreate => video(|video| video.room_create),
            ApiKeyGrant::RoomList => video(|video| video.room_list),
            ApiKeyGrant::RoomAdmin => video(|video| video.room_admin),
            ApiKeyGrant::RoomRecord => {
                let room = claims.room_config.as_ref();
                video(|video| video.room_record) || room.is_some_and(|room| room.egress.is_some())
            }
            ApiKeyGrant::IngressAdmin => video(|video| video.ingress_admin),
            ApiKeyGrant::SipAdmin => claims.sip.as_ref().is_some_and(|sip| sip.admin),
            ApiKeyGrant::SipCall => claims.sip.as_ref().is_some_and(|sip| sip.call),
            ApiKeyGrant::Agent => {
                video(|video| video.agent || video.can_manage_agent_session())
                    || claims.agent.is_some()
            }
        }
    }
}

/// The ceiling of a key: each grant at most once, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<ApiKeyGrant>")]
#[schema(min_items = 1)]
pub struct Ceiling(Vec<ApiKeyGrant>);

/// A key that allows nothing is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Choose at least one grant.")]
pub struct NoGrants;

impl Ceiling {
    /// The first grant of a token that is beyond the ceiling.
    pub fn beyond(&self, claims: &Claims) -> Option<ApiKeyGrant> {
        ApiKeyGrant::ALL
            .into_iter()
            .find(|grant| grant.is_in(claims) && !self.allows(*grant))
    }

    /// Whether a token of the key may grant this.
    pub fn allows(&self, grant: ApiKeyGrant) -> bool {
        self.0.contains(&grant)
    }
}

impl TryFrom<Vec<ApiKeyGrant>> for Ceiling {
    type Error = NoGrants;

    fn try_from(grants: Vec<ApiKeyGrant>) -> Result<Ceiling, NoGrants> {
        let each = ApiKeyGrant::ALL.into_iter();
        let grants: Vec<_> = each.filter(|grant| grants.contains(grant)).collect();
        if grants.is_empty() {
            Err(NoGrants)
        } else {
            Ok(Ceiling(grants))
        }
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|grant| grant.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Ceiling {
    type Err = String;

    fn from_str(text: &str) -> Result<Ceiling, String> {
        let grants: Result<Vec<ApiKeyGrant>, String> =
            text.split_whitespace().map(str::parse).collect();
        Ceiling::try_from(grants?).map_err(|error| error.to_string())
    }
}

text_column!(Ceiling);

/// The rooms that a key may touch: names on the media server, each of which may end in an asterisk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct RoomNames(Vec<String>);

/// Why a list is no [`RoomNames`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "Name 1 to {} rooms with 1 to {} characters each; an asterisk only at the end.",
    RoomNames::MOST,
    RoomNames::LONGEST
)]
pub struct InvalidRoomNames;

impl RoomNames {
    const MOST: usize = 50;
    /// LiveKit's own limit, in characters.
    const LONGEST: usize = 256;

    /// Whether the key may touch this room.
    pub fn has(&self, room: &str) -> bool {
        self.0.iter().any(|name| match name.strip_suffix('*') {
            Some(beginning) => room.starts_with(beginning),
            None => room == name,
        })
    }
}

impl TryFrom<Vec<String>> for RoomNames {
    type Error = InvalidRoomNames;

    fn try_from(names: Vec<String>) -> Result<RoomNames, InvalidRoomNames> {
        let fits = |name: &String| {
            let length = name.chars().count();
            let asterisks = name.matches('*').count();
            (1..=RoomNames::LONGEST).contains(&length)
                && !name.chars().any(char::is_control)
                && asterisks == usize::from(name.ends_with('*'))
        };
        if (1..=RoomNames::MOST).contains(&names.len()) && names.iter().all(fits) {
            Ok(RoomNames(names))
        } else {
            Err(InvalidRoomNames)
        }
    }
}

impl fmt::Display for RoomNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for RoomNames {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<RoomNames, serde_json::Error> {
        serde_json::from_str(text)
    }
}

text_column!(RoomNames);

impl PartialSchema for RoomNames {
    fn schema() -> RefOr<Schema> {
        let name = openapi::text(1..=RoomNames::LONGEST)
            .pattern(Some(r"^[^*\u0000-\u001f\u007f-\u009f]*\*?$"))
            .build();
        utoipa::openapi::ArrayBuilder::new()
            .items(name)
            .min_items(Some(1))
            .max_items(Some(RoomNames::MOST))
            .build()
            .into()
    }
}

impl ToSchema for RoomNames {}

/// What administrators call a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiKeyName(String);

/// Why a text is no [`ApiKeyName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("A key's name has 1 to {} characters.", ApiKeyName::LONGEST)]
pub struct InvalidApiKeyName;

impl ApiKeyName {
    /// In characters.
    const LONGEST: usize = 80;
}

impl FromStr for ApiKeyName {
    type Err = InvalidApiKeyName;

    fn from_str(text: &str) -> Result<ApiKeyName, InvalidApiKeyName> {
        let name = text::clean(text);
        if (1..=ApiKeyName::LONGEST).contains(&name.chars().count()) {
            Ok(ApiKeyName(name))
        } else {
            Err(InvalidApiKeyName)
        }
    }
}

impl TryFrom<String> for ApiKeyName {
    type Error = InvalidApiKeyName;

    fn try_from(text: String) -> Result<ApiKeyName, InvalidApiKeyName> {
        text.parse()
    }
}

impl From<ApiKeyName> for String {
    fn from(name: ApiKeyName) -> String {
        name.0
    }
}

impl fmt::Display for ApiKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(ApiKeyName);

impl PartialSchema for ApiKeyName {
    fn schema() -> RefOr<Schema> {
        openapi::name(1..=ApiKeyName::LONGEST).into()
    }
}

impl ToSchema for ApiKeyName {}

/// A key for programs that use this site as their LiveKit server.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// The issuer of its tokens: LiveKit's "API key".
    pub key: String,
    pub name: ApiKeyName,
    pub grants: Ceiling,
    /// `null`: every room.
    #[schema(required = true)]
    pub rooms: Option<RoomNames>,
    pub created_by_name: String,
    pub created_at: Timestamp,
    /// To the minute.
    #[schema(required = true)]
    pub last_used_at: Option<Timestamp>,
    /// Its tokens are worthless since then.
    #[schema(required = true)]
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether its tokens may be about this room.
    pub fn may_touch(&self, room: &str) -> bool {
        self.rooms.as_ref().is_none_or(|rooms| rooms.has(room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_beyond_the_ceiling_by_any_grant_that_the_key_lacks() {
        let ceiling: Ceiling = "room_list room_join".parse().unwrap();
        let of = |json: &str| ceiling.beyond(&serde_json::from_str(json).unwrap());
        assert_eq!(
            of(r#"{"video":{"roomJoin":true,"room":"a","roomList":true}}"#),
            None
        );
        for (json, grant) in [
            (r#"{"video":{"roomCreate":true}}"#, ApiKeyGrant::RoomCreate),
            (
                r#"{"video":{"roomAdmin":true,"room":"a"}}"#,
                ApiKeyGrant::RoomAdmin,
            ),
            (r#"{"video":{"roomRecord":true}}"#, ApiKeyGrant::RoomRecord),
            (
                r#"{"video":{"ingressAdmin":true}}"#,
                ApiKeyGrant::IngressAdmin,
            ),
            (
                r#"{"video":{"roomJoin":true,"hidden":true}}"#,
                ApiKeyGrant::Hidden,
            ),
            (
                r#"{"video":{"roomJoin":true,"recorder":true}}"#,
                ApiKeyGrant::Hidden,
            ),
            (r#"{"video":{"agent":true}}"#, ApiKeyGrant::Agent),
            (r#"{"sip":{"admin":true}}"#, ApiKeyGrant::SipAdmin),
            (r#"{"sip":{"call":true}}"#, ApiKeyGrant::SipCall),
        ] {
            assert_eq!(of(json), Some(grant), "{json}");
        }
    }

    #[test]
    fn an_asterisk_stands_for_the_rest_of_a_name() {
        let names: RoomNames = r#"["demo","lab-*"]"#.parse().unwrap();
        for (room, has) in [
            ("demo", true),
            ("demo2", false),
            ("lab-", true),
            ("lab-1", true),
            ("lab", false),
        ] {
            assert_eq!(names.has(room), has, "{room}");
        }
        for bad in ["[]", r#"["a*b"]"#, r#"["**"]"#, r#"[""]"#] {
            assert!(bad.parse::<RoomNames>().is_err(), "{bad}");
        }
    }
}
