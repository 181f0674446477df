//! Tells who is signed in.

use crate::{
    accounts::{CurrentUser, User},
    http::{Json, Problem},
};

/// The signed-in user.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "auth", operation_id = "getMe",
    responses(
        (status = 200, body = User),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn me(current: CurrentUser) -> Json<User> {
    Json(current.user)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::testing::TestApp;

    const DAY: Duration = Duration::from_hours(24);

    #[tokio::test]
    async fn nobody_is_nobody() {
        let app = TestApp::start().await;
        let answer = app.browser().get("/api/auth/me").await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let mut forged = app.browser();
        forged
            .cookies
            .insert("convoke_session".to_owned(), "cvk_forged".to_owned());
        assert_eq!(forged.get("/api/auth/me").await.status, 401);
    }

    #[tokio::test]
    async fn a_session_lasts_while_it_is_used_and_ends_when_it_is_not() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        app.advance(DAY * 29);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        app.advance(DAY * 29);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        app.advance(DAY * 30);
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
    }

    #[tokio::test]
    async fn being_here_is_noted_at_most_every_five_minutes() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let first = ada.get("/api/auth/me").await.json["last_seen_at"]
            .as_i64()
            .unwrap();
        app.advance(Duration::from_secs(299));
        ada.get("/api/auth/me").await;
        let seen = ada.get("/api/auth/me").await.json["last_seen_at"]
            .as_i64()
            .unwrap();
        assert_eq!(seen, first);
        app.advance(Duration::from_secs(1));
        ada.get("/api/auth/me").await;
        let seen = ada.get("/api/auth/me").await.json["last_seen_at"]
            .as_i64()
            .unwrap();
        assert_eq!(seen, first + 300_000);
    }
}
