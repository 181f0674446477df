//! Signs out all of one's own devices but this one.

use axum::extract::State;
use http::StatusCode;

use super::CurrentUser;
use crate::{app::App, http::Problem};

/// Ends every session of the signed-in user except this one; those devices leave their calls.
#[utoipa::path(
    post, path = "/api/auth/sessions/revoke-others", tag = "auth", operation_id = "revokeOtherSessions",
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke_others(
    State(app): State<App>,
    current: CurrentUser,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    super::end_others(&app, &mut tx, current.user.id, current.session).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn only_this_device_of_this_user_stays_signed_in() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let mut phone = app.browser();
        let input = json!({"email": "ada@example.org", "password": PASSWORD});
        phone.post("/api/auth/sign-in", input).await;
        let answer = ada
            .post("/api/auth/sessions/revoke-others", json!(null))
            .await;
        assert_eq!(answer.status, 204);
        assert_eq!(phone.get("/api/auth/me").await.status, 401);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        assert_eq!(grace.get("/api/auth/me").await.status, 200);
    }
}
