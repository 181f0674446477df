//! Who is on a room's list of members: they come in although it is private, or moderate it.

pub mod add;
pub mod list;
pub mod remove;
pub mod update;

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{MemberRole, RoomId},
    store::{self, MemberRow, RoomRow},
};
use crate::{
    accounts::{self, Email, Person, UserId, UserName},
    clock::Timestamp,
    db::{DbError, Executor, Tx},
    happenings::Account,
    livekit::identity::Subject,
    meetings,
};

/// A member of a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    pub user_id: UserId,
    pub name: UserName,
    pub email: Email,
    pub role: MemberRole,
    pub added_at: Timestamp,
}

impl Member {
    /// As they are called now.
    fn account(&self) -> Account<'_> {
        Account {
            id: self.user_id,
            name: &self.name,
        }
    }
}

/// These members with their names, in the order of their accounts.
async fn named(db: impl Into<Executor<'_>>, rows: &[MemberRow]) -> Result<Vec<Member>, DbError> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
    let people = accounts::people(db, &ids).await?;
    let people: HashMap<UserId, Person> = people
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    let member = |row: &MemberRow| {
        let person = people.get(&row.user_id)?;
        Some(Member {
            user_id: row.user_id,
            name: person.name.clone(),
            email: person.email.clone(),
            role: row.role,
            added_at: row.added_at,
        })
    };
    Ok(rows.iter().filter_map(member).collect())
}

/// A lock shuts out nobody who is inside: whoever moderated the room and no longer does stays in the call.
async fn keep_in_call(tx: &mut Tx, room: &RoomRow, user: UserId) -> Result<(), DbError> {
    if room.locked_at.is_some() {
        let subject = Subject::of_user(user);
        meetings::keep_inside(tx, room.id, &subject, room.locked_generation).await?;
    }
    Ok(())
}

/// A member as the list shows them.
async fn find(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Option<Member>, DbError> {
    let Some(row) = store::member(&mut *tx, room, user).await? else {
        return Ok(None);
    };
    Ok(named(tx, &[row]).await?.pop())
}
