//! Lists webhooks; for administrators.

use axum::extract::State;

use super::{model::Webhook, store};
use crate::{
    accounts::Admin,
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// Lists webhooks, newest first.
#[utoipa::path(
    get, path = "/api/webhooks", tag = "webhooks", operation_id = "listWebhooks", params(PageQuery),
    responses(
        (status = 200, body = Page<Webhook>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: Admin,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Webhook>>, Problem> {
    let rows = store::list(&app.db, &page.before()?, page.fetch()).await?;
    let page = Page::new(&page, rows, |row| row.id.to_string(), |row| row);
    Ok(Json(page))
}
