//! Tells somebody their own preferences.

use axum::extract::State;

use super::{model::Preferences, store};
use crate::{
    accounts::CurrentUser,
    app::App,
    http::{Json, Problem},
};

/// The signed-in user's preferences.
#[utoipa::path(
    get, path = "/api/preferences", tag = "auth", operation_id = "getPreferences",
    responses(
        (status = 200, body = Preferences),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    current: CurrentUser,
) -> Result<Json<Preferences>, Problem> {
    Ok(Json(store::of(&app.db, current.user.id).await?))
}
