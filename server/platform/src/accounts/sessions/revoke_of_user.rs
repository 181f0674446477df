//! Signs somebody out, on one device or on all; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::SessionId;
use crate::{
    accounts::{Admin, User, UserId, store as accounts},
    app::App,
    audit::Actor,
    db::Tx,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Ends one session of an account; that device leaves its calls.
#[utoipa::path(
    delete, path = "/api/users/{id}/sessions/{session_id}", tag = "users", operation_id = "revokeUserSession",
    params(("id" = UserId, Path), ("session_id" = SessionId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke_one(
    State(app): State<App>,
    Admin(admin): Admin,
    Path((id, session)): Path<(UserId, SessionId)>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let user = find(&mut tx, id).await?;
    if !super::end(&app, &mut tx, id, session).await? {
        return Err(Problem::not_found("session"));
    }
    tell(&app, tx, &admin.user, &user).await
}

/// Ends every session of an account; its devices leave their calls.
#[utoipa::path(
    delete, path = "/api/users/{id}/sessions", tag = "users", operation_id = "revokeUserSessions",
    params(("id" = UserId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke_all(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let user = find(&mut tx, id).await?;
    super::end_all(&app, &mut tx, id).await?;
    tell(&app, tx, &admin.user, &user).await
}

async fn find(tx: &mut Tx, id: UserId) -> Result<User, Problem> {
    let user = accounts::find_to_change(tx, id).await?;
    user.ok_or_else(|| Problem::not_found("user"))
}

async fn tell(app: &App, mut tx: Tx, admin: &User, user: &User) -> Result<StatusCode, Problem> {
    let (by, out) = (Actor::user(admin), Happening::UserSignedOut(user));
    happenings::tell(app, &mut tx, Some(&by), None, &out).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn an_administrator_ends_one_session_or_all_and_it_is_on_record() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        app.advance(Duration::from_secs(1));
        let mut phone = app.browser();
        let input = json!({"email": "ada@example.org", "password": PASSWORD});
        phone.post("/api/auth/sign-in", input).await;
        app.advance(Duration::from_secs(1));
        let path = format!("/api/users/{}/sessions", ada.user_id);
        let listed = admin.get(&path).await.json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
        assert_eq!(listed["items"][0]["current"], false);
        let newest = listed["items"][0]["id"].as_str().unwrap();
        assert_eq!(admin.delete(&format!("{path}/{newest}")).await.status, 204);
        assert_eq!(phone.get("/api/auth/me").await.status, 401);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        let gone = admin.delete(&format!("{path}/{newest}")).await;
        assert_eq!((gone.status, gone.code()), (404, "not_found"));
        let others = format!("/api/users/{}/sessions/{newest}", admin.user_id);
        assert_eq!(admin.delete(&others).await.status, 404);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
        let nobody = "/api/users/01900000-0000-7000-8000-000000000000/sessions";
        assert_eq!(admin.delete(nobody).await.status, 404);
        let records = admin
            .get("/api/admin/audit?action=user.signed_out")
            .await
            .json;
        assert_eq!(records["items"].as_array().unwrap().len(), 2, "{records}");
        assert_eq!(records["items"][0]["target_name"], "ada");
        assert_eq!(records["items"][0]["actor"]["name"], "Admin");
    }
}
