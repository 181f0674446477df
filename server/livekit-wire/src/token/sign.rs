//! Signing a token: refreshed tokens for participants, webhooks and calls to another server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::Claims;

/// A token could not be made; nothing a caller could do differently.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign a token: {0}")]
pub struct SignError(#[from] jsonwebtoken::errors::Error);

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    /// LiveKit's own `AccessToken` says it twice (protocol `auth/grants.go`).
    #[serde(skip_serializing_if = "str::is_empty")]
    identity: &'a str,
    #[serde(flatten)]
    claims: &'a Claims,
}

/// An HS256 token issued by `api_key`, valid from `now` for `valid_for` (whole seconds).
pub fn sign(
    claims: &Claims,
    api_key: &str,
    secret: &SecretString,
    now: SystemTime,
    valid_for: Duration,
) -> Result<String, SignError> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let payload = Payload {
        iss: api_key,
        iat: now.as_secs(),
        nbf: now.as_secs(),
        exp: (now + valid_for).as_secs(),
        identity: &claims.identity,
        claims,
    };
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &payload,
        &key,
    )?)
}
