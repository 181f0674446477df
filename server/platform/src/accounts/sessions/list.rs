//! Lists one's own signed-in devices.

use axum::extract::State;

use super::{CurrentUser, model::Session, store};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// Lists the signed-in user's sessions, newest first.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "auth", operation_id = "listSessions", params(PageQuery),
    responses(
        (status = 200, body = Page<Session>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    current: CurrentUser,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Session>>, Problem> {
    let rows = store::sessions(
        &app.db,
        current.user.id,
        app.now(),
        &page.before()?,
        page.fetch(),
    )
    .await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |session| session.id.to_string(),
        |session| Session {
            current: session.id == current.session,
            ..session
        },
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn a_user_sees_their_devices_and_which_one_this_is() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        app.user("grace").await;
        app.advance(std::time::Duration::from_secs(1));
        let mut phone = app.browser();
        phone.ip = "2001:db8::1".parse().unwrap();
        phone.set_header(http::header::USER_AGENT, "Phone/1.0");
        let input = json!({"email": "ada@example.org", "password": PASSWORD});
        phone.post("/api/auth/sign-in", input).await;
        let sessions = ada.get("/api/auth/sessions").await;
        let items = sessions.json["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{sessions:?}");
        assert_eq!(items[0]["user_agent"], "Phone/1.0");
        assert_eq!(items[0]["ip"], "2001:db8::1");
        assert_eq!(
            (&items[0]["current"], &items[1]["current"]),
            (&json!(false), &json!(true))
        );
        assert_eq!(items[1]["kind"], "cookie");
    }

    #[tokio::test]
    async fn no_token_or_hash_is_shown() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let text = ada.get("/api/auth/sessions").await.text;
        assert!(!text.contains("cvk_") && !text.contains("hash"), "{text}");
    }
}
