//! Shows one delivery with all that was sent and said; for administrators.

use axum::extract::State;

use super::{
    model::{Delivery, DeliveryId, WholeDelivery},
    store,
};
use crate::{
    accounts::Admin,
    app::App,
    http::{Json, Path, Problem},
    webhooks::model::WebhookId,
};

const MOST_ATTEMPTS: i64 = 50;

/// Reads one delivery: its body and headers, each attempt and what the receiver said.
#[utoipa::path(
    get, path = "/api/webhooks/{id}/deliveries/{delivery_id}", tag = "webhooks",
    operation_id = "readWebhookDelivery",
    params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses(
        (status = 200, body = WholeDelivery),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    _: Admin,
    Path((webhook, id)): Path<(WebhookId, DeliveryId)>,
) -> Result<Json<WholeDelivery>, Problem> {
    let delivery = find(&app, webhook, id).await?;
    let body = store::body(&app.db, id).await?;
    let body = body.ok_or_else(|| Problem::not_found("delivery"))?;
    let tries = store::attempts(&app.db, id, MOST_ATTEMPTS).await?;
    Ok(Json(WholeDelivery::new(delivery, body, tries)))
}

/// The delivery, or that there is none.
pub async fn find(app: &App, webhook: WebhookId, id: DeliveryId) -> Result<Delivery, Problem> {
    let delivery = store::find(&app.db, webhook, id).await?;
    delivery.ok_or_else(|| Problem::not_found("delivery"))
}
