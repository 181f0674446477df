//! What an invite is; knows neither HTTP nor SQL.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::{Email, Role},
    clock::Timestamp,
    db::id,
};

id! {
    /// Names an invite.
    InviteId
}

/// A link that lets one person register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Invite {
    pub id: InviteId,
    /// The secret of the link; only in the answer that creates it.
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The link to send; only in the answer that creates it.
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is for, for administrators.
    #[schema(required = true)]
    pub note: Option<String>,
    /// The only address that may use it.
    #[schema(required = true)]
    pub email: Option<Email>,
    /// What whoever registers with it becomes.
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    #[schema(required = true)]
    pub used_at: Option<Timestamp>,
}
