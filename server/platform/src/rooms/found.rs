//! Finds rooms as one caller meets them: the room's own record, and what other features know of it and of the caller.
//! Whatever it costs is paid for the rooms that are shown, never for all that there are.

use std::collections::HashMap;

use super::{
    RoomId,
    access::{self, Sight, Viewer},
    caller::Caller,
    model::{RoomRole, Slug},
    store::{self, RoomRow},
};
use crate::{
    accounts::{self, UserId, UserName},
    app::App,
    db::{DbError, Reads},
    http::{PageQuery, Problem},
    meetings::{self, Call, Stays},
    moderation::{self, Barred},
    recordings::{self, ActiveRecording},
};

/// A living room and what the caller is in it.
pub struct Found {
    pub room: RoomRow,
    pub role: RoomRole,
    pub owner_name: UserName,
    /// The call as it is now, and the caller's part in it.
    pub call: Call,
    /// The recording that goes on.
    pub recording: Option<ActiveRecording>,
    /// Whether a ban concerns the caller, unless they moderate.
    pub banned: bool,
    /// Whether the caller was in the meeting when it was locked, unless sent out since; also in one that was cut.
    pub inside: bool,
}

impl Found {
    /// What the caller is here and on the server.
    pub fn viewer(&self, caller: &Caller) -> Viewer {
        Viewer {
            role: self.role,
            admin: caller.is_admin(),
        }
    }

    /// How much of the room the caller may see.
    pub fn sight(&self, caller: &Caller) -> Sight {
        let present = self.call.present > 0;
        access::sight(self.viewer(caller), self.room.access, self.banned, present)
    }
}

/// The living room with this slug, as `caller` meets it. A room's id stands for its slug for those who are in its
/// call, run it or are members, for a link may be changed under them; to all others a changed link is closed.
pub async fn find(app: &App, slug: &Slug, caller: &Caller) -> Result<Option<Found>, DbError> {
    if slug.is_room_id() {
        let found = find_by_id(app, slug.as_str(), caller).await?;
        return Ok(
            found.filter(|found| found.call.present > 0 || found.viewer(caller).is_invited())
        );
    }
    let mut reads = app.db.reads().await?;
    let row = store::by_slug(&mut reads, caller.user_text(), slug).await?;
    Ok(complete(&mut reads, caller, row.into_iter().collect())
        .await?
        .pop())
}

/// The living room with this id, as `caller` meets it, whatever it is to them.
pub async fn find_by_id(app: &App, room: &str, caller: &Caller) -> Result<Option<Found>, DbError> {
    let mut reads = app.db.reads().await?;
    let row = store::by_id(&mut reads, caller.user_text(), room).await?;
    Ok(complete(&mut reads, caller, row.into_iter().collect())
        .await?
        .pop())
}

/// The room, for those who run it: its owner, and administrators of the server.
pub async fn find_owned(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.viewer(caller).runs() {
        Ok(found)
    } else {
        Err(Problem::forbidden("Only the room's owner may do this."))
    }
}

/// The room, for those who moderate it: owner, moderators, and administrators of the server.
pub async fn find_moderated(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.viewer(caller).moderates() {
        Ok(found)
    } else {
        Err(Problem::forbidden(
            "Only the room's moderators may do this.",
        ))
    }
}

async fn find_for_user(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    if caller.user_id().is_none() {
        return Err(Problem::unauthenticated());
    }
    find(app, slug, caller)
        .await?
        .ok_or_else(|| Problem::not_found("room"))
}

/// Which rooms a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The caller's own and those they are a member of.
    OfCaller,
    /// Every room of this server.
    All,
}

/// A page of rooms, newest first, and one more when there is another page.
pub async fn page(
    app: &App,
    caller: &Caller,
    which: Which,
    pattern: &str,
    page: &PageQuery,
) -> Result<Vec<Found>, Problem> {
    let (user, before, limit) = (caller.user_text(), page.before()?, page.fetch());
    let mut reads = app.db.reads().await?;
    let rows = match which {
        Which::OfCaller => store::of_viewer(&mut reads, user, pattern, &before, limit).await?,
        Which::All => store::all(&mut reads, user, pattern, &before, limit).await?,
    };
    Ok(complete(&mut reads, caller, rows).await?)
}

/// Adds to these rooms what others have on record, all rooms in one query each.
async fn complete(
    reads: &mut Reads,
    caller: &Caller,
    rows: Vec<RoomRow>,
) -> Result<Vec<Found>, DbError> {
    let ids: Vec<RoomId> = rows.iter().map(|room| room.id).collect();
    let mut calls = meetings::calls(&mut *reads, &ids, caller.subject()).await?;
    let mut recordings = recordings::active(&mut *reads, &ids).await?;
    let owners = owner_names(reads, caller, &rows).await?;
    let (barred, stays) = standings(reads, caller, &rows).await?;
    let found = rows.into_iter().filter_map(|room| {
        let barred = barred.get(&room.id).copied().unwrap_or_default();
        let stays = stays.get(&room.id);
        Some(Found {
            role: access::role(room.owner_id, room.member_role, caller),
            // An account that was deleted at this moment took its rooms along or left them to somebody.
            owner_name: owners.get(&room.owner_id)?.clone(),
            call: calls.remove(&room.id).unwrap_or_default(),
            recording: recordings.remove(&room.id),
            banned: barred.banned,
            inside: !barred.kicked
                && room.locked_at.is_some_and(|locked_at| {
                    stays.is_some_and(|stays| stays.inside_at(locked_at, room.locked_generation))
                }),
            room,
        })
    });
    Ok(found.collect())
}

async fn owner_names(
    reads: &mut Reads,
    caller: &Caller,
    rows: &[RoomRow],
) -> Result<HashMap<UserId, UserName>, DbError> {
    let mut names = HashMap::new();
    if let Some(current) = caller.current_user() {
        names.insert(current.user.id, current.user.name.clone());
    }
    let mut others: Vec<UserId> = rows.iter().map(|room| room.owner_id).collect();
    others.retain(|owner| !names.contains_key(owner));
    others.sort_unstable();
    others.dedup();
    let people = accounts::people(reads, &others).await?;
    names.extend(people.into_iter().map(|person| (person.id, person.name)));
    Ok(names)
}

type Standings = (HashMap<RoomId, Barred>, HashMap<RoomId, Stays>);

/// What stands between the caller and the rooms that they don't moderate: nothing stops those who do.
async fn standings(
    reads: &mut Reads,
    caller: &Caller,
    rows: &[RoomRow],
) -> Result<Standings, DbError> {
    let Some(subject) = caller.subject() else {
        return Ok(Standings::default());
    };
    let guarded = || {
        rows.iter()
            .filter(|room| !access::role(room.owner_id, room.member_role, caller).moderates())
    };
    let rooms: Vec<RoomId> = guarded().map(|room| room.id).collect();
    let barred = moderation::barred(&mut *reads, &rooms, subject).await?;
    let locked = guarded().filter(|room| room.locked_at.is_some());
    let rooms: Vec<RoomId> = locked.map(|room| room.id).collect();
    let stays = meetings::stays(reads, &rooms, subject).await?;
    Ok((barred, stays))
}
