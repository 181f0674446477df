//! Finds rooms as one caller meets them: the room's own record, and what other features know of it and of the caller.
//! Whatever it costs is paid for the rooms that are shown, never for all that there are, and once until something is
//! written.

use std::{collections::HashMap, sync::Arc};

use super::{
    RoomId,
    access::{self, Sight, Viewer},
    caller::Caller,
    list::RoomSort,
    model::{Access, RoomRole, Slug},
    store::{self, RoomRow},
};
use crate::{
    accounts::{self, UserId, UserName},
    app::App,
    db::{DbError, Known, Reads},
    http::{Keys, PageQuery, Problem, Way},
    livekit::identity::Subject,
    meetings::{self, Call, Stays},
    moderation::{self, Barred},
    recordings::{self, ActiveRecording},
};

// Some hundred pages of rooms: a few megabytes.
const MOST_KNOWN: usize = 10_000;

/// Rooms as they were found since anything was written.
pub struct KnownRooms(Known<(Option<Subject>, Asked), Arc<[Found]>>);

/// What was asked; together with who asked it decides what is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Asked {
    Slug(Slug),
    Id(String),
    Page {
        which: Which,
        pattern: String,
        behind: String,
        limit: i64,
    },
}

/// A living room and what the caller is in it.
#[derive(Debug, Clone)]
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
    /// Whether the caller was sent out and not let in again since; of a page's rooms, unless they moderate.
    pub kicked: bool,
    /// Whether the caller was in the meeting when it was locked, unless sent out since; also in one that was cut.
    pub inside: bool,
}

impl Default for KnownRooms {
    fn default() -> KnownRooms {
        KnownRooms(Known::new(MOST_KNOWN))
    }
}

impl Found {
    /// What the caller is here and on the server.
    pub fn viewer(&self, caller: &Caller) -> Viewer {
        Viewer {
            role: self.role,
            on_site: caller.on_site(),
        }
    }

