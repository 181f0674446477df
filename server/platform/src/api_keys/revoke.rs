//! Revokes an API key; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::{model::ApiKeyId, send_out::SendOut, store};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Revokes an API key: its tokens are refused from now on, and whom it let into rooms is sent out.
#[utoipa::path(
    delete, path = "/api/api-keys/{id}", tag = "api-keys", operation_id = "revokeApiKey",
    params(("id" = ApiKeyId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let revoked = store::revoke(&mut tx, id, app.now()).await?;
    let revoked = revoked.ok_or_else(|| Problem::not_found("API key"))?;
    let by = Actor::user(&admin.user);
    let happening = Happening::ApiKeyRevoked(&revoked);
    happenings::tell(&app, &mut tx, Some(&by), None, &happening).await?;
    app.jobs.enqueue(&mut tx, &SendOut { api_key: id }).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
