//! Deletes an ingress; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::model::told;
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Deletes an ingress: its key is worth nothing any more, and whoever publishes by it leaves.
#[utoipa::path(
    delete, path = "/api/ingress/{id}", tag = "ingress", operation_id = "deleteIngress",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn delete(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let deleted = app.livekit.delete_ingress(&id, app.now()).await?;
    let happening = Happening::IngressDeleted(told(&deleted));
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(StatusCode::NO_CONTENT)
}
