//! What a room is, and what somebody is in it; knows neither HTTP nor SQL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, schema::Schema},
};

use crate::{
    config::{InvalidRegionName, RegionName},
    db::{id, text_column, text_enum},
    http::openapi,
    livekit::room_service::RoomName,
    random::Random,
};

id! {
    /// Names a room for ever.
    RoomId
}

impl RoomId {
    /// The room's name on the media server.
    pub fn livekit_name(self) -> RoomName {
        RoomName(self.to_string())
    }
}

text_enum! {
    /// Who may come in.
    Access {
        /// Everybody with the link.
        Public => "public",
        /// The owner and members.
        Private => "private",
    }
}

text_enum! {
    /// What a member may do.
    MemberRole {
        /// Moderate the call.
        Moderator => "moderator",
        /// Come in although the room is private.
        Member => "member",
    }
}

text_enum! {
    /// What somebody is in a room.
    RoomRole {
        /// The room is theirs.
        Owner => "owner",
        /// Moderates the call.
        Moderator => "moderator",
        /// On the list of members.
        Member => "member",
        /// Has the link.
        Visitor => "visitor",
    }
}

/// Where a room's calls are to be: `automatic`, or a region's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RoomRegion {
    /// Where the first one who joins has the shortest way.
    Automatic,
    /// There, unless it is down.
    Named(RegionName),
}

impl RoomRegion {
    const AUTOMATIC: &str = "automatic";
}

impl fmt::Display for RoomRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RoomRegion::Automatic => f.write_str(RoomRegion::AUTOMATIC),
            RoomRegion::Named(name) => name.fmt(f),
        }
    }
}

impl FromStr for RoomRegion {
    type Err = InvalidRegionName;

    fn from_str(text: &str) -> Result<RoomRegion, InvalidRegionName> {
        if text == RoomRegion::AUTOMATIC {
            Ok(RoomRegion::Automatic)
        } else {
            text.parse().map(RoomRegion::Named)
        }
    }
}

impl TryFrom<String> for RoomRegion {
    type Error = InvalidRegionName;

    fn try_from(text: String) -> Result<RoomRegion, InvalidRegionName> {
        text.parse()
    }
}

impl From<RoomRegion> for String {
    fn from(region: RoomRegion) -> String {
        region.to_string()
    }
}

text_column!(RoomRegion);

impl PartialSchema for RoomRegion {
    fn schema() -> RefOr<Schema> {
        openapi::text(1..=32)
            .pattern(Some("^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"))
            .examples([RoomRegion::AUTOMATIC])
            .build()
            .into()
    }
}

impl ToSchema for RoomRegion {}

impl From<MemberRole> for RoomRole {
    fn from(role: MemberRole) -> RoomRole {
        match role {
            MemberRole::Moderator => RoomRole::Moderator,
            MemberRole::Member => RoomRole::Member,
        }
    }
}

impl RoomRole {
    /// Whether they may mute, kick, ban, lock and end.
    pub fn moderates(self) -> bool {
        match self {
            RoomRole::Owner | RoomRole::Moderator => true,
            RoomRole::Member | RoomRole::Visitor => false,
        }
    }
}

/// The last part of a room's link: 3 to 64 of `a-z 0-9 -`, no dash at either end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$", example = "abc-defg-hij")]
pub struct Slug(String);

/// A [`Slug`] that somebody chose for a room: none that the site itself uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSlug(pub Slug);

impl TryFrom<Slug> for NewSlug {
    type Error = ReservedSlug;

    fn try_from(slug: Slug) -> Result<NewSlug, ReservedSlug> {
        if RESERVED.contains(&slug.as_str()) {
            return Err(ReservedSlug);
        }
        // Nobody chooses another room's id as a link.
        if slug.room_id().is_some() {
            return Err(ReservedSlug);
        }
        Ok(NewSlug(slug))
    }
}

/// Why a text is no [`Slug`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Use 3 to 64 of a-z, 0-9 and dashes, with no dash at either end.")]
pub struct InvalidSlug;

/// Why a [`Slug`] is no [`NewSlug`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("This address belongs to the site itself.")]
pub struct ReservedSlug;

