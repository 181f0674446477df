//! Lists and searches accounts, for administrators and auditors.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{Role, SeesSite, User, store};
use crate::{
    app::App,
    db::{self, text_enum},
    http::{
        Direction, Json, Keys, Page, PageQuery, Problem, Query, Way,
        openapi::{self, LONGEST_QUERY},
    },
};

text_enum! {
    /// What a list of accounts is ordered by.
    UserSort {
        /// When they were made.
        Created => "created",
        /// Their names in lower case, as their letters stand in Unicode.
        Name => "name",
        /// When they were last here; those who never were are the oldest.
        Seen => "seen",
    }
}

text_enum! {
    /// Whether somebody can sign in to an account.
    UserState {
        /// They can.
        Active => "active",
        /// They cannot.
        Disabled => "disabled",
    }
}

/// Which accounts are asked for, and in which order; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Part of a name or an address.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
    #[garde(skip)]
    #[param(inline)]
    role: Option<Role>,
    #[garde(skip)]
    #[param(inline)]
    state: Option<UserState>,
    /// `created` when left out.
    #[garde(skip)]
    #[param(inline)]
    sort: Option<UserSort>,
    /// When left out `asc` for names, `desc` for all else.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

impl ListUsers {
    fn way(&self) -> (UserSort, Way) {
        let sort = self.sort.unwrap_or(UserSort::Created);
        let (keys, usual) = match sort {
            UserSort::Name => (Keys::Texts, Direction::Asc),
            UserSort::Created | UserSort::Seen => (Keys::Digits, Direction::Desc),
        };
        let descending = self.direction.unwrap_or(usual) == Direction::Desc;
        (sort, Way { keys, descending })
    }

    /// The parts of the list that the filters leave.
    fn standings(&self) -> impl Iterator<Item = (Role, bool)> {
        let (role, state) = (self.role, self.state);
        let roles = [Role::Admin, Role::Support, Role::Auditor, Role::User];
        let roles = roles
            .into_iter()
            .filter(move |of| role.is_none_or(|role| role == *of));
        roles
            .flat_map(|role| [(role, false), (role, true)])
            .filter(move |(_, disabled)| {
                state.is_none_or(|state| (state == UserState::Disabled) == *disabled)
            })
    }
}

/// Lists accounts, newest first when nothing else is asked.
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
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<User>>, Problem> {
    Ok(Json(page(&app, &filter, &query).await?))
}

/// A page of these accounts.
pub async fn page(app: &App, filter: &ListUsers, query: &PageQuery) -> Result<Page<User>, Problem> {
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let (sort, way) = filter.way();
    let statement = store::statement(sort, way.descending);
    let (behind, most) = (way.behind(query)?, query.fetch());
    let mut reads = app.db.reads().await?;
    let mut rows = Vec::new();
    // Each part is read in the order of its index, and no more of it than a page.
    for (role, disabled) in filter.standings() {
        let part = store::page(
            &mut reads,
            statement,
            (role, disabled),
            &behind,
            &pattern,
            most,
        );
        rows.extend(part.await?);
    }
    let rows = way.merge(rows, |row| &row.key, most);
    Ok(Page::new(
        query,
        rows,
        |row| row.key.clone(),
        |row| row.user,
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{TestApp, TestClient};

    #[tokio::test]
    async fn an_administrator_pages_through_every_account() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        for name in ["ada", "grace", "linus"] {
            app.advance(std::time::Duration::from_millis(1));
            app.user(name).await;
        }
        let names = names(&mut admin, "").await;
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

    async fn names(admin: &mut TestClient, query: &str) -> Vec<String> {
        let all = admin.get_all(&format!("/api/users?limit=2&{query}")).await;
        let names = all.iter().map(|user| user["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn every_order_and_every_filter_goes_through_pages_to_its_end() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        for (name, role, disabled) in [
            ("grace", "support", false),
            ("Ärger", "user", false),
            ("ada", "auditor", false),
            ("Ada", "user", true),
            ("linus", "user", false),
        ] {
            app.advance(Duration::from_secs(1));
            let address = format!("{}-{role}", name.to_lowercase().replace('ä', "a"));
            let user = app.user(&address).await;
            let change = json!({"name": name, "role": role, "disabled": disabled});
            let path = format!("/api/users/{}", user.user_id);
            assert_eq!(admin.patch(&path, change).await.status, 200);
        }
        let mut all = async |query: &str| names(&mut admin, query).await;
        let rising = ["ada", "Ada", "Admin", "grace", "linus", "Ärger"];
        assert_eq!(all("sort=name").await, rising);
        let falling: Vec<_> = rising.iter().rev().copied().collect();
        assert_eq!(all("sort=name&direction=desc").await, falling);
        let oldest = ["Admin", "grace", "Ärger", "ada", "Ada", "linus"];
        assert_eq!(all("direction=asc").await, oldest);
        assert_eq!(all("sort=seen&direction=asc").await, oldest);
        assert_eq!(all("role=user&sort=name").await, ["Ada", "linus", "Ärger"]);
        assert_eq!(all("role=user&state=disabled").await, ["Ada"]);
        let active = ["linus", "ada", "Ärger", "grace", "Admin"];
        assert_eq!(all("state=active").await, active);
        assert_eq!(
            all("state=active&query=ad&sort=name").await,
            ["ada", "Admin"]
        );
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
