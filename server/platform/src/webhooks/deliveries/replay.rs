//! Sends one delivery again; for administrators.

use axum::extract::State;
use serde_json::json;

use super::{
    model::{Delivery, DeliveryId},
    read, store,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    webhooks::{model::WebhookId, store as webhooks},
};

/// Queues a delivery again, with the same message id; one that waits is tried at once when its turn has come.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/deliveries/{delivery_id}/replay", tag = "webhooks",
    operation_id = "replayWebhookDelivery",
    params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses(
        (status = 200, body = Delivery),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn replay(
    State(app): State<App>,
    Admin(admin): Admin,
    Path((webhook, id)): Path<(WebhookId, DeliveryId)>,
) -> Result<Json<Delivery>, Problem> {
    let delivery = read::find(&app, webhook, id).await?;
    let mut tx = app.db.begin().await?;
    let found = webhooks::to_change(&mut tx, webhook).await?;
    let found = found.ok_or_else(|| Problem::not_found("webhook"))?;
    store::replay(&mut tx, webhook, id, app.now()).await?;
    let replayed = Happening::WebhookReplayed {
        hook: found.hook(),
        detail: json!({ "message_id": id.message_id(), "type": delivery.kind }),
    };
    let by = Actor::user(&admin.user);
    happenings::tell(&app, &mut tx, Some(&by), None, &replayed).await?;
    tx.commit().await?;
    app.webhooks.news.notify_one();
    Ok(Json(read::find(&app, webhook, id).await?))
}
