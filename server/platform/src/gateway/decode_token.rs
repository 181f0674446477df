//! Tells what a pasted token says and whether it is good here; for administrators.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use garde::Validate;
use livekit_wire::TokenError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{ToSchema, openapi::Object};

use crate::{
    accounts::SeesSite,
    api_keys::{self, ApiKeyName, TokenRefused},
    app::App,
    db::{DbError, text_enum},
    http::{Json, Problem, openapi},
};

const LONGEST_TOKEN: usize = 48 * 1024;

fn token() -> Object {
    openapi::text(1..=LONGEST_TOKEN).build()
}

/// A token as somebody found it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecodeToken {
    #[garde(length(chars, min = 1, max = LONGEST_TOKEN))]
    #[schema(schema_with = token)]
    token: String,
}

text_enum! {
    /// Whether a token is good here, and why not.
    TokenVerdict {
        Good => "good",
        /// It has not the three parts of one, or they say nothing.
        NotAToken => "not_a_token",
        /// Its issuer is no key of this site.
        UnknownKey => "unknown_key",
        WrongSignature => "wrong_signature",
        Expired => "expired",
        NotYetValid => "not_yet_valid",
        /// It says nothing about its end.
        NoExpiry => "no_expiry",
        Revoked => "revoked",
        /// It grants more than its key may.
        BeyondKey => "beyond_key",
        /// Its key may not touch its room.
        RoomOfOthers => "room_of_others",
    }
}

/// What a token says.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedToken {
    verdict: TokenVerdict,
    /// Of the API key; `null` for one that is none of ours, and for the media server's own.
    #[schema(required = true)]
    key_name: Option<ApiKeyName>,
    #[schema(required = true, value_type = Option<Object>)]
    header: Option<Value>,
    #[schema(required = true, value_type = Option<Object>)]
    claims: Option<Value>,
}

/// Tells what a token says, and whether it is good here. It is kept nowhere.
#[utoipa::path(
    post, path = "/api/tokens/decode", tag = "api-keys", operation_id = "decodeToken", request_body = DecodeToken,
    responses(
        (status = 200, body = DecodedToken),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn decode(
    State(app): State<App>,
    _: SeesSite,
    Json(input): Json<DecodeToken>,
) -> Result<Json<DecodedToken>, Problem> {
    let token = input.token.trim();
    let mut parts = token.split('.').map(object);
    let (Some(Some(header)), Some(Some(claims))) = (parts.next(), parts.next()) else {
        return Ok(Json(DecodedToken {
            verdict: TokenVerdict::NotAToken,
            key_name: None,
            header: None,
            claims: None,
        }));
    };
    let issuer = claims["iss"].as_str().unwrap_or_default();
    let api_key = api_keys::by_issuer(&app, issuer).await?;
    Ok(Json(DecodedToken {
        verdict: judge(&app, token).await?,
        key_name: api_key.map(|key| key.name),
        header: Some(header),
        claims: Some(claims),
    }))
}

fn object(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value.is_object().then_some(value)
}

async fn judge(app: &App, token: &str) -> Result<TokenVerdict, DbError> {
    let refused = match api_keys::look_at_token(app, token).await {
        Ok(Some(_)) => return Ok(TokenVerdict::Good),
        Ok(None) => match app.livekit.verify(token, app.now()) {
            Ok(_) => return Ok(TokenVerdict::Good),
            Err(error) => TokenRefused::Token(error),
        },
        Err(refused) => refused,
    };
    Ok(match refused {
        TokenRefused::Internal(cause) => return Err(cause),
        TokenRefused::Revoked => TokenVerdict::Revoked,
        TokenRefused::Beyond(_) => TokenVerdict::BeyondKey,
        TokenRefused::OtherRoom(_) => TokenVerdict::RoomOfOthers,
        TokenRefused::Token(error) => match error {
            TokenError::UnknownKey(_) => TokenVerdict::UnknownKey,
            TokenError::NoExpiry => TokenVerdict::NoExpiry,
            TokenError::Expired => TokenVerdict::Expired,
            TokenError::NotYetValid => TokenVerdict::NotYetValid,
            TokenError::Malformed | TokenError::Algorithm | TokenError::Signature => {
                TokenVerdict::WrongSignature
            }
        },
        // Nothing is signed here.
        TokenRefused::Signing(_) => TokenVerdict::WrongSignature,
    })
}
