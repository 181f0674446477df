//! Deletes an account and all its sessions; for administrators.

use axum::extract::State;
use http::StatusCode;
use serde_json::json;
use thiserror::Error;

use super::{LeaveCalls, User, UserId, store};
use crate::{
    app::App,
    audit::{self, Actor},
    auth::Admin,
    db::DbError,
    http::{Path, Problem},
};

/// Why an account is not deleted.
#[derive(Debug, Error)]
pub enum DeleteUserError {
    #[error("no such user")]
    NotFound,
    #[error("the last administrator must stay")]
    LastAdmin,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Problem {
        match error {
            DeleteUserError::NotFound => Problem::not_found("user"),
            DeleteUserError::LastAdmin => Problem::last_admin(),
            DeleteUserError::Internal(cause) => cause.into(),
        }
    }
}

/// Deletes an account.
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "users", operation_id = "deleteUser", params(("id" = UserId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn delete(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    apply(&app, &admin.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(app: &App, admin: &User, id: UserId) -> Result<(), DeleteUserError> {
    let mut tx = app.db.begin().await?;
    tx.lock("admins").await?;
    let user = store::find_to_change(&mut tx, id)
        .await?
        .ok_or(DeleteUserError::NotFound)?;
    if !store::has_other_admin(&mut tx, id).await? {
        return Err(DeleteUserError::LastAdmin);
    }
    store::delete(&mut tx, id).await?;
    app.jobs.enqueue(&mut tx, &LeaveCalls { user: id }).await?;
    let actor = Actor::user(admin);
    let detail = json!({"name": user.name, "email": user.email});
    audit::record(
        app,
        &mut tx,
        &actor,
        "user.deleted",
        None,
        Some(&id.to_string()),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn a_deleted_account_is_signed_out_and_its_address_is_free_again() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(admin.delete(&path).await.code(), "not_found");
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(
            app.browser()
                .post("/api/auth/sign-in", sign_in)
                .await
                .status,
            401
        );
        app.user("ada").await;
    }

    #[tokio::test]
    async fn the_last_administrator_cannot_be_deleted() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        app.user("ada").await;
        let answer = admin.delete(&format!("/api/users/{}", admin.user_id)).await;
        assert_eq!((answer.status, answer.code()), (409, "last_admin"));
    }
}
