//! Sends again what happened since a moment; for administrators.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::store;
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    clock::Timestamp,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    webhooks::{model::WebhookId, store as webhooks},
};

/// More at once would hold up everybody who writes.
const MOST: i64 = 10_000;

/// What is sent again.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaySince {
    /// What happened then or later.
    #[garde(skip)]
    since: Timestamp,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// How many deliveries were queued again.
    queued: i64,
}

/// Queues again what happened since a moment and was delivered or given up, in its order; what waits is sent anyway.
#[utoipa::path(
    post, path = "/api/webhooks/{id}/replay", tag = "webhooks", operation_id = "replayWebhookSince",
    params(("id" = WebhookId, Path)), request_body = ReplaySince,
    responses(
        (status = 200, body = Replayed),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn replay_since(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<WebhookId>,
    Json(ReplaySince { since }): Json<ReplaySince>,
) -> Result<Json<Replayed>, Problem> {
    let mut tx = app.db.begin().await?;
    let found = webhooks::to_change(&mut tx, id).await?;
    let found = found.ok_or_else(|| Problem::not_found("webhook"))?;
    let queued = store::count_since(&mut tx, id, since, MOST + 1).await?;
    if queued > MOST {
        let why = format!("More than {MOST} deliveries: choose a later moment.");
        return Err(Problem::invalid_field("since", "too_many", why));
    }
    store::replay_since(&mut tx, id, (since, queued), app.now()).await?;
    let replayed = Happening::WebhookReplayed {
        hook: found.hook(),
        detail: json!({ "since": since, "queued": queued }),
    };
    let by = Actor::user(&admin.user);
    happenings::tell(&app, &mut tx, Some(&by), None, &replayed).await?;
    tx.commit().await?;
    app.webhooks.news.notify_one();
    Ok(Json(Replayed { queued }))
}
