//! What a caller is in rooms, also in deleted ones: for features that keep what was made in a room.

use std::collections::HashMap;

use super::{
    RoomId,
    access::{self, Viewer},
    caller::Caller,
    model::{RoomTitle, Slug},
    store::{self, KnownRoom},
};
use crate::{
    accounts::UserId,
    db::{DbError, Executor},
};

/// A room, and what the caller is in it.
#[derive(Debug, Clone)]
pub struct Standing {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    pub deleted: bool,
    pub locked: bool,
    pub owner: UserId,
    pub viewer: Viewer,
}

impl Standing {
    /// What the room is called in what happens there.
    pub fn known(&self) -> KnownRoom {
        KnownRoom {
            id: self.id,
            slug: self.slug.clone(),
        }
    }
}

/// What the caller is in each of these rooms.
pub async fn standings(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    caller: &Caller,
) -> Result<HashMap<RoomId, Standing>, DbError> {
    if rooms.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::standings(db, rooms, caller.user_text()).await?;
    let standings = rows.into_iter().map(|row| {
        let role = access::role(row.owner_id, row.member_role, caller);
        let standing = Standing {
            id: row.id,
            slug: row.slug,
            name: row.name,
            deleted: row.deleted_at.is_some(),
            locked: row.locked_at.is_some(),
            owner: row.owner_id,
            viewer: Viewer {
                role,
                on_site: caller.on_site(),
            },
        };
        (row.id, standing)
    });
    Ok(standings.collect())
}

/// The rooms, also deleted ones, that somebody owns or moderates as a member.
pub async fn moderated(db: impl Into<Executor<'_>>, user: UserId) -> Result<Vec<RoomId>, DbError> {
    store::moderated(db, user).await
}

/// Those of them that others own.
pub async fn moderated_for_others(
    db: impl Into<Executor<'_>>,
    user: UserId,
) -> Result<Vec<RoomId>, DbError> {
    store::moderated_for_others(db, user).await
}
