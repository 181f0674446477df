//! Shows one webhook; for administrators.

use axum::extract::State;

use super::{
    model::{Webhook, WebhookId},
    store,
};
use crate::{
    accounts::Admin,
    app::App,
    http::{Json, Path, Problem},
};

/// Reads one webhook.
#[utoipa::path(
    get, path = "/api/webhooks/{id}", tag = "webhooks", operation_id = "readWebhook",
    params(("id" = WebhookId, Path)),
    responses(
        (status = 200, body = Webhook),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<WebhookId>,
) -> Result<Json<Webhook>, Problem> {
    Ok(Json(find(&app, id).await?))
}

/// The webhook, or that there is none.
pub async fn find(app: &App, id: WebhookId) -> Result<Webhook, Problem> {
    let webhook = store::find(&app.db, id).await?;
    webhook.ok_or_else(|| Problem::not_found("webhook"))
}
