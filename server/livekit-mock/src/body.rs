//! Reading a call's body within bounds.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

/// LiveKit's own bound of a request.
const MAX_BODY: usize = 10 << 20;
/// A client that sends its body slower than this is not served.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// More than [`MAX_BODY`] bytes.
    #[error("the body is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// Not all there within [`READ_TIMEOUT`].
    #[error("the body did not arrive within {} seconds", READ_TIMEOUT.as_secs())]
    Slow,
    /// The client hung up, or broke HTTP's rules.
    #[error("the body ended early")]
    Broken,
}

/// Reads a body to its end.
pub(crate) async fn read(body: Body) -> Result<Bytes, BodyError> {
    match timeout(READ_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::Broken),
        Err(_) => Err(BodyError::Slow),
    }
}
