//! A request's body: bounded, then read by Go's rules.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use crate::{
    error::MatrixError,
    go_json::{Record, decode},
};

/// Larger than any honest request by far.
const LARGEST: usize = 64 * 1024;
const LONGEST: Duration = Duration::from_secs(15);

/// The request in `body`; what is wrong with it goes to the log without its contents.
pub async fn read<R: Record + Default>(body: Body) -> Result<R, MatrixError> {
    let bytes = match timeout(LONGEST, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) if is_too_large(&error) => return Err(MatrixError::TooLarge),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a request's body broke off");
            return Err(MatrixError::NotJson);
        }
        Err(_) => {
            tracing::debug!("a request's body takes too long");
            return Err(MatrixError::NotJson);
        }
    };
    if bytes.is_empty() {
        // Element Call asks so whether an endpoint is there, before each call.
        tracing::debug!("a request without a body");
        return Err(MatrixError::NotJson);
    }
    let mut record = R::default();
    decode(&bytes, &mut record).map_err(|error| {
        tracing::info!(%error, "a request cannot be read");
        MatrixError::NotJson
    })?;
    Ok(record)
}

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}
