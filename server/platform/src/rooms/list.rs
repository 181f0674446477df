//! Lists the caller's rooms: their own and those they are a member of.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    caller::Caller,
    found::{self, Which},
    view::{self, Room},
};
use crate::{
    accounts::{CurrentUser, SeesRooms},
    app::App,
    db,
    http::{
        Json, Page, PageQuery, Problem, Query, SiteAddress,
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
    Ok(Json(Page::new(
        &page,
        rows,
        |found| found.room.id.to_string(),
        show,
    )))
}

/// Every room of this server, newest first.
#[utoipa::path(
    get, path = "/api/admin/rooms", tag = "admin", operation_id = "listAllRooms",
    params(ListRooms, PageQuery),
    responses((status = 200, body = Page<Room>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    site: SiteAddress,
    SeesRooms(current): SeesRooms,
    Query(filter): Query<ListRooms>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Room>>, Problem> {
    let caller = Caller::user(current);
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = found::page(&app, &caller, Which::All, &pattern, &page).await?;
    let show = |found| view::show(&app, found, &caller, &site);
    Ok(Json(Page::new(
        &page,
        rows,
        |found| found.room.id.to_string(),
        show,
    )))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

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

        let mut slugs = Vec::new();
        let mut path = "/api/rooms?limit=3".to_owned();
        loop {
            let page = ada.get(&path).await;
            assert_eq!(page.status, 200, "{page:?}");
            for room in page.json["items"].as_array().unwrap() {
                slugs.push(room["slug"].as_str().unwrap().to_owned());
            }
            match page.json["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/rooms?limit=3&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(slugs, expected);
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
}
