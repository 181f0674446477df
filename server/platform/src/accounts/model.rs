//! What a user is; knows neither HTTP nor SQL.

use std::{fmt, str::FromStr};

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
    /// Names a user.
    UserId
}

text_enum! {
    /// What a user may do on this server.
    Role {
        /// Everything, everywhere.
        Admin => "admin",
        /// Own rooms; and sees and moderates the calls of others.
        Support => "support",
        /// Own rooms; and sees what administrators see, and changes nothing of it.
        Auditor => "auditor",
        /// Own rooms.
        User => "user",
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
#[expect(missing_docs, reason = "the names say it, to the API's readers too")]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: UserName,
    pub role: Role,
    /// A disabled account cannot sign in and has no sessions.
    pub disabled: bool,
    pub created_at: Timestamp,
    #[schema(required = true)]
    pub last_seen_at: Option<Timestamp>,
    /// When name, role or state last changed; an administrator's `If-Match`.
    pub updated_at: Timestamp,
}

impl User {
    /// When a change made now happened: later than the one before, even within a millisecond.
    pub fn next_update(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp(self.updated_at.0.saturating_add(1)))
    }
}

/// An e-mail address as typed: one `@`, something before it, a name after it, at most 254 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is no [`Email`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Not an e-mail address.")]
pub struct NotAnEmail;

impl Email {
    /// In bytes (RFC 5321).
    const LONGEST: usize = 254;

    /// The form that two spellings of one address share.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Email, NotAnEmail> {
        let text = text.trim();
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(NotAnEmail);
        };
        let plain = |part: &str| {
            !part.is_empty()
                && !part.contains('@')
                && !part.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        if text.len() <= Email::LONGEST && plain(local) && plain(domain) {
            Ok(Email(text.to_owned()))
        } else {
            Err(NotAnEmail)
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    fn try_from(text: String) -> Result<Email, NotAnEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(value: Email) -> String {
        value.0
    }
}

text_column!(Email);

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        openapi::email(Email::LONGEST).into()
    }
}

impl ToSchema for Email {}

/// The name that others see: 1 to 80 characters that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

/// Why a text is no [`UserName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("A name has 1 to {} characters that can be seen.", UserName::LONGEST)]
pub struct NotAName;

impl UserName {
    /// In characters.
    const LONGEST: usize = 80;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<UserName, NotAName> {
        let text = text::clean(text);
        if (1..=UserName::LONGEST).contains(&text.chars().count()) {
            Ok(UserName(text))
        } else {
            Err(NotAName)
        }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<UserName, NotAName> {
        text.parse()
    }
}

impl From<UserName> for String {
    fn from(value: UserName) -> String {
        value.0
    }
}

text_column!(UserName);

impl PartialSchema for UserName {
    fn schema() -> RefOr<Schema> {
        openapi::name(1..=UserName::LONGEST).into()
    }
}

impl ToSchema for UserName {}
