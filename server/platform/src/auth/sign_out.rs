//! Ends the session that the request came with.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::StatusCode;

use crate::{
    accounts::{self, CurrentUser, sessions},
    app::App,
    http::Problem,
};

/// Signs out.
#[utoipa::path(
    post, path = "/api/auth/sign-out", tag = "auth", operation_id = "signOut",
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sign_out(
    State(app): State<App>,
    current: CurrentUser,
) -> Result<(StatusCode, CookieJar), Problem> {
    let mut tx = app.db.begin().await?;
    sessions::end(&app, &mut tx, current.user.id, current.session).await?;
    tx.commit().await?;
    Ok((
        StatusCode::NO_CONTENT,
        CookieJar::new().add(accounts::forget_session()),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{db::outbox, testing::TestApp};

    #[tokio::test]
    async fn signing_out_ends_the_session_even_for_a_copy_of_its_cookie() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut copy = ada.clone();
        assert_eq!(
            ada.post("/api/auth/sign-out", json!(null)).await.status,
            204
        );
        assert!(!ada.cookies.contains_key("convoke_session"));
        assert_eq!(copy.get("/api/auth/me").await.status, 401);
        assert_eq!(
            ada.post("/api/auth/sign-out", json!(null)).await.status,
            401
        );
    }

    #[tokio::test]
    async fn signing_out_leaves_one_message_for_every_server_and_stream() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let db = &app.app().db;
        let before = outbox::kept(db).await.unwrap().newest;
        ada.post("/api/auth/sign-out", json!(null)).await;
        let left = outbox::messages_after(db, before, 10).await.unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].is_of_access() && left[0].subject.is_some());
    }
}
