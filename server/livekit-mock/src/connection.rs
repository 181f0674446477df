//! One TCP connection: HTTP/1 within bounds, closed without a word where a request asked for that.

use std::{pin::pin, time::Duration};

use axum::{body::Body, response::IntoResponse};
use http::{Request, StatusCode};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::timeout};

use crate::region::Region;

/// As Go's: a response or a join request may be in the headers.
const MAX_HEADERS: usize = 1 << 20;
/// A client that sends its headers slower than this is not served; an idle connection may stay as long.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);
/// How long an answer may take to be written once the mock is asked to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Serves a connection until it ends or the mock is asked to stop. A client that hangs up ends what it was waiting for.
pub(crate) async fn serve(stream: TcpStream, region: Region) {
    let stop = region.mock.stop.clone();
    let service = service_fn(|request| {
        let region = region.clone();
        async move {
            if head_length(&request) > MAX_HEADERS {
                return Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response());
            }
            region.answer(request.map(Body::new)).await
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADERS);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            timeout(GRACE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// hyper's bound is for its buffer: a head that arrives at once may be almost twice as long.
fn head_length<B>(request: &Request<B>) -> usize {
    let fields = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    fields.sum()
}
