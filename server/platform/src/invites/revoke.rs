//! Revokes an invite; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::{model::InviteId, store};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, Invitation},
    http::{Path, Problem},
};

/// Revokes an invite; an account made with it stays.
#[utoipa::path(
    delete, path = "/api/invites/{id}", tag = "invites", operation_id = "revokeInvite", params(("id" = InviteId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<InviteId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let called = store::delete(&mut tx, id).await?;
    let called = called.ok_or_else(|| Problem::not_found("invite"))?;
    let by = Actor::user(&admin.user);
    let revoked = Happening::InviteRevoked(Invitation {
        id: &id.to_string(),
        note: called.note.as_deref(),
        email: called.email.as_deref(),
        role: called.role,
    });
    happenings::tell(&app, &mut tx, Some(&by), None, &revoked).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn a_revoked_invite_lets_nobody_register() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let invite = admin.post("/api/invites", json!({})).await.json;
        let path = format!("/api/invites/{}", invite["id"].as_str().unwrap());
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(admin.delete(&path).await.code(), "not_found");
        let input = json!({
            "email": "ada@example.org", "name": "Ada", "password": PASSWORD,
            "invite": invite["code"],
        });
        let answer = app.browser().post("/api/auth/register", input).await;
        assert_eq!(answer.code(), "invite_invalid");
    }
}
