//! Lists and searches accounts, for administrators.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SeesSite, User, store};
use crate::{
    app::App,
    db,
    http::{
        Json, Page, PageQuery, Problem, Query,
        openapi::{self, LONGEST_QUERY},
    },
};

/// Which accounts are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Part of a name or an address.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
}

/// Lists accounts, newest first.
#[utoipa::path(
    get, path = "/api/users", tag = "users", operation_id = "listUsers", params(ListUsers, PageQuery),
    responses(
        (status = 200, body = Page<User>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(filter): Query<ListUsers>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<User>>, Problem> {
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = store::list(&app.db, &pattern, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |user| user.id.to_string(),
        |user| user,
    )))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn an_administrator_pages_through_every_account() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        for name in ["ada", "grace", "linus"] {
            app.advance(std::time::Duration::from_millis(1));
            app.user(name).await;
        }
        let mut names = Vec::new();
        let mut path = "/api/users?limit=2".to_owned();
        loop {
            let page = admin.get(&path).await;
            assert_eq!(page.status, 200);
            for user in page.json["items"].as_array().unwrap() {
                names.push(user["name"].as_str().unwrap().to_owned());
            }
            match page.json["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/users?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(names, ["linus", "grace", "ada", "Admin"]);
    }

    #[tokio::test]
    async fn a_search_finds_part_of_a_name_and_takes_wildcards_literally() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        app.user("Grace").await;
        let found = admin.get("/api/users?query=rAc").await;
        assert_eq!(found.json["items"].as_array().unwrap().len(), 1);
        let found = admin.get("/api/users?query=%25").await;
        assert_eq!(found.json["items"].as_array().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn only_administrators_may_list_accounts() {
        let app = TestApp::start().await;
        assert_eq!(
            app.browser().get("/api/users").await.code(),
            "unauthenticated"
        );
        assert_eq!(
            app.user("ada").await.get("/api/users").await.code(),
            "forbidden"
        );
    }

    #[tokio::test]
    async fn a_limit_out_of_range_and_an_invented_cursor_are_refused_by_name() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let answer = admin.get("/api/users?limit=101").await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some("limit"))
        );
        let answer = admin.get("/api/users?cursor=%21").await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some("cursor"))
        );
    }
}
