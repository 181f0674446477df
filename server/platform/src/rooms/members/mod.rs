//! Who is on a room's list of members: they come in although it is private, or moderate it.

pub mod add;
pub mod list;
pub mod remove;
pub mod update;

use serde::Serialize;
use utoipa::ToSchema;

use super::{model::MemberRole, store::MemberRow};
use crate::{clock::Timestamp, users::UserId};

/// A member of a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: MemberRole,
    pub added_at: Timestamp,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Member {
        Member {
            user_id: row.user_id,
            name: row.name.to_string(),
            email: row.email.to_string(),
            role: row.role,
            added_at: row.added_at,
        }
    }
}
