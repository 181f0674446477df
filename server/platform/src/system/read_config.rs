//! Shows administrators the configuration as it is in force.

use axum::extract::State;

use crate::{
    accounts::SeesSite,
    app::App,
    config::Setting,
    http::{Json, Problem},
    settings,
};

/// Every key of the configuration with its value, and where that comes from. Of secrets only whether they are set.
#[utoipa::path(
    get, path = "/api/config", tag = "admin", operation_id = "readConfig",
    responses(
        (status = 200, body = Vec<Setting>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(State(app): State<App>, _: SeesSite) -> Result<Json<Vec<Setting>>, Problem> {
    Ok(Json(
        settings::over(&app, app.origin.settings.clone()).await?,
    ))
}
