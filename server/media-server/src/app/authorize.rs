//! The token of a request: `Authorization: Bearer`, else the query parameter.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use livekit_wire::{TokenError, VerifiedToken, token::verify};

use super::App;

const BEARER: &str = "Bearer ";

/// Why a token is not taken, in the original's words: all are 401.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unauthorized {
    /// Some other kind of authorization.
    #[error("invalid authorization header. Must start with Bearer ")]
    Header,
    /// Not a token.
    #[error("invalid authorization token")]
    Malformed,
    /// Signed with a key of another server.
    #[error("invalid API key: {0}")]
    UnknownKey(String),
    /// A bad token.
    #[error("invalid authorization token: {0}")]
    Token(TokenError),
}

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        tracing::info!(reason = %self, "request refused");
        (StatusCode::UNAUTHORIZED, self.to_string()).into_response()
    }
}

impl App {
    /// `None` when the request brings no token at all; a token that is there must be good.
    pub fn authorize(
        &self,
        headers: &HeaderMap,
        parameter: Option<&str>,
    ) -> Result<Option<VerifiedToken>, Unauthorized> {
        let raw = match headers.get(AUTHORIZATION) {
            Some(value) => {
                let bearer = value
                    .to_str()
                    .ok()
                    .and_then(|value| value.strip_prefix(BEARER));
                Some(bearer.ok_or(Unauthorized::Header)?)
            }
            None => parameter,
        };
        let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
            return Ok(None);
        };
        match verify(raw, &self.keys, (self.wall_clock)()) {
            Ok(token) => Ok(Some(token)),
            Err(TokenError::Malformed) => Err(Unauthorized::Malformed),
            Err(TokenError::UnknownKey(key)) => Err(Unauthorized::UnknownKey(key)),
            Err(
                error @ (TokenError::Algorithm
                | TokenError::Signature
                | TokenError::NoExpiry
                | TokenError::Expired
                | TokenError::NotYetValid),
            ) => Err(Unauthorized::Token(error)),
        }
    }
}
