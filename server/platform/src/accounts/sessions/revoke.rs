//! Signs out one of one's own devices.

use axum::extract::State;
use http::StatusCode;

use super::{CurrentUser, SessionId};
use crate::{
    app::App,
    http::{Path, Problem},
};

/// Ends one of the signed-in user's sessions; that device leaves its calls.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = "auth", operation_id = "revokeSession", params(("id" = SessionId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke(
    State(app): State<App>,
    current: CurrentUser,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let ended = super::end(&app, &mut tx, current.user.id, id).await?;
    tx.commit().await?;
    if ended {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("session"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn a_revoked_device_is_signed_out_and_others_stay() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        app.advance(std::time::Duration::from_secs(1));
        let mut phone = app.browser();
        let input = json!({"email": "ada@example.org", "password": PASSWORD});
        phone.post("/api/auth/sign-in", input).await;
        let newest = ada.get("/api/auth/sessions").await.json["items"][0]["id"].clone();
        let path = format!("/api/auth/sessions/{}", newest.as_str().unwrap());
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(phone.get("/api/auth/me").await.status, 401);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        assert_eq!(ada.delete(&path).await.code(), "not_found");
    }

    #[tokio::test]
    async fn nobody_revokes_another_ones_session() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let id = ada.get("/api/auth/sessions").await.json["items"][0]["id"].clone();
        let answer = grace
            .delete(&format!("/api/auth/sessions/{}", id.as_str().unwrap()))
            .await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
    }
}
