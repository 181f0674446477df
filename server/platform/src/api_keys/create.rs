//! Makes an API key; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    model::{ApiKey, ApiKeyId, ApiKeyName, Ceiling, RoomNames},
    secret, store,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Problem},
};

// As LiveKit's own generator makes them: "API" and twelve letters or digits that nobody mistakes for others.
const PREFIX: &str = "API";
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const LENGTH: usize = 12;

/// What the key is for.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    #[garde(skip)]
    name: ApiKeyName,
    /// What its tokens may grant at most.
    #[garde(skip)]
    grants: Ceiling,
    /// Names on the media server, each of which may end in an asterisk; every room when left out.
    #[garde(skip)]
    #[serde(default)]
    rooms: Option<RoomNames>,
}

/// A key with its secret.
#[derive(Serialize, ToSchema)]
pub struct CreatedApiKey {
    #[serde(flatten)]
    api_key: ApiKey,
    /// In this answer only.
    secret: String,
}

/// Makes an API key; its secret is in this answer only.
#[utoipa::path(
    post, path = "/api/api-keys", tag = "api-keys", operation_id = "createApiKey", request_body = CreateApiKey,
    responses(
        (status = 201, body = CreatedApiKey),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(input): Json<CreateApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), Problem> {
    let now = app.now();
    let by = Actor::user(&admin.user);
    let api_key = ApiKey {
        id: ApiKeyId::new(&app.random, now),
        key: format!("{PREFIX}{}", app.random.code(ALPHABET, LENGTH)),
        name: input.name,
        grants: input.grants,
        rooms: input.rooms,
        created_by_name: by.name.clone(),
        created_at: now,
        last_used_at: None,
        revoked_at: None,
    };
    let mut tx = app.db.begin().await?;
    store::insert(&mut tx, &api_key, admin.user.id).await?;
    let created = Happening::ApiKeyCreated(&api_key);
    happenings::tell(&app, &mut tx, Some(&by), None, &created).await?;
    tx.commit().await?;
    let secret = secret::of(&api_key.key, &app.livekit.endpoint().api_secret);
    let created = CreatedApiKey {
        secret: secret.expose_secret().to_owned(),
        api_key,
    };
    Ok((StatusCode::CREATED, Json(created)))
}
