//! Gives every request an id, a span and its place in the metrics. Neither headers nor bodies are logged: they hold tokens.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request in a span with its id, which the answer carries too.
pub async fn observe(
    State(app): State<Arc<App>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let id = format!("{:016x}{:016x}", app.random.number(), app.random.number());
    let endpoint = endpoint(path.as_str());
    let span = tracing::info_span!("request", id, method = %request.method(), endpoint);
    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = start.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(endpoint, status, took);
    span.in_scope(|| tracing::debug!(status, ?took, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The route without what it is nested under.
fn endpoint(path: &str) -> &'static str {
    super::router::PATHS
        .into_iter()
        .find(|known| path.ends_with(known))
        .unwrap_or("other")
}
