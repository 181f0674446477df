//! Makes a webhook; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    filter::WebhookEvents,
    model::{Webhook, WebhookDescription, WebhookId, WebhookRooms},
    secret::SigningKey,
    store,
    url::WebhookUrl,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    db::outbox,
    happenings::{self, Happening},
    http::{FieldError, Json, Problem},
    rooms,
};

/// Each of them is fed with every event.
const MOST: i64 = 50;

/// Where events are to be sent, and which.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// An https address; http and private addresses where the server's configuration allows them.
    #[garde(skip)]
    #[schema(value_type = WebhookUrl)]
    url: String,
    #[garde(skip)]
    #[serde(default)]
    description: WebhookDescription,
    /// What is sent; everything when left out.
    #[garde(skip)]
    #[serde(default)]
    events: WebhookEvents,
    /// Whose events are sent; those of all rooms and of the site when left out.
    #[garde(skip)]
    #[serde(default)]
    rooms: WebhookRooms,
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Signs its messages; in this answer only.
    pub secret: String,
}

/// Makes a webhook; its secret is in this answer only.
#[utoipa::path(
    post, path = "/api/webhooks", tag = "webhooks", operation_id = "createWebhook", request_body = CreateWebhook,
    responses(
        (status = 201, body = WebhookWithSecret),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(input): Json<CreateWebhook>,
) -> Result<(StatusCode, Json<WebhookWithSecret>), Problem> {
    let url = WebhookUrl::parse(&input.url, app.webhooks.guard());
    let url = url.map_err(|refused| Problem::invalid(vec![refused.into()]))?;
    check(&app, &input.events, &input.rooms).await?;
    let now = app.now();
    let by = Actor::user(&admin.user);
    let webhook = Webhook {
        id: WebhookId::new(&app.random, now),
        url,
        description: input.description,
        events: input.events,
        rooms: input.rooms,
        paused_at: None,
        paused_because: None,
        old_secret_until: None,
        last_attempt_at: None,
        last_status: None,
        last_error: None,
        failing_since: None,
        created_by_name: by.name.clone(),
        created_at: now,
        updated_at: now,
        secret_version: 1,
    };
    let mut tx = app.db.begin().await?;
    if store::count(&mut tx).await? >= MOST {
        let detail = format!("There are {MOST} webhooks already: delete one first.");
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "too_many_webhooks",
            detail,
        ));
    }
    // What comes after is sent to it.
    let fed_to = outbox::kept(&mut tx).await?.newest;
    store::insert(&mut tx, &webhook, admin.user.id, fed_to).await?;
    let created = Happening::WebhookCreated(webhook.hook());
    happenings::tell(&app, &mut tx, Some(&by), None, &created).await?;
    tx.commit().await?;
    let key = SigningKey::of(webhook.id, 1, &app.livekit.endpoint().api_secret);
    let created = WebhookWithSecret {
        secret: key.shown(),
        webhook,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Whether there are not too many words, and every room is there.
pub async fn check(app: &App, events: &WebhookEvents, scope: &WebhookRooms) -> Result<(), Problem> {
    let too_many = |field: &str, most: usize| {
        let why = format!("Name {most} at most, or none for all.");
        Err(Problem::invalid_field(field, "too_many", why))
    };
    if events.len() > WebhookEvents::MOST {
        return too_many("events", WebhookEvents::MOST);
    }
    if scope.0.len() > WebhookRooms::MOST {
        return too_many("rooms", WebhookRooms::MOST);
    }
    let known = rooms::not_deleted(&app.db, &scope.0).await?;
    let unknown = scope.0.iter().enumerate();
    let unknown = unknown.filter(|(_, id)| known.iter().all(|room| room.id != **id));
    let errors: Vec<FieldError> = unknown
        .map(|(index, _)| FieldError {
            field: format!("rooms[{index}]"),
            code: "unknown_room",
            detail: "There is no such room.".to_owned(),
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(errors))
    }
}
