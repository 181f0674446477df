//! A room's door: what is on record of somebody who comes or is inside, and whether there is a place for them.

use super::{
    MemberRole, RoomId, seats,
    store::{self, DoorRow},
};
use crate::{
    accounts::{self, Validity},
    app::App,
    db::{DbError, Executor, Tx},
    livekit::{identity::Identity, room_service::RoomName},
    meetings,
    moderation::{self, Case},
};

/// What moderation judges by; `None` for a room that the platform does not know.
pub async fn case(
    db: impl Into<Executor<'_>>,
    room: &RoomName,
    identity: &Identity,
) -> Result<Option<Case>, DbError> {
    let mut db = db.into();
    let (user, subject) = (identity.user_id(), identity.subject());
    let Some(door) = store::door(db.again(), &room.0, user.unwrap_or("")).await? else {
        return Ok(None);
    };
    let decided = moderation::decided(db.again(), door.id, &subject).await?;
    let mut stays = meetings::stays(db.again(), &[door.id], &subject).await?;
    let stays = stays.remove(&door.id).unwrap_or_default();
    let account = match user {
        Some(user) => accounts::validity(db, user, identity.device().unwrap_or("")).await?,
        None => Validity::default(),
    };
    Ok(Some(Case {
        room: door.id,
        deleted: door.deleted_at.is_some(),
        moderates: moderates(&door, identity),
        locked_at: door.locked_at,
        max_participants: door.max_participants,
        tokens_from: door.tokens_from,
        tokens_not_before: door.tokens_not_before,
        attended: stays.attended(),
        inside: door
            .locked_at
            .is_some_and(|locked_at| stays.inside_at(locked_at, door.locked_generation)),
        unseated: stays.unseated(),
        decided,
        account,
    }))
}

/// Whether there is a place for somebody who comes in now; the seat kept for them is used up.
pub async fn take_place(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    identity: &Identity,
) -> Result<bool, DbError> {
    let subject = identity.subject();
    if seats::release(app, tx, room, &subject).await? {
        return Ok(true);
    }
    let user = identity.user_id().unwrap_or("");
    match store::door(&mut *tx, &room.to_string(), user).await? {
        Some(door) if counts_seats(&door, identity) => {
            let others = seats::taken(app, tx, room, &subject).await?;
            Ok(others < door.max_participants)
        }
        _ => Ok(true),
    }
}

fn counts_seats(door: &DoorRow, identity: &Identity) -> bool {
    door.max_participants > 0 && identity.is_ours() && !moderates(door, identity)
}

fn moderates(door: &DoorRow, identity: &Identity) -> bool {
    door.member_role == Some(MemberRole::Moderator)
        || identity.user_id() == Some(door.owner_id.to_string().as_str())
}
