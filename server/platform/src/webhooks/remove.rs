//! Deletes a webhook; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::{model::WebhookId, store};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Deletes a webhook with its log: nothing is sent to it any more.
#[utoipa::path(
    delete, path = "/api/webhooks/{id}", tag = "webhooks", operation_id = "deleteWebhook",
    params(("id" = WebhookId, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn remove(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<WebhookId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.db.begin().await?;
    let webhook = store::to_change(&mut tx, id).await?;
    let webhook = webhook.ok_or_else(|| Problem::not_found("webhook"))?;
    store::delete(&mut tx, id, app.now()).await?;
    let by = Actor::user(&admin.user);
    let deleted = Happening::WebhookDeleted(webhook.hook());
    happenings::tell(&app, &mut tx, Some(&by), None, &deleted).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
