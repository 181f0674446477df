//! The token of a request: `Authorization: Bearer`, else the query parameter.

use http::{HeaderMap, header::AUTHORIZATION};
use livekit_wire::{TokenError, VerifiedToken, token::verify};

use super::{App, Refusal};

const BEARER: &str = "Bearer ";

/// `None` when the request brings no token at all; a token that is there must be good.
pub fn authorize(
    app: &App,
    headers: &HeaderMap,
    parameter: Option<&str>,
) -> Result<Option<VerifiedToken>, Refusal> {
    let raw = match headers.get(AUTHORIZATION) {
        Some(value) => {
            let bearer = value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix(BEARER));
            Some(bearer.ok_or(Refusal::AuthorizationHeader)?)
        }
        None => parameter,
    };
    let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
        return Ok(None);
    };
    match verify(raw, &app.keys, (app.wall_clock)()) {
        Ok(token) => Ok(Some(token)),
        Err(TokenError::Malformed) => Err(Refusal::TokenMalformed),
        Err(TokenError::UnknownKey(key)) => Err(Refusal::UnknownKey(key)),
        Err(
            error @ (TokenError::Algorithm
            | TokenError::Signature
            | TokenError::NoExpiry
            | TokenError::Expired
            | TokenError::NotYetValid),
        ) => Err(Refusal::Token(error)),
    }
}
