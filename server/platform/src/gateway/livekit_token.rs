//! LiveKit's standard token endpoint, which livekit-client's `TokenSource.endpoint` asks: a join token for whoever has a key
//! and its secret.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::State;
use axum_extra::headers::{Authorization, HeaderMapExt, authorization::Basic};
use garde::Validate;
use http::{HeaderMap, StatusCode};
use livekit_protocol::RoomConfiguration;
use livekit_wire::{Claims, VideoGrants};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{ToSchema, openapi::Object};

use super::create_token::{LONGEST_IDENTITY, LONGEST_METADATA, LONGEST_NAME, LONGEST_ROOM};
use crate::{
    api_keys,
    app::App,
    http::{Json, Problem, SiteAddress, openapi},
};

// Clients ask for a new one for each connection.
const TOKEN_LIFE: Duration = Duration::from_mins(15);

fn room() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_ROOM))
}

fn identity() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_IDENTITY))
}

fn name() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_NAME))
}

fn metadata() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_METADATA))
}

/// Who joins what; LiveKit's words. What is left out is made up.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
pub struct LiveKitTokenRequest {
    #[garde(length(chars, max = LONGEST_ROOM))]
    #[serde(default)]
    #[schema(schema_with = room)]
    room_name: Option<String>,
    #[garde(length(chars, max = LONGEST_IDENTITY))]
    #[serde(default)]
    #[schema(schema_with = identity)]
    participant_identity: Option<String>,
    #[garde(length(chars, max = LONGEST_NAME))]
    #[serde(default)]
    #[schema(schema_with = name)]
    participant_name: Option<String>,
    #[garde(length(chars, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    participant_metadata: Option<String>,
    #[garde(skip)]
    #[serde(default)]
    participant_attributes: Option<BTreeMap<String, String>>,
    /// LiveKit's `RoomConfiguration`: agents, timeouts, egress.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    room_config: Option<Value>,
}

/// Where and with what to join; LiveKit's words.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveKitToken {
    server_url: String,
    participant_token: String,
}

/// LiveKit's standard token endpoint. `Authorization: Basic` with an API key and its secret.
#[utoipa::path(
    post, path = "/api/livekit/token", tag = "api-keys", operation_id = "createLiveKitToken",
    request_body = LiveKitTokenRequest,
    responses(
        (status = 201, body = LiveKitToken),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn livekit_token(
    State(app): State<App>,
    site: SiteAddress,
    headers: HeaderMap,
    Json(input): Json<LiveKitTokenRequest>,
) -> Result<(StatusCode, Json<LiveKitToken>), Problem> {
    // Another kind of credentials is as good as none.
    let credentials = headers.typed_get::<Authorization<Basic>>();
    let Authorization(basic) = credentials.ok_or_else(Problem::unauthenticated)?;
    let secret = basic.password().to_owned().into();
    let api_key = api_keys::find_by_secret(&app, basic.username(), &secret).await?;
    let api_key = api_key.ok_or_else(Problem::unauthenticated)?;
    let claims = claims(&app, input)?;
    let token = api_keys::sign_token(&app, &api_key, &claims, (app.now(), TOKEN_LIFE))?;
    let answer = LiveKitToken {
        server_url: site.socket_origin(),
        participant_token: token,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn claims(app: &App, input: LiveKitTokenRequest) -> Result<Claims, Problem> {
    let made_up = |given: Option<String>, kind: &str| {
        given
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| format!("{kind}-{}", app.random.token()))
    };
    let room_config = input
        .room_config
        .filter(|value| !value.is_null())
        .map(serde_json::from_value::<RoomConfiguration>)
        .transpose()
        .map_err(|error| Problem::invalid_field("room_config", "invalid", error.to_string()))?;
    let video = VideoGrants {
        room_join: true,
        room: made_up(input.room_name, "room"),
        ..VideoGrants::default()
    };
    Ok(Claims {
        identity: made_up(input.participant_identity, "participant"),
        name: input.participant_name.unwrap_or_default(),
        metadata: input.participant_metadata.unwrap_or_default(),
        attributes: input.participant_attributes.unwrap_or_default(),
        video: Some(video),
        room_config,
        ..Claims::default()
    })
}
