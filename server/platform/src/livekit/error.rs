//! Why a call to the media server failed.

use thiserror::Error;

/// The closed list of failures of a call to LiveKit's API.
#[derive(Debug, Error)]
pub enum LiveKitError {
    /// No connection, or it broke before the answer.
    #[error("the media server cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the media server did not answer in time")]
    Timeout,
    /// Twirp `unauthenticated`, or a bare 401: the key or secret is wrong.
    #[error("the media server refuses the API key")]
    Unauthenticated,
    /// Twirp `not_found`: the room or participant is not there.
    #[error("not found on the media server")]
    NotFound,
    /// Any other Twirp error.
    #[error("the media server refused ({code}): {message}")]
    Refused {
        /// Twirp's code, for example `failed_precondition`.
        code: String,
        /// Its text.
        message: String,
    },
    /// An answer that is neither the expected message nor a Twirp error.
    #[error("the media server's answer makes no sense: {0}")]
    BadAnswer(String),
    /// The token for the call could not be signed.
    #[error("could not sign a token: {0}")]
    Token(#[from] TokenError),
}

/// A token could not be signed.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct TokenError(#[from] pub jsonwebtoken::errors::Error);
