//! Changes one's own preferences.

use axum::extract::State;

use super::{
    model::{Preferences, UpdatePreferences},
    store,
};
use crate::{
    accounts::CurrentUser,
    app::App,
    http::{Json, Problem},
};

/// Changes the signed-in user's preferences. What is `null` is as the device says.
#[utoipa::path(
    patch, path = "/api/preferences", tag = "auth", operation_id = "updatePreferences", request_body = UpdatePreferences,
    responses(
        (status = 200, body = Preferences),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    current: CurrentUser,
    Json(input): Json<UpdatePreferences>,
) -> Result<Json<Preferences>, Problem> {
    let user = current.user.id;
    let mut tx = app.db.begin().await?;
    // Two changes of one person's at once: neither takes the other's back.
    tx.lock(&format!("preferences:{user}")).await?;
    let preferences = store::of(&mut tx, user).await?.with(input);
    store::keep(&mut tx, user, &preferences).await?;
    tx.commit().await?;
    Ok(Json(preferences))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Preferences, store};
    use crate::testing::{PASSWORD, TestApp};

    const PREFERENCES: &str = "/api/preferences";

    #[tokio::test]
    async fn what_somebody_prefers_is_theirs_wherever_they_sign_in() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let nothing =
            json!({"language": null, "theme": null, "time_zone": null, "page_size": null});
        assert_eq!(ada.get(PREFERENCES).await.json, nothing);
        let chosen = json!({"language": "fr", "time_zone": "America/Argentina/Buenos_Aires"});
        assert_eq!(ada.patch(PREFERENCES, chosen).await.status, 200);
        let more = ada
            .patch(
                PREFERENCES,
                json!({"theme": "dark", "page_size": 20, "language": null}),
            )
            .await;
        let kept = json!({"language": null, "theme": "dark", "page_size": 20,
            "time_zone": "America/Argentina/Buenos_Aires"});
        assert_eq!(more.json, kept);
        let mut elsewhere = app.browser();
        let account = json!({"email": "ada@example.org", "password": PASSWORD});
        elsewhere.post("/api/auth/sign-in", account).await;
        assert_eq!(elsewhere.get(PREFERENCES).await.json, kept);
        assert_eq!(app.user("grace").await.get(PREFERENCES).await.json, nothing);
        assert_eq!(app.browser().get(PREFERENCES).await.status, 401);
    }

    #[tokio::test]
    async fn what_is_no_preference_is_refused_with_its_field() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        for (field, value) in [
            ("language", json!("tlh")),
            ("theme", json!("pink")),
            ("time_zone", json!("../etc/passwd")),
            ("time_zone", json!("")),
            ("time_zone", json!("A".repeat(65))),
            ("page_size", json!(0)),
            ("page_size", json!(30)),
        ] {
            let answer = ada.patch(PREFERENCES, json!({ field: value })).await;
            assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
            assert_eq!(answer.json["field"], field, "{}", answer.json);
        }
    }

    #[tokio::test]
    async fn preferences_go_with_their_account() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut admin = app.admin().await;
        ada.patch(PREFERENCES, json!({"theme": "dark"})).await;
        let account = format!("/api/users/{}", ada.user_id);
        assert_eq!(admin.delete(&account).await.status, 204);
        let id = ada.user_id.parse().unwrap();
        let left = store::of(&app.app().db, id).await.unwrap();
        assert_eq!(left, Preferences::default());
    }
}
