//! What a session is; knows neither HTTP nor SQL.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    db::{id, text_enum},
};

// The last characters of a session's id are random: enough to tell a hundred devices apart.
const DEVICE: usize = 6;

id! {
    /// Names one signed-in device.
    SessionId
}

impl SessionId {
    /// What tells this device from the account's others, in a call.
    pub fn device(self) -> String {
        let id = self.to_string();
        id[id.len().saturating_sub(DEVICE)..].to_owned()
    }
}

text_enum! {
    /// How a session's token travels.
    SessionKind {
        /// In the cookie `convoke_session`.
        Cookie => "cookie",
        /// In the header `Authorization: Bearer`.
        Bearer => "bearer",
    }
}

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Session {
    pub id: SessionId,
    pub kind: SessionKind,
    /// What its owner calls it.
    #[schema(required = true)]
    pub label: Option<String>,
    #[schema(required = true)]
    pub user_agent: Option<String>,
    /// The address it signed in from.
    #[schema(required = true)]
    pub ip: Option<String>,
    pub created_at: Timestamp,
    /// To within five minutes.
    pub last_seen_at: Timestamp,
    /// Whether this request came with it.
    #[sqlx(skip)]
    pub current: bool,
}
