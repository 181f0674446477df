//! Lists API keys; for administrators.

use axum::extract::State;

use super::{model::ApiKey, store};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// Lists API keys, revoked ones too, newest first.
#[utoipa::path(
    get, path = "/api/api-keys", tag = "api-keys", operation_id = "listApiKeys", params(PageQuery),
    responses(
        (status = 200, body = Page<ApiKey>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ApiKey>>, Problem> {
    let rows = store::list(&app.db, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |key| key.id.to_string(),
        |key| key,
    )))
}
