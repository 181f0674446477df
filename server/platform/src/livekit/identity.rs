//! Who a LiveKit participant is: names that are safe to put into tokens and to read out of events.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};
use uuid::Uuid;

use crate::http::openapi;

/// A participant's identity as LiveKit knows it.
///
/// `u-<user id>-<device>` for people with an account, `g-<guest id>` for guests; any other text belongs to a
/// participant that did not come through the platform (SIP, a bot with its own token). Behind a `#` LiveKit names
/// a second connection that one token opened with `publish=…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identity(String);

impl Identity {
    /// In bytes.
    const LONGEST: usize = 256;
}

impl PartialSchema for Identity {
    fn schema() -> RefOr<Schema> {
        openapi::text(1..=Identity::LONGEST)
            .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]+$"))
            .examples(["g-4m2x9k7c3q8w5z1t"])
            .build()
            .into()
    }
}

impl ToSchema for Identity {}

/// An identity that LiveKit would refuse.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an identity has 1 to 256 bytes and no control characters")]
pub struct InvalidIdentity;

/// Who stands behind an identity: one person, whatever the device and however many connections. Bans, kicks,
/// permissions, seats and presence hold on to it; this is the only place that tells who is who.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

/// What LiveKit puts between a token's identity and the name of a second connection.
const SECOND_CONNECTION: char = '#';

impl Identity {
    /// The identity of one device of a user.
    pub fn of_user(user_id: impl fmt::Display, device: &str) -> Identity {
        Identity(format!("u-{user_id}-{device}"))
    }

    /// The identity of a guest.
    pub fn of_guest(guest_id: &str) -> Identity {
        Identity(format!("g-{guest_id}"))
    }

    /// As LiveKit sees it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The user's id, for identities of users. Written in another way than we write ids it is nobody's: people are told
    /// apart by these letters.
    pub fn user_id(&self) -> Option<&str> {
        let (user_id, device) = self
            .first_connection()
            .strip_prefix("u-")?
            .rsplit_once('-')?;
        (is_written_as_ours(user_id) && !device.is_empty()).then_some(user_id)
    }

    /// Whether the platform gives out identities of this kind.
    pub fn is_ours(&self) -> bool {
        self.user_id().is_some() || self.is_guest()
    }

    /// Whether it is a second connection that a token opened beside its own.
    pub fn is_second_connection(&self) -> bool {
        self.0.contains(SECOND_CONNECTION)
    }

    fn first_connection(&self) -> &str {
        self.0
            .split_once(SECOND_CONNECTION)
            .map_or(&self.0, |(first, _)| first)
    }

    /// What tells the user's device from others, for identities of users.
    pub fn device(&self) -> Option<&str> {
        self.user_id()?;
        let (_, device) = self.first_connection().rsplit_once('-')?;
        Some(device)
    }

    /// Whether it is a guest's.
    pub fn is_guest(&self) -> bool {
        self.0.starts_with("g-")
    }

    /// Who stands behind it.
    pub fn subject(&self) -> Subject {
        match self.user_id() {
            Some(user_id) => Subject::of_user(user_id),
            None => Subject(self.first_connection().to_owned()),
        }
    }
}

/// A UUID in lower case with hyphens: every id has many other spellings.
fn is_written_as_ours(id: &str) -> bool {
    let mut letters = [0; uuid::fmt::Hyphenated::LENGTH];
    id.parse::<Uuid>()
        .is_ok_and(|uuid| *uuid.hyphenated().encode_lower(&mut letters) == *id)
}

impl FromStr for Identity {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Identity, InvalidIdentity> {
        if text.is_empty() || text.len() > Identity::LONGEST || text.chars().any(char::is_control) {
            return Err(InvalidIdentity);
        }
        Ok(Identity(text.to_owned()))
    }
}

impl TryFrom<String> for Identity {
    type Error = InvalidIdentity;

    fn try_from(text: String) -> Result<Identity, InvalidIdentity> {
        text.parse()
    }
}

impl From<Identity> for String {
    fn from(identity: Identity) -> String {
        identity.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Subject {
    /// A user, whatever the device.
    pub fn of_user(user_id: impl fmt::Display) -> Subject {
        Subject(format!("u-{user_id}"))
    }

    /// As the database stores it: `u-<user id>`, or the identity without a second connection's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Subject {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Subject, Self::Err> {
        Ok(Subject(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_devices_of_a_user_are_one_subject() {
        let user = "0199d5a0-0000-7000-8000-000000000001";
        let phone = Identity::of_user(user, "k3m9qx");
        let laptop = Identity::of_user(user, "p0c2vv");
        assert_ne!(phone, laptop);
        assert_eq!(phone.subject(), laptop.subject());
        assert_eq!(phone.user_id(), Some(user));
    }

    #[test]
    fn a_guest_and_a_stranger_are_their_own_subjects() {
        assert_eq!(Identity::of_guest("abc").subject().as_str(), "g-abc");
        let bot: Identity = "u-turn".parse().unwrap();
        assert_eq!(bot.subject().as_str(), "u-turn");
        assert_eq!(bot.user_id(), None);
    }

    #[test]
    fn a_second_connection_is_the_same_person() {
        let user = "0199d5a0-0000-7000-8000-000000000001";
        for (second, first) in [
            ("g-abc#foo".to_owned(), "g-abc".to_owned()),
            ("g-abc#u-x-y".to_owned(), "g-abc".to_owned()),
            (format!("u-{user}-k3m9qx#a-b"), format!("u-{user}-p0c2vv")),
            ("bot#1#2".to_owned(), "bot".to_owned()),
        ] {
            let (second, first): (Identity, Identity) =
                (second.parse().unwrap(), first.parse().unwrap());
            assert_eq!(second.subject(), first.subject(), "{second}");
            assert_eq!(second.user_id(), first.user_id(), "{second}");
            assert!(second.is_second_connection() && !first.is_second_connection());
        }
    }

    #[test]
    fn text_that_livekit_refuses_is_no_identity() {
        for bad in ["", "a\nb", &"x".repeat(257)] {
            assert_eq!(bad.parse::<Identity>(), Err(InvalidIdentity), "{bad:?}");
        }
    }
}