// Pages and files of the site; a room's link is {public_url}/{slug}.
const RESERVED: [&str; 22] = [
    "account",
    "admin",
    "agent",
    "api",
    "assets",
    "connect",
    "favicon",
    "health",
    "help",
    "index",
    "livekit",
    "login",
    "metrics",
    "recordings",
    "reset-password",
    "robots",
    "rtc",
    "setup",
    "sign-in",
    "sign-up",
    "twirp",
    "whip",
];
// Without vowels no word can be read into a generated slug; without l, 0 and 1 none is misread.
const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxyz";

impl Slug {
    /// A fresh `abc-defg-hij`: 20^10 of them.
    pub fn generate(random: &Random) -> Slug {
        let part = |length| random.code(LETTERS, length);
        Slug(format!("{}-{}-{}", part(3), part(4), part(3)))
    }

    /// Whether it has the form of a fresh one.
    pub fn is_generated(&self) -> bool {
        let parts: Vec<&[u8]> = self.0.as_bytes().split(|byte| *byte == b'-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        lengths == [3, 4, 3] && parts.concat().iter().all(|byte| LETTERS.contains(byte))
    }

    /// As the link shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The room's id that it is, by which every address finds the room too.
    pub fn room_id(&self) -> Option<RoomId> {
        let id: RoomId = self.0.parse().ok()?;
        (id.to_string() == self.0).then_some(id)
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Slug, InvalidSlug> {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !letters
            || !(3..=64).contains(&text.len())
            || text.starts_with('-')
            || text.ends_with('-')
        {
            return Err(InvalidSlug);
        }
        Ok(Slug(text.to_owned()))
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Slug, InvalidSlug> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(Slug);

/// What people call a room: 1 to 100 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoomTitle(String);

impl RoomTitle {
    /// In characters.
    const LONGEST: usize = 100;
}

impl PartialSchema for RoomTitle {
    fn schema() -> RefOr<Schema> {
        openapi::name(1..=RoomTitle::LONGEST).into()
    }
}

impl ToSchema for RoomTitle {}

/// Most people in a call.
pub const MOST_SEATS: u32 = 10_000;

/// How a number of seats looks in the API's description.
pub fn seats() -> Object {
    openapi::number_or_null(MOST_SEATS)
}

/// Why a text is no [`RoomTitle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("A room's name has 1 to {} characters.", RoomTitle::LONGEST)]
pub struct InvalidTitle;

impl FromStr for RoomTitle {
    type Err = InvalidTitle;

    fn from_str(text: &str) -> Result<RoomTitle, InvalidTitle> {
        let text = text.trim();
        if (1..=RoomTitle::LONGEST).contains(&text.chars().count())
            && !text.chars().any(char::is_control)
        {
            Ok(RoomTitle(text.to_owned()))
        } else {
            Err(InvalidTitle)
        }
    }
}

impl TryFrom<String> for RoomTitle {
    type Error = InvalidTitle;

    fn try_from(text: String) -> Result<RoomTitle, InvalidTitle> {
        text.parse()
    }
}

impl From<RoomTitle> for String {
    fn from(title: RoomTitle) -> String {
        title.0
    }
}

impl fmt::Display for RoomTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(RoomTitle);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_slug_is_a_slug() {
        let random = Random::seeded(7);
        for _ in 0..1000 {
            let slug = Slug::generate(&random);
            assert_eq!(slug.as_str().parse(), Ok(slug.clone()));
            assert_eq!(slug.as_str().len(), 12);
        }
    }

    #[test]
    fn a_slug_that_is_no_plain_link_is_refused() {
        for bad in [
            "ab",
            "Ab-c",
            "a b c",
            "-abc",
            "abc-",
            "äöü",
            "a/b/c",
            &"a".repeat(65),
        ] {
            assert_eq!(bad.parse::<Slug>(), Err(InvalidSlug), "{bad}");
        }
    }

    #[test]
    fn a_word_of_the_site_names_no_new_room_and_keeps_those_that_have_it() {
        let slug: Slug = "twirp".parse().unwrap();
        assert_eq!(slug.as_str(), "twirp");
        assert_eq!(NewSlug::try_from(slug), Err(ReservedSlug));
    }

    #[test]
    fn a_title_of_blanks_is_refused() {
        assert_eq!("  \t".parse::<RoomTitle>(), Err(InvalidTitle));
        assert_eq!(
            " Standup "
                .parse::<RoomTitle>()
                .map(|title| title.to_string()),
            Ok("Standup".to_owned())
        );
    }
}
