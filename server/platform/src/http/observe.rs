//! Gives every request an id and a span. Neither query strings nor headers are logged: both may
//! hold tokens.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use http_edge::RequestId;
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::App;

/// What no route answers is logged by its path; below `/w/` a stream key stands there.
fn without_key(path: &str) -> &str {
    if path.starts_with("/w/") {
        "/w/…"
    } else {
        path
    }
}

/// Runs the request in a span with its id, which the answer carries too.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = RequestId::new(app.random.bytes());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let matched = route.map(ToOwned::to_owned);
    let span = tracing::info_span!(
        "request",
        %id,
        method = %request.method(),
        route = route.unwrap_or_else(|| without_key(request.uri().path())),
    );
    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status(), start.elapsed());
    app.counters.answered(matched.as_deref(), status, took);
    span.in_scope(|| {
        tracing::debug!(status = status.as_u16(), ?took, "answered");
    });
    if matches!(
        status,
        StatusCode::INSUFFICIENT_STORAGE | StatusCode::SERVICE_UNAVAILABLE
    ) {
        app.written.doubt();
    }
    response.headers_mut().extend([id.header()]);
    response
}
