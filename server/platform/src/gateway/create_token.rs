//! Makes a token of an API key; for administrators, who try things out with it.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_wire::{Claims, VideoGrants, token::SipGrants};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use crate::{
    accounts::Admin,
    api_keys::{self, ApiKeyGrant, ApiKeyId, Ceiling, TokenRefused},
    app::App,
    audit::Actor,
    clock::Timestamp,
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress, openapi},
    rooms::named,
};

/// In characters; LiveKit's own bounds.
pub(super) const LONGEST_ROOM: usize = 256;
pub(super) const LONGEST_IDENTITY: usize = 256;
pub(super) const LONGEST_NAME: usize = 256;
pub(super) const LONGEST_METADATA: usize = 16 * 1024;
const SHORTEST_LIFE: u32 = 60;
const LONGEST_LIFE: u32 = 7 * 24 * 60 * 60;

fn room() -> Object {
    openapi::text(0..=LONGEST_ROOM).build()
}

fn identity() -> Object {
    openapi::text(0..=LONGEST_IDENTITY).build()
}

fn name() -> Object {
    openapi::text(0..=LONGEST_NAME).build()
}

fn metadata() -> Object {
    openapi::text(0..=LONGEST_METADATA).build()
}

fn lifetime() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(SHORTEST_LIFE))
        .maximum(Some(LONGEST_LIFE))
        .build()
}

/// What the token is to say.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    #[garde(skip)]
    api_key_id: ApiKeyId,
    /// None of them may be beyond the key's.
    #[garde(skip)]
    grants: Ceiling,
    /// The link or code of one of our rooms, or a room's name on the media server; needed to join or to moderate.
    #[garde(length(chars, max = LONGEST_ROOM))]
    #[serde(default)]
    #[schema(schema_with = room)]
    room: String,
    /// Needed to join.
    #[garde(length(chars, max = LONGEST_IDENTITY))]
    #[serde(default)]
    #[schema(schema_with = identity)]
    identity: String,
    /// What others see.
    #[garde(length(chars, max = LONGEST_NAME))]
    #[serde(default)]
    #[schema(schema_with = name)]
    name: String,
    #[garde(length(chars, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    metadata: String,
    #[garde(skip)]
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// What who joins may do there; everything but changing one's own metadata when left out.
    #[garde(skip)]
    #[serde(default)]
    may: JoinRights,
    /// In seconds.
    #[garde(range(min = SHORTEST_LIFE, max = LONGEST_LIFE))]
    #[schema(schema_with = lifetime)]
    lifetime: u32,
}

/// What somebody who joins may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JoinRights {
    publish: bool,
    subscribe: bool,
    publish_data: bool,
    update_own_metadata: bool,
}

impl Default for JoinRights {
    fn default() -> JoinRights {
        JoinRights {
            publish: true,
            subscribe: true,
            publish_data: true,
            update_own_metadata: false,
        }
    }
}

/// A token, and where it is good.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedToken {
    token: String,
    expires_at: Timestamp,
    /// What LiveKit's SDKs connect to.
    server_url: String,
}

/// Makes a token of an API key, as a program that has the key would.
#[utoipa::path(
    post, path = "/api/tokens", tag = "api-keys", operation_id = "createToken", request_body = CreateToken,
    responses(
        (status = 201, body = CreatedToken),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Json(mut input): Json<CreateToken>,
) -> Result<(StatusCode, Json<CreatedToken>), Problem> {
    let needs_room =
        input.grants.allows(ApiKeyGrant::RoomJoin) || input.grants.allows(ApiKeyGrant::RoomAdmin);
    if needs_room && input.room.is_empty() {
        return Err(missing("room", "Say which room the token is for."));
    }
    if input.grants.allows(ApiKeyGrant::RoomJoin) && input.identity.is_empty() {
        return Err(missing("identity", "Say who joins."));
    }
    if !input.room.is_empty() {
        input.room = named::find(&app, &site, "room", &input.room).await?.0;
    }
    let api_key = api_keys::find(&app, input.api_key_id).await?;
    let api_key = api_key.ok_or_else(|| Problem::not_found("API key"))?;
    let now = app.now();
    let lifetime = Duration::from_secs(input.lifetime.into());
    let claims = claims(&input);
    let token = api_keys::sign_token(&app, &api_key, &claims, (now, lifetime))?;
    let created = Happening::TokenCreated {
        key: &api_key,
        detail: json!({
            "grants": input.grants, "room": input.room, "identity": input.identity,
            "expires_at": now + lifetime,
        }),
    };
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &created).await?;
    let created = CreatedToken {
        token,
        expires_at: now + lifetime,
        server_url: site.socket_origin(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

fn claims(input: &CreateToken) -> Claims {
    let has = |grant| input.grants.allows(grant);
    let joins = has(ApiKeyGrant::RoomJoin);
    let join_right = |may: bool| joins.then_some(may);
    let video = VideoGrants {
        room: input.room.clone(),
        room_join: joins,
        room_create: has(ApiKeyGrant::RoomCreate),
        room_list: has(ApiKeyGrant::RoomList),
        room_admin: has(ApiKeyGrant::RoomAdmin),
        room_record: has(ApiKeyGrant::RoomRecord),
        ingress_admin: has(ApiKeyGrant::IngressAdmin),
        hidden: has(ApiKeyGrant::Hidden),
        agent: has(ApiKeyGrant::Agent),
        can_publish: join_right(input.may.publish),
        can_subscribe: join_right(input.may.subscribe),
        can_publish_data: join_right(input.may.publish_data),
        can_update_own_metadata: join_right(input.may.update_own_metadata),
        ..VideoGrants::default()
    };
    let sip = SipGrants {
        admin: has(ApiKeyGrant::SipAdmin),
        call: has(ApiKeyGrant::SipCall),
    };
    Claims {
        identity: input.identity.clone(),
        name: input.name.clone(),
        metadata: input.metadata.clone(),
        attributes: input.attributes.clone(),
        video: Some(video),
        sip: (sip != SipGrants::default()).then_some(sip),
        ..Claims::default()
    }
}

fn missing(field: &'static str, text: &'static str) -> Problem {
    Problem::invalid_field(field, "missing", text)
}

impl From<TokenRefused> for Problem {
    fn from(error: TokenRefused) -> Problem {
        let text = error.to_string();
        match error {
            TokenRefused::Token(_) => Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", text),
            TokenRefused::Revoked => Problem::new(
                StatusCode::FORBIDDEN,
                "api_key_revoked",
                "This API key was revoked.",
            ),
            TokenRefused::Beyond(grant) => Problem::new(
                StatusCode::FORBIDDEN,
                "beyond_api_key",
                format!("Tokens of this API key may not grant {grant}."),
            ),
            TokenRefused::OtherRoom(_) => Problem::new(
                StatusCode::FORBIDDEN,
                "room_of_others",
                "This API key may not touch that room.",
            ),
            TokenRefused::Signing(cause) => Problem::internal(&cause),
            TokenRefused::Internal(cause) => cause.into(),
        }
    }
}
