//! Lists the caller's rooms, their own and those they are a member of; and every room of the site.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    caller::Caller,
    found::{self, Found, Which},
    model::Access,
    view::{self, Room},
};
use crate::{
    accounts::{CurrentUser, SeesRooms, UserId},
    app::App,
    db::{self, text_enum},
    http::{
        Direction, Json, Keys, Page, PageQuery, Problem, Query, SiteAddress,
        openapi::{self, LONGEST_QUERY},
    },
};

/// Which rooms are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListRooms {
    /// Part of a name or slug.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
}

/// The caller's rooms, newest first.
#[utoipa::path(
    get, path = "/api/rooms", tag = "rooms", operation_id = "listRooms",
    params(ListRooms, PageQuery),
    responses((status = 200, body = Page<Room>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    site: SiteAddress,
    current: CurrentUser,
    Query(filter): Query<ListRooms>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Room>>, Problem> {
    let caller = Caller::user(current);
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = found::page(&app, &caller, Which::OfCaller, &pattern, &page).await?;
    let show = |found| view::show(&app, found, &caller, &site);
    let key = |found: &Found| Which::OfCaller.key(&found.room);
    Ok(Json(Page::new(&page, rows, key, show)))
}

text_enum! {
    /// What the list of all rooms is ordered by.
    RoomSort {
        /// When they were made.
        Created => "created",
        /// Their names in lower case, as their letters stand in Unicode.
        Name => "name",
        /// When their newest call began; those without one are the oldest.
        LastCall => "last_call",
    }
}

impl RoomSort {
    /// What its keys look like.
    pub fn keys(self) -> Keys {
        match self {
            RoomSort::Name => Keys::Texts,
            RoomSort::Created | RoomSort::LastCall => Keys::Digits,
        }
    }
}

/// Which rooms of the site are asked for, and in which order; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAllRooms {
    /// Part of a name or slug.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
    #[garde(skip)]
    #[param(inline)]
    access: Option<Access>,
    /// Only those that this account owns or is a member of, the newest first.
    #[garde(skip)]
    user_id: Option<UserId>,
    /// `created` when left out.
    #[garde(skip)]
    #[param(inline)]
    sort: Option<RoomSort>,
    /// When left out `asc` for names, `desc` for all else.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

impl ListAllRooms {
    fn which(&self) -> Result<Which, Problem> {
        let sort = self.sort.unwrap_or(RoomSort::Created);
        let usual = match sort {
            RoomSort::Name => Direction::Asc,
            RoomSort::Created | RoomSort::LastCall => Direction::Desc,
        };
        let descending = self.direction.unwrap_or(usual) == Direction::Desc;
        match self.user_id {
            Some(_) if (sort, descending) != (RoomSort::Created, true) => {
                let says = "The rooms of an account come with the newest first only.";
                Err(Problem::invalid_field("sort", "unsupported", says))
            }
            Some(_) if self.access.is_some() => {
                let says = "The rooms of an account come with every kind of access only.";
                Err(Problem::invalid_field("access", "unsupported", says))
            }
            Some(user) => Ok(Which::Of(user)),
            None => Ok(Which::All {
                sort,
                descending,
                access: self.access,
            }),
        }
    }
}

/// Every room of this server, newest first when nothing else is asked.
#[utoipa::path(
    get, path = "/api/admin/rooms", tag = "admin", operation_id = "listAllRooms",
    params(ListAllRooms, PageQuery),
    responses((status = 200, body = Page<Room>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    site: SiteAddress,
    SeesRooms(current): SeesRooms,
    Query(filter): Query<ListAllRooms>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Room>>, Problem> {
    let caller = Caller::user(current);
    Ok(Json(page(&app, &caller, &site, &filter, &query).await?))
}

/// A page of these rooms.
pub async fn page(
    app: &App,
    caller: &Caller,
    site: &SiteAddress,
    filter: &ListAllRooms,
    query: &PageQuery,
) -> Result<Page<Room>, Problem> {
    let which = filter.which()?;
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = found::page(app, caller, which, &pattern, query).await?;
    let show = |found| view::show(app, found, caller, site);
    Ok(Page::new(query, rows, |found| which.key(&found.room), show))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{TestApp, TestClient, TestRoom};

    #[tokio::test]
    async fn a_user_pages_through_own_rooms_and_those_they_are_invited_to() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let mut expected = Vec::new();
        for slug in ["one", "two", "three"] {
            app.advance(Duration::from_millis(1));
            TestRoom::create(&mut ada, json!({"slug": slug})).await;
            expected.insert(0, slug.to_owned());
        }
        app.advance(Duration::from_millis(1));
        let theirs = TestRoom::create(&mut grace, json!({"slug": "theirs"})).await;
        TestRoom::create(&mut grace, json!({"slug": "hidden"})).await;
        let member = json!({"email": "ADA@example.org", "role": "moderator"});
        assert_eq!(
            grace.post(&theirs.path("/members"), member).await.status,
            201
        );
        expected.insert(0, "theirs".to_owned());

        assert_eq!(slugs(&mut ada, "/api/rooms?limit=3").await, expected);
    }

    #[tokio::test]
    async fn a_search_finds_part_of_a_link_and_an_administrator_sees_every_room() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        TestRoom::create(&mut ada, json!({"slug": "town-hall"})).await;
        TestRoom::create(&mut ada, json!({"slug": "lunch"})).await;
        let found = ada.get("/api/rooms?query=HALL").await;
        assert_eq!(found.json["items"].as_array().unwrap().len(), 1);
        assert_eq!(admin.get("/api/rooms").await.json["items"], json!([]));
        let all = admin.get("/api/admin/rooms").await;
        assert_eq!(all.json["items"].as_array().unwrap().len(), 2);
        assert_eq!(ada.get("/api/admin/rooms").await.code(), "forbidden");
    }

    async fn slugs(client: &mut TestClient, path: &str) -> Vec<String> {
        let all = client.get_all(path).await.into_iter();
        all.map(|room| room["slug"].as_str().unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn an_administrator_goes_through_all_rooms_in_every_order_and_with_every_filter() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        for (owner, slug, name, access) in [
            ("ada", "one", "Zebra", "public"),
            ("ada", "two", "apple", "private"),
            ("grace", "three", "Apple", "public"),
            ("grace", "four", "Ärger", "public"),
        ] {
            app.advance(Duration::from_secs(1));
            let who = if owner == "ada" { &mut ada } else { &mut grace };
            let room = TestRoom::create(who, json!({"slug": slug, "access": access})).await;
            who.patch(&room.path(""), json!({ "name": name })).await;
            if slug == "two" || slug == "three" {
                room.enter(&app, &livekit, who).await;
            }
        }
        let member = json!({"email": "ada@example.org", "role": "member"});
        grace.post("/api/rooms/four/members", member).await;
        let hers = format!("user_id={}", ada.user_id);
        let mut all = async |query: &str| {
            slugs(&mut admin, &format!("/api/admin/rooms?limit=2&{query}")).await
        };
        assert_eq!(all("").await, ["four", "three", "two", "one"]);
        assert_eq!(all("direction=asc").await, ["one", "two", "three", "four"]);
        assert_eq!(all("sort=name").await, ["two", "three", "one", "four"]);
        assert_eq!(
            all("sort=name&access=public").await,
            ["three", "one", "four"]
        );
        let called = all("sort=last_call").await;
        assert_eq!(called, ["three", "two", "four", "one"]);
        assert_eq!(all(&hers).await, ["four", "two", "one"]);
        let refused = admin
            .get(&format!("/api/admin/rooms?sort=name&{hers}"))
            .await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some("sort"))
        );
        // What somebody else is in a room makes the reader nothing there.
        let room = &admin.get(&format!("/api/admin/rooms?{hers}")).await.json["items"][0];
        assert_eq!(room["role"], json!("visitor"), "{room}");
        assert!(grace.get("/api/rooms/three").await.json["last_call_at"].is_i64());
        assert_eq!(
            ada.get("/api/rooms/three").await.json["last_call_at"],
            json!(null)
        );
    }
}
