//! Changes settings while the site runs, or gives them back to the configuration; for administrators.

use axum::extract::State;
use serde_json::json;

use super::{
    in_force::refresh,
    model::{SettingKey, SiteSettings, UpdateSettings},
    read::{Settings, show},
    store,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::{self, Actor},
    happenings::{self, Happening},
    http::{Json, Problem},
};

/// Changes settings. What is changed holds at once, on other servers of the same database within seconds.
#[utoipa::path(
    patch, path = "/api/admin/settings", tag = "admin", operation_id = "updateSettings", request_body = UpdateSettings,
    responses(
        (status = 200, body = Settings),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(mut input): Json<UpdateSettings>,
) -> Result<Json<Settings>, Problem> {
    if let Some(Some(name)) = &mut input.site_name {
        *name = crate::text::clean(name);
        if name.is_empty() {
            let says = "A name has characters that can be seen.";
            return Err(Problem::invalid_field("site_name", "invalid", says));
        }
    }
    let changes = input.changes().map_err(|error| Problem::internal(&error))?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    tx.lock("settings").await?;
    let configured = SiteSettings::configured(&app.config);
    let before = configured.clone().with(&store::changed(&mut tx).await?);
    for (key, value) in changes {
        match value {
            // Nothing changes: later changes of the configuration hold as before.
            Some(value) if says_the_same(&before, key, &value) => {}
            Some(value) => store::set(&mut tx, key, &value, admin.user.name.as_str(), now).await?,
            None => store::give_back(&mut tx, key).await?,
        }
    }
    let changed = store::changed(&mut tx).await?;
    let after = configured.with(&changed);
    let changes = audit::changes(&json!(before), &json!(after));
    if before != after {
        let by = Actor::user(&admin.user);
        let happening = Happening::SettingsUpdated { changes };
        happenings::tell(&app, &mut tx, Some(&by), None, &happening).await?;
    }
    tx.commit().await?;
    if let Err(error) = refresh(&app).await {
        // It is kept, and taken up within moments.
        tracing::warn!(%error, "changed settings cannot be read yet");
    }
    Ok(Json(show(&app, changed)))
}

fn says_the_same(before: &SiteSettings, key: SettingKey, value: &str) -> bool {
    let mut after = before.clone();
    after.put(key, value);
    after == *before
}
