//! What an audit record is; knows neither HTTP nor SQL.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    auth::Guest,
    clock::Timestamp,
    db::id,
    rooms::RoomId,
    users::{User, UserId},
};

id! {
    /// Names an audit record.
    AuditId
}

/// Who did it, as known at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// `null` for guests.
    #[schema(required = true)]
    pub user_id: Option<UserId>,
    pub name: String,
}

impl Actor {
    /// A signed-in user.
    pub fn user(user: &User) -> Actor {
        Actor {
            user_id: Some(user.id),
            name: user.name.to_string(),
        }
    }

    /// Whoever may read the data folder.
    pub fn command_line() -> Actor {
        Actor {
            user_id: None,
            name: "command line".to_owned(),
        }
    }

    /// A guest.
    pub fn guest(guest: &Guest) -> Actor {
        Actor {
            user_id: None,
            name: guest.name.to_string(),
        }
    }
}

/// Who did what, where and to whom.
pub struct Deed<'a> {
    pub actor: &'a Actor,
    pub action: &'a str,
    pub room: Option<RoomId>,
    pub target: Option<&'a str>,
    pub detail: Value,
}

impl Deed<'_> {
    /// What the detail calls the target: of those that the database does not know, or no longer.
    pub(super) fn target_name(&self) -> Option<&str> {
        let known = |key: &str| self.detail.get(key).and_then(Value::as_str);
        self.target
            .and(known("name").or(known("note")).or(known("email")))
    }
}

/// A deed about to be noted.
pub(super) struct Entry<'a> {
    pub id: AuditId,
    pub at: Timestamp,
    pub deed: Deed<'a>,
}

/// A deed that was noted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditRecord {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    /// A dotted word, such as `participant.banned`.
    pub action: String,
    /// The room's slug at that time.
    #[schema(required = true)]
    pub room_slug: Option<String>,
    /// Who or what it was done to: an identity, a user's id, a slug.
    #[schema(required = true)]
    pub target: Option<String>,
    /// What the target was called at that time, where it has a name.
    #[schema(required = true)]
    pub target_name: Option<String>,
    /// What the action says besides; `changes` has each changed setting with its value before and after.
    #[schema(value_type = Object)]
    pub detail: Value,
}
