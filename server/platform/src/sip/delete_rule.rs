//! Deletes a dispatch rule; for administrators.

use axum::extract::State;
use http::StatusCode;

use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Deletes a rule. Calls that go on stay.
#[utoipa::path(
    delete, path = "/api/sip/rules/{id}", tag = "sip", operation_id = "deleteSipRule",
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
    app.livekit.delete_dispatch_rule(&id, app.now()).await?;
    let happening = Happening::SipRuleDeleted { id: &id };
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(StatusCode::NO_CONTENT)
}
