//! Changes, pauses or resumes a webhook; for administrators.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    create::check,
    deliveries,
    filter::WebhookEvents,
    model::{PauseReason, Webhook, WebhookDescription, WebhookId, WebhookRooms},
    store,
    url::WebhookUrl,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::{self, Actor},
    happenings::{self, Happening},
    http::{IfMatch, Json, Path, Problem},
};

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhook {
    #[garde(skip)]
    #[schema(value_type = Option<WebhookUrl>)]
    url: Option<String>,
    #[garde(skip)]
    description: Option<WebhookDescription>,
    #[garde(skip)]
    events: Option<WebhookEvents>,
    #[garde(skip)]
    rooms: Option<WebhookRooms>,
    /// `true`: nothing is sent, and what happens waits. `false`: what waits is sent.
    #[garde(skip)]
    paused: Option<bool>,
}

/// Changes a webhook. What is queued already is sent to the new address; a filter counts for what happens from now on.
#[utoipa::path(
    patch, path = "/api/webhooks/{id}", tag = "webhooks", operation_id = "updateWebhook",
    params(("id" = WebhookId, Path), IfMatch), request_body = UpdateWebhook,
    responses(
        (status = 200, body = Webhook),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<WebhookId>,
    if_match: IfMatch,
    Json(change): Json<UpdateWebhook>,
) -> Result<Json<Webhook>, Problem> {
    let url = change.url.as_deref();
    let url = url.map(|url| WebhookUrl::parse(url, app.webhooks.guard()));
    let url = url.transpose();
    let url = url.map_err(|refused| Problem::invalid(vec![refused.into()]))?;
    let (events, rooms) = (change.events.as_ref(), change.rooms.as_ref());
    check(
        &app,
        events.unwrap_or(&WebhookEvents::default()),
        rooms.unwrap_or(&WebhookRooms::default()),
    )
    .await?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let before = store::to_change(&mut tx, id).await?;
    let before = before.ok_or_else(|| Problem::not_found("webhook"))?;
    if !if_match.allows(before.updated_at) {
        return Err(Problem::changed_meanwhile());
    }
    let mut after = before.clone();
    after.url = url.unwrap_or(after.url);
    after.description = change.description.unwrap_or(after.description);
    after.events = change.events.unwrap_or(after.events);
    after.rooms = change.rooms.unwrap_or(after.rooms);
    let (was_paused, paused) = (before.paused_at.is_some(), change.paused);
    match paused {
        Some(true) if !was_paused => {
            (after.paused_at, after.paused_because) = (Some(now), Some(PauseReason::ByHand));
        }
        Some(false) if was_paused => {
            (after.paused_at, after.paused_because) = (None, None);
            after.failing_since = None;
            deliveries::resume(&mut tx, id, now).await?;
        }
        Some(_) | None => {}
    }
    // Later than the change before, even within a millisecond.
    after.updated_at = now.max(crate::clock::Timestamp(before.updated_at.0 + 1));
    store::update(&mut tx, &after).await?;
    let by = Actor::user(&admin.user);
    for told in told(&before, &after) {
        happenings::tell(&app, &mut tx, Some(&by), None, &told).await?;
    }
    tx.commit().await?;
    app.webhooks.news.notify_one();
    Ok(Json(after))
}

fn told<'a>(before: &Webhook, after: &'a Webhook) -> Vec<Happening<'a>> {
    let hook = after.hook();
    let changes = audit::changes(&settings(before), &settings(after));
    let mut told = Vec::new();
    if changes
        .as_object()
        .is_some_and(|changes| !changes.is_empty())
    {
        told.push(Happening::WebhookUpdated { hook, changes });
    }
    match (before.paused_at, after.paused_because) {
        (None, Some(reason)) => told.push(Happening::WebhookPaused { hook, reason }),
        (Some(_), None) => told.push(Happening::WebhookResumed(hook)),
        (None, None) | (Some(_), Some(_)) => {}
    }
    told
}

/// What may be told of its settings: of the address the host, for the rest may hold a secret.
fn settings(webhook: &Webhook) -> Value {
    json!({
        "host": webhook.url.host(), "description": webhook.description, "events": webhook.events,
        "rooms": webhook.rooms,
    })
}
