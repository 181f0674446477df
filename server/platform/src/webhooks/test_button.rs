//! Sends a webhook a test now and says what its receiver said; for administrators.

use axum::extract::State;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    deliver::signing_keys,
    deliveries::{self, DeliveryId, Queued},
    model::WebhookId,
    read,
    send::Outgoing,
    store,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, EventType, Happening},
    http::{Json, Path, Problem},
};

/// What the receiver said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTestResult)]
pub struct TestResult {
    /// Its place in the log.
    delivery_id: DeliveryId,
    delivered: bool,
    /// `null`: there was no answer.
    #[schema(required = true)]
    status: Option<u16>,
    /// Why it failed; `null`: it did not.
    #[schema(required = true)]
    error: Option<String>,
    /// The first KB of the answer.
    #[schema(required = true)]
    answer: Option<String>,
    duration_ms: u64,
}

/// Sends a `webhook.test` now, past the queue and also while the webhook is paused.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/test", tag = "webhooks", operation_id = "testWebhook",
    params(("id" = WebhookId, Path)),
    responses(
        (status = 200, body = TestResult),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn test(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<WebhookId>,
) -> Result<Json<TestResult>, Problem> {
    let webhook = read::find(&app, id).await?;
    let by = Actor::user(&admin.user);
    let now = app.now();
    let data = json!({ "webhook_id": id, "by": by });
    let data = data.as_object().cloned().unwrap_or_default();
    let body = happenings::message(EventType::WebhookTest, now, &data);
    let delivery_id = DeliveryId::new(&app.random, now);
    let outgoing = Outgoing {
        url: &webhook.url,
        message_id: &delivery_id.message_id(),
        at: now,
        body: &body,
        keys: &signing_keys(&app, &webhook, now),
    };
    let said = app.webhooks.send(&outgoing).await;
    app.counters.webhook_sent(said.error.is_none());
    let mut tx = app.db.begin().await?;
    let queued = Queued {
        kind: EventType::WebhookTest,
        happened_at: now,
        body: &body,
    };
    // It may be gone by now.
    let found = store::to_change(&mut tx, id).await?;
    found.ok_or_else(|| Problem::not_found("webhook"))?;
    deliveries::write_down(&mut tx, (id, delivery_id), &queued, &said, now).await?;
    let delivered = said.error.is_none();
    let hook = webhook.hook();
    let tested = Happening::WebhookTested { hook, delivered };
    happenings::tell(&app, &mut tx, Some(&by), None, &tested).await?;
    tx.commit().await?;
    Ok(Json(TestResult {
        delivery_id,
        delivered,
        status: said.status.map(|status| status.as_u16()),
        error: said.error,
        answer: said.answer,
        duration_ms: u64::try_from(said.duration.as_millis()).unwrap_or(u64::MAX),
    }))
}
