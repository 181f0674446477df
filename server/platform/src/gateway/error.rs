//! Why a program's call is not answered by LiveKit, and how Twirp says so.

use livekit_client::CallError;
use livekit_wire::{
    token::SignError,
    twirp::{Code, TwirpError},
};
use thiserror::Error;

use super::scope::OutOfScope;
use crate::{api_keys::TokenRefused, db::DbError, livekit::LiveKitError};

/// Why a program's call is not answered by LiveKit.
#[derive(Debug, Error)]
pub enum GatewayError {
    #[error("no such service: {0}")]
    NoService(String),
    #[error("a token is needed: Authorization: Bearer …")]
    NoToken,
    #[error(
        "invalid token: its issuer is no API key of this server, or it was not signed with its secret"
    )]
    UnknownKey,
    #[error(transparent)]
    Refused(#[from] TokenRefused),
    #[error(transparent)]
    OutOfScope(#[from] OutOfScope),
    #[error(transparent)]
    Media(#[from] CallError),
    #[error("the recorder does not say which room an egress is of: {0}")]
    Recorder(#[source] LiveKitError),
    #[error("an answer cannot be written: {0}")]
    Unwritable(#[source] serde_json::Error),
    #[error(transparent)]
    Signing(#[from] SignError),
    #[error(transparent)]
    Internal(#[from] DbError),
    #[error(transparent)]
    Malformed(#[from] TwirpError),
}

impl From<GatewayError> for TwirpError {
    fn from(error: GatewayError) -> TwirpError {
        let text = error.to_string();
        match error {
            GatewayError::Malformed(error) => error,
            GatewayError::NoService(_) => TwirpError::new(Code::BadRoute, text),
            GatewayError::NoToken | GatewayError::UnknownKey => {
                TwirpError::new(Code::Unauthenticated, text)
            }
            GatewayError::Refused(refused) => match refused {
                TokenRefused::Token(_) | TokenRefused::Revoked => {
                    TwirpError::new(Code::Unauthenticated, text)
                }
                TokenRefused::Beyond(_) | TokenRefused::OtherRoom(_) => {
                    TwirpError::new(Code::PermissionDenied, text)
                }
                TokenRefused::Signing(_) => internal(&text),
                TokenRefused::Internal(_) => unavailable(&text),
            },
            GatewayError::OutOfScope(_) => TwirpError::new(Code::PermissionDenied, text),
            GatewayError::Unwritable(_) | GatewayError::Signing(_) => internal(&text),
            GatewayError::Media(_) | GatewayError::Recorder(_) => {
                tracing::warn!(error = text, "a program's call was not answered");
                TwirpError::new(Code::Unavailable, "the media server cannot be reached")
            }
            GatewayError::Internal(_) => unavailable(&text),
        }
    }
}

fn internal(text: &str) -> TwirpError {
    tracing::error!(error = text, "a program's call failed");
    TwirpError::new(Code::Internal, "the server's log says why")
}

fn unavailable(text: &str) -> TwirpError {
    tracing::error!(
        error = text,
        "a program's call failed: the database does not answer"
    );
    TwirpError::new(Code::Unavailable, "the database does not answer")
}
