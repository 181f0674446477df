//! Lists invites; for administrators.

use axum::extract::State;

use super::{model::Invite, store};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// Lists invites, used and expired ones too, newest first.
#[utoipa::path(
    get, path = "/api/invites", tag = "invites", operation_id = "listInvites", params(PageQuery),
    responses(
        (status = 200, body = Page<Invite>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Invite>>, Problem> {
    let rows = store::list(&app.db, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |invite| invite.id.to_string(),
        |invite| invite,
    )))
}
