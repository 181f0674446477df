//! Changes one's own name.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    accounts::{self, CurrentUser, User, UserName},
    app::App,
    http::{Json, Problem},
};

/// The new name.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    #[garde(skip)]
    name: UserName,
}

/// Changes the signed-in user's name.
#[utoipa::path(
    patch, path = "/api/auth/me", tag = "auth", operation_id = "renameMe", request_body = Rename,
    responses(
        (status = 200, body = User),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn rename(
    State(app): State<App>,
    current: CurrentUser,
    Json(input): Json<Rename>,
) -> Result<Json<User>, Problem> {
    let mut tx = app.db.begin().await?;
    let renamed = accounts::rename(&app, &mut tx, current.user.id, input.name).await?;
    let user = renamed.ok_or_else(Problem::unauthenticated)?;
    tx.commit().await?;
    Ok(Json(user))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn a_user_changes_their_name_and_nothing_else() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let answer = ada
            .patch("/api/auth/me", json!({"name": "Ada Lovelace"}))
            .await;
        assert_eq!(
            (answer.status, answer.json["name"].as_str()),
            (200, Some("Ada Lovelace"))
        );
        assert_eq!(ada.get("/api/auth/me").await.json["name"], "Ada Lovelace");
        let answer = ada
            .patch("/api/auth/me", json!({"name": "A", "role": "admin"}))
            .await;
        assert_eq!(answer.code(), "validation_failed");
        assert_eq!(ada.get("/api/auth/me").await.json["role"], "user");
    }
}
