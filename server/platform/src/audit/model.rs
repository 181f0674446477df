//! What an audit record is; knows neither HTTP nor SQL.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    accounts::{Guest, User, UserId},
    clock::Timestamp,
    db::id,
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

    /// The site itself, without anybody.
    pub fn site() -> Actor {
        Actor {
            user_id: None,
            name: "server".to_owned(),
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

/// What was done, and to whom or what.
#[derive(Debug)]
pub struct Action {
    pub(super) name: &'static str,
    pub(super) target: Option<String>,
    pub(super) target_name: Option<String>,
    pub(super) detail: Value,
}

impl Action {
    /// `name` is a dotted word such as `participant.banned`.
    pub fn new(name: &'static str) -> Action {
        Action {
            name,
            target: None,
            target_name: None,
            detail: json!({}),
        }
    }

    /// To whom or what it was done: an id, and what it is called at that moment.
    pub fn target(self, id: &(impl ToString + ?Sized), name: &(impl ToString + ?Sized)) -> Action {
        Action {
            target: Some(id.to_string()),
            target_name: Some(name.to_string()),
            ..self
        }
    }

    /// What it was done to, where that has no name.
    pub fn unnamed_target(self, id: &(impl ToString + ?Sized)) -> Action {
        Action {
            target: Some(id.to_string()),
            ..self
        }
    }

    /// What the action says besides; a JSON object.
    pub fn detail(self, detail: Value) -> Action {
        Action { detail, ..self }
    }
}

/// An action that is on record.
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
