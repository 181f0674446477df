//! Gives a webhook a new secret; for administrators.

use std::time::Duration;

use axum::extract::State;

use super::{create::WebhookWithSecret, model::WebhookId, secret::SigningKey, store};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
};

/// How long the secret before signs as well.
const OVERLAP: Duration = Duration::from_hours(24);

/// Gives a webhook a new secret, which is in this answer only. For 24 hours messages are signed with the one before, too.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/rotate-secret", tag = "webhooks", operation_id = "rotateWebhookSecret",
    params(("id" = WebhookId, Path)),
    responses(
        (status = 200, body = WebhookWithSecret),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn rotate_secret(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<WebhookId>,
) -> Result<Json<WebhookWithSecret>, Problem> {
    let mut tx = app.db.begin().await?;
    let webhook = store::to_change(&mut tx, id).await?;
    let mut webhook = webhook.ok_or_else(|| Problem::not_found("webhook"))?;
    webhook.secret_version += 1;
    webhook.old_secret_until = Some(app.now() + OVERLAP);
    store::update(&mut tx, &webhook).await?;
    let by = Actor::user(&admin.user);
    let rotated = Happening::WebhookSecretRotated(webhook.hook());
    happenings::tell(&app, &mut tx, Some(&by), None, &rotated).await?;
    tx.commit().await?;
    let media_server = &app.livekit.endpoint().api_secret;
    let key = SigningKey::of(id, webhook.secret_version, media_server);
    let secret = key.shown();
    Ok(Json(WebhookWithSecret { webhook, secret }))
}
