//! Lists the signed-in devices of any account; for administrators and auditors.

use axum::extract::State;

use super::{CurrentUser, SeesSite, model::Session, store};
use crate::{
    accounts::UserId,
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
};

/// Lists an account's sessions, newest first.
#[utoipa::path(
    get, path = "/api/users/{id}/sessions", tag = "users", operation_id = "listUserSessions",
    params(("id" = UserId, Path), PageQuery),
    responses(
        (status = 200, body = Page<Session>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list_of_user(
    State(app): State<App>,
    SeesSite(CurrentUser { session, .. }): SeesSite,
    Path(id): Path<UserId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Session>>, Problem> {
    let (before, most) = (page.before()?, page.fetch());
    let rows = store::sessions(&app.db, id, app.now(), &before, most).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |row| row.id.to_string(),
        |row| Session {
            current: row.id == session,
            ..row
        },
    )))
}
