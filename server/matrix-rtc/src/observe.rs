//! Gives every request an id, a span and its place in the metrics. Neither headers nor bodies are logged: they hold tokens.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http_edge::RequestId;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{app::App, paths};

/// Runs the request in a span with its id, which the answer carries too.
pub async fn observe(
    State(app): State<Arc<App>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let random = [app.random.number(), app.random.number()].map(u64::to_be_bytes);
    let id = RequestId::new(*random.as_flattened().first_chunk().unwrap_or(&[0; 16]));
    let endpoint = endpoint(path.as_str());
    let span = tracing::info_span!("request", %id, method = %request.method(), endpoint);
    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = start.elapsed();
    let status = response.status().as_u16();
    app.requests.answered(endpoint, status, took);
    span.in_scope(|| tracing::debug!(status, ?took, "answered"));
    response.headers_mut().extend([id.header()]);
    response
}

/// The route without what it is nested under.
fn endpoint(path: &str) -> &'static str {
    paths::ALL
        .into_iter()
        .find(|known| path.ends_with(known))
        .unwrap_or("other")
}
