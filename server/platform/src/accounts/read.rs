//! Reads one account; for administrators and auditors.

use axum::extract::State;

use super::{SeesSite, User, UserId, store};
use crate::{
    app::App,
    http::{Json, Path, Problem},
};

/// One account.
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "users", operation_id = "readUser",
    params(("id" = UserId, Path)),
    responses(
        (status = 200, body = User),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    _: SeesSite,
    Path(id): Path<UserId>,
) -> Result<Json<User>, Problem> {
    let user = store::find(&app.db, id).await?;
    user.map(Json).ok_or_else(|| Problem::not_found("user"))
}
