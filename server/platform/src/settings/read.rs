//! Shows administrators the settings that can be changed while the site runs.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{Changed, SiteSettings},
    store,
};
use crate::{
    accounts::SeesSite,
    app::App,
    clock::Timestamp,
    http::{Json, Problem},
};

/// The settings, and where each comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// As they are in force.
    in_force: SiteSettings,
    /// As the configuration has them.
    configured: SiteSettings,
    /// Those that go before the configuration.
    changed: Vec<ChangedSetting>,
}

/// A setting that goes before the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedSetting {
    /// The key of the configuration, such as `auth.registration`.
    key: String,
    updated_at: Timestamp,
    /// Whoever changed it, as they were called then.
    updated_by: String,
}

/// The settings that can be changed while the site runs.
#[utoipa::path(
    get, path = "/api/admin/settings", tag = "admin", operation_id = "readSettings",
    responses(
        (status = 200, body = Settings),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(State(app): State<App>, _: SeesSite) -> Result<Json<Settings>, Problem> {
    let changed = store::changed(&app.db).await?;
    Ok(Json(show(&app, changed)))
}

/// As they are with these changes.
pub fn show(app: &App, changed: Vec<Changed>) -> Settings {
    let configured = SiteSettings::configured(&app.config);
    Settings {
        in_force: configured.clone().with(&changed),
        configured,
        changed: changed
            .into_iter()
            .map(|setting| ChangedSetting {
                key: setting.key.as_str().to_owned(),
                updated_at: setting.updated_at,
                updated_by: setting.updated_by_name,
            })
            .collect(),
    }
}
