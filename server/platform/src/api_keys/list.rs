//! Lists and searches API keys, for administrators and auditors.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{model::ApiKey, store};
use crate::{
    accounts::SeesSite,
    app::App,
    db::{self, text_enum},
    http::{
        Direction, Json, Keys, Page, PageQuery, Problem, Query, Way,
        openapi::{self, LONGEST_QUERY},
    },
};

text_enum! {
    /// What a list of API keys is ordered by.
    ApiKeySort {
        /// When they were made.
        Created => "created",
        /// Their names in lower case, as their letters stand in Unicode.
        Name => "name",
        /// When a token of theirs was last good; those that never were used are the oldest.
        Used => "used",
    }
}

text_enum! {
    /// Whether tokens of an API key are good.
    ApiKeyState {
        /// They are.
        Valid => "valid",
        /// They are not any more.
        Revoked => "revoked",
    }
}

/// Which API keys are asked for, and in which order; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListApiKeys {
    /// Part of a name or a key.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
    #[garde(skip)]
    #[param(inline)]
    state: Option<ApiKeyState>,
    /// `created` when left out.
    #[garde(skip)]
    #[param(inline)]
    sort: Option<ApiKeySort>,
    /// When left out `asc` for names, `desc` for all else.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

impl ListApiKeys {
    fn way(&self) -> (ApiKeySort, Way) {
        let sort = self.sort.unwrap_or(ApiKeySort::Created);
        let (keys, usual) = match sort {
            ApiKeySort::Name => (Keys::Texts, Direction::Asc),
            ApiKeySort::Created | ApiKeySort::Used => (Keys::Digits, Direction::Desc),
        };
        let descending = self.direction.unwrap_or(usual) == Direction::Desc;
        (sort, Way { keys, descending })
    }
}

/// Lists API keys, revoked ones too, newest first when nothing else is asked.
#[utoipa::path(
    get, path = "/api/api-keys", tag = "api-keys", operation_id = "listApiKeys", params(ListApiKeys, PageQuery),
    responses(
        (status = 200, body = Page<ApiKey>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(filter): Query<ListApiKeys>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ApiKey>>, Problem> {
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let (sort, way) = filter.way();
    let statement = store::statement(sort, way.descending);
    let (behind, most) = (way.behind(&query)?, query.fetch());
    let mut reads = app.db.reads().await?;
    let mut rows = Vec::new();
    // Each part is read in the order of its index, and no more of it than a page.
    for state in [ApiKeyState::Valid, ApiKeyState::Revoked] {
        if filter.state.is_none_or(|wanted| wanted == state) {
            let part = store::page(&mut reads, statement, state, &behind, &pattern, most);
            rows.extend(part.await?);
        }
    }
    let rows = way.merge(rows, |row| &row.place, most);
    Ok(Json(Page::new(
        &query,
        rows,
        |row| row.place.clone(),
        |row| row.api_key,
    )))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::TestApp;

    #[tokio::test]
    async fn keys_are_searched_narrowed_and_paged_through_in_every_order() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut made = Vec::new();
        for name in ["Élan", "alpha", "Beta", "gamma"] {
            app.advance(Duration::from_secs(1));
            let wish = json!({"name": name, "grants": ["room_list"]});
            made.push(admin.post("/api/api-keys", wish).await.json);
        }
        let id = made[2]["id"].as_str().unwrap();
        let revoked = admin.delete(&format!("/api/api-keys/{id}")).await;
        assert_eq!(revoked.status, 204, "{revoked:?}");
        let mut names = async |rest: &str| -> Vec<String> {
            let path = format!("/api/api-keys?limit=1{rest}");
            let names = admin
                .get_all(&path)
                .await
                .into_iter()
                .map(|key: Value| key["name"].as_str().unwrap().to_owned());
            names.collect()
        };
        for (rest, expected) in [
            ("", &["gamma", "Beta", "alpha", "Élan"][..]),
            ("&direction=asc", &["Élan", "alpha", "Beta", "gamma"]),
            ("&sort=name", &["alpha", "Beta", "gamma", "Élan"]),
            (
                "&sort=name&direction=desc",
                &["Élan", "gamma", "Beta", "alpha"],
            ),
            ("&sort=used", &["gamma", "Beta", "alpha", "Élan"]),
            ("&state=revoked", &["Beta"]),
            ("&state=valid&sort=name", &["alpha", "gamma", "Élan"]),
            ("&query=%C3%89LA", &["Élan"]),
            ("&query=nothing", &[]),
        ] {
            assert_eq!(names(rest).await, expected, "{rest}");
        }
        let key = made[1]["key"].as_str().unwrap().to_lowercase();
        assert_eq!(names(&format!("&query={key}")).await, ["alpha"]);
        let wrong = admin.get("/api/api-keys?sort=secret").await;
        assert_eq!(wrong.status, 422, "{wrong:?}");
    }
}