    /// Whether the room's id stands for its link to the caller: they are in its call, run it or are a member.
    pub fn is_inside(&self, caller: &Caller) -> bool {
        self.call.present > 0 || self.viewer(caller).is_invited()
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
    if slug.room_id().is_some() {
        let found = find_by_id(app, slug.as_str(), caller).await?;
        return Ok(found.filter(|found| found.is_inside(caller)));
    }
    Ok(known(app, caller, Asked::Slug(slug.clone())).await?.pop())
}

/// The living room with this id, as `caller` meets it, whatever it is to them.
pub async fn find_by_id(app: &App, room: &str, caller: &Caller) -> Result<Option<Found>, DbError> {
    Ok(known(app, caller, Asked::Id(room.to_owned())).await?.pop())
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

/// The room, for those who see all of it: who moderates it, and whoever sees every room of the site.
pub async fn find_seen(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.viewer(caller).sees() {
        Ok(found)
    } else {
        Err(Problem::forbidden(
            "Only the room's moderators may see this.",
        ))
    }
}

/// The room, for those who see its members: who runs it, and whoever sees every room of the site.
pub async fn find_with_members(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.viewer(caller).sees_members() {
        Ok(found)
    } else {
        Err(Problem::forbidden("Only the room's owner may see this."))
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// The caller's own and those they are a member of.
    OfCaller,
    /// Somebody else's own and those they are a member of.
    Of(UserId),
    /// Every room of this server, or those with one kind of access.
    All {
        sort: RoomSort,
        descending: bool,
        access: Option<Access>,
    },
}

impl Which {
    /// Every list but that of all rooms is the newest first.
    fn way(self) -> Way {
        match self {
            Which::OfCaller | Which::Of(_) => Way {
                keys: Keys::Digits,
                descending: true,
            },
            Which::All {
                sort, descending, ..
            } => Way {
                keys: sort.keys(),
                descending,
            },
        }
    }

    /// Where a room stands in the list.
    pub fn key(self, room: &RoomRow) -> String {
        match self {
            Which::OfCaller | Which::Of(_) => store::key(room, RoomSort::Created),
            Which::All { sort, .. } => store::key(room, sort),
        }
    }
}

/// A page of rooms, and one more when there is another page.
pub async fn page(
    app: &App,
    caller: &Caller,
    which: Which,
    pattern: &str,
    page: &PageQuery,
) -> Result<Vec<Found>, Problem> {
    let asked = Asked::Page {
        which,
        pattern: pattern.to_owned(),
        behind: which.way().behind(page)?,
        limit: page.fetch(),
    };
    Ok(known(app, caller, asked).await?)
}

async fn known(app: &App, caller: &Caller, asked: Asked) -> Result<Vec<Found>, DbError> {
    let key = (caller.subject().cloned(), asked.clone());
    let weight = |found: &Arc<[Found]>| 1 + found.len();
    let read = async || read(app, caller, asked).await.map(Arc::from);
    let known = &app.rooms.0;
    let found = known.or_read((&app.db, app.now()), key, weight, read);
    let mut found = found.await?.to_vec();
    if let Some(current) = caller.current_user() {
        // The name comes with the session, which was read before.
        let own = |found: &&mut Found| found.room.owner_id == current.user.id;
        for found in found.iter_mut().filter(own) {
            found.owner_name = current.user.name.clone();
        }
    }
    Ok(found)
}

async fn read(app: &App, caller: &Caller, asked: Asked) -> Result<Vec<Found>, DbError> {
    let user = caller.user_text();
    let mut reads = app.db.reads().await?;
    let one = !matches!(asked, Asked::Page { .. });
    let rows = match asked {
        Asked::Slug(slug) => Vec::from_iter(store::by_slug(&mut reads, user, &slug).await?),
        Asked::Id(room) => Vec::from_iter(store::by_id(&mut reads, user, &room).await?),
        Asked::Page {
            which,
            pattern,
            behind,
            limit,
        } => match which {
            Which::OfCaller => store::of_viewer(&mut reads, user, &pattern, &behind, limit).await?,
            Which::Of(other) => {
                store::of_other(&mut reads, user, other, &pattern, &behind, limit).await?
            }
            Which::All {
                sort,
                descending,
                access,
            } => {
                let mut rows = Vec::new();
                let all = [Access::Public, Access::Private];
                // Each part is read in the order of its index, and no more of it than a page.
                for part in all
                    .into_iter()
                    .filter(|of| access.is_none_or(|one| one == *of))
                {
                    let order = (sort, descending);
                    let part =
                        store::ordered(&mut reads, user, order, part, &pattern, &behind, limit);
                    let keyed = part.await?.into_iter();
                    rows.extend(keyed.map(|room| (store::key(&room, sort), room)));
                }
                let rows = which.way().merge(rows, |(key, _)| key, limit);
                rows.into_iter().map(|(_, room)| room).collect()
            }
        },
    };
    complete(&mut reads, caller, rows, one).await
}

/// Adds to these rooms what others have on record, all rooms in one query each. Of `one` room more is asked than a list
/// shows.
async fn complete(
    reads: &mut Reads,
    caller: &Caller,
    rows: Vec<RoomRow>,
    one: bool,
) -> Result<Vec<Found>, DbError> {
    let ids: Vec<RoomId> = rows.iter().map(|room| room.id).collect();
    let mut calls = meetings::calls(&mut *reads, &ids, caller.subject()).await?;
    let mut recordings = recordings::active(&mut *reads, &ids).await?;
    let owners = owner_names(reads, caller, &rows).await?;
    let (barred, stays) = standings(reads, caller, &rows, one).await?;
    let found = rows.into_iter().filter_map(|room| {
        let barred = barred.get(&room.id).copied().unwrap_or_default();
        let stays = stays.get(&room.id);
        let role = access::role(room.owner_id, room.member_role, caller);
        Some(Found {
            role,
            // An account that was deleted at this moment took its rooms along or left them to somebody.
            owner_name: owners.get(&room.owner_id)?.clone(),
            call: calls.remove(&room.id).unwrap_or_default(),
            recording: recordings.remove(&room.id),
            banned: barred.banned && !role.moderates(),
            kicked: barred.kicked,
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

/// What stands between the caller and the rooms: nothing stops those who moderate, who may have been sent out all the
/// same.
async fn standings(
    reads: &mut Reads,
    caller: &Caller,
    rows: &[RoomRow],
    one: bool,
) -> Result<Standings, DbError> {
    let Some(subject) = caller.subject() else {
        return Ok(Standings::default());
    };
    let guarded =
        |room: &&RoomRow| !access::role(room.owner_id, room.member_role, caller).moderates();
    let asked = rows.iter().filter(|room| one || guarded(room));
    let rooms: Vec<RoomId> = asked.map(|room| room.id).collect();
    let barred = moderation::barred(&mut *reads, &rooms, subject).await?;
    let locked = rows.iter().filter(guarded);
    let locked = locked.filter(|room| room.locked_at.is_some());
    let rooms: Vec<RoomId> = locked.map(|room| room.id).collect();
    let stays = meetings::stays(reads, &rooms, subject).await?;
    Ok((barred, stays))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use crate::{
        background,
        db::{Database, sql},
        testing::{PASSWORD, TestApp, TestClient, TestRoom, database},
    };

    /// What the room's page and the list of rooms tell somebody, asked twice: it is read, then known.
    async fn seen(who: &mut TestClient, room: &TestRoom) -> Value {
        let path = format!("/api/rooms/{}", room.id);
        let read = who.get(&path).await;
        assert_eq!(who.get(&path).await.json, read.json);
        let listed = who.get("/api/rooms").await.json;
        assert_eq!(who.get("/api/rooms").await.json, listed);
        if let Some(item) = listed["items"].get(0) {
            assert_eq!(item, &read.json);
        }
        read.json
    }

    #[tokio::test]
    async fn whatever_changes_in_a_room_is_so_for_the_very_next_request() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let member = json!({"email": "grace@example.org", "role": "member"});
        ada.post(&room.path("/members"), member).await;
        assert_eq!(seen(&mut grace, &room).await["join"]["allowed"], true);
        ada.put(&room.path("/lock"), json!({"locked": true})).await;
        assert_eq!(seen(&mut grace, &room).await["join"]["reason"], "locked");
        assert_eq!(room.join(&mut grace, "Grace").await.code(), "locked");
        ada.put(&room.path("/lock"), json!({"locked": false})).await;
        assert_eq!(room.join(&mut grace, "Grace").await.status, 200);

        let entered = room.enter(&app, &livekit, &mut grace).await;
        let member = room.path(&format!("/members/{}", grace.user_id));
        let act = |action| room.path(&format!("/participants/{}/{action}", entered.identity));

        assert_eq!(seen(&mut grace, &room).await["live"]["participants"], 1);
        assert_eq!(ada.post(&act("kick"), json!({})).await.status, 204);
        assert_eq!(seen(&mut grace, &room).await["join"]["allowed"], true);
        assert_eq!(room.join(&mut grace, "Grace").await.status, 200);

        ada.patch(&member, json!({"role": "moderator"})).await;
        assert_eq!(seen(&mut grace, &room).await["role"], "moderator");
        assert_eq!(grace.get(&room.path("/bans")).await.status, 200);
        ada.patch(&member, json!({"role": "member"})).await;
        assert_eq!(seen(&mut grace, &room).await["role"], "member");
        assert_eq!(grace.get(&room.path("/bans")).await.status, 403);

        let mut own = ada.clone();
        own.patch("/api/auth/me", json!({"name": "Countess"})).await;
        assert_eq!(seen(&mut grace, &room).await["owner"]["name"], "Countess");
        assert_eq!(seen(&mut ada, &room).await["owner"]["name"], "Countess");

        room.enter(&app, &livekit, &mut grace).await;
        assert_eq!(seen(&mut grace, &room).await["join"]["allowed"], true);
        assert_eq!(ada.post(&act("ban"), json!({})).await.status, 201);
        assert_eq!(seen(&mut grace, &room).await["join"]["reason"], "banned");
        assert_eq!(room.join(&mut grace, "Grace").await.code(), "banned");

        assert_eq!(ada.delete(&room.path("")).await.status, 204);
        assert_eq!(grace.get(&room.path("")).await.status, 404);
        assert_eq!(grace.get("/api/rooms").await.json["items"], json!([]));
    }

    #[tokio::test]
    async fn whose_session_or_account_ended_is_shown_nothing_that_was_known() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        TestRoom::create(&mut ada, json!({})).await;
        app.advance(Duration::from_millis(1));
        let mut phone = app.browser();
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD});
        phone.post("/api/auth/sign-in", sign_in).await;
        for who in [&mut phone, &mut ada] {
            assert_eq!(who.get("/api/rooms").await.status, 200);
            assert_eq!(who.get("/api/rooms").await.status, 200);
        }
        let others = "/api/auth/sessions/revoke-others";
        assert_eq!(ada.post(others, json!(null)).await.status, 204);
        assert_eq!(phone.get("/api/rooms").await.status, 401);
        assert_eq!(ada.get("/api/rooms").await.status, 200);
        let account = format!("/api/users/{}", ada.user_id);
        admin.patch(&account, json!({"disabled": true})).await;
        assert_eq!(ada.get("/api/rooms").await.status, 401);
    }

    #[tokio::test]
    async fn what_another_program_writes_is_seen_within_a_second() {
        let data = TempDir::new().unwrap();
        let url = database::create(data.path()).await;
        let db = Database::open(&url, 4).await.unwrap();
        let app = TestApp::start_on(data, db, |_, _| {}, background::registry()).await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        assert_eq!(seen(&mut ada, &room).await["name"], "Standup");

        let beside = Database::open(&url, 2).await.unwrap();
        let mut tx = beside.begin().await.unwrap();
        sql!(&mut tx => execute, "UPDATE rooms SET name = 'Dinner'").unwrap();
        tx.commit().await.unwrap();
        app.advance(Duration::from_secs(1));
        assert_eq!(seen(&mut ada, &room).await["name"], "Dinner");
    }
}
