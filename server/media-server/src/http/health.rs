//! `GET /`: whoever answers is well. A node whose rooms have stopped shuts down instead of answering.

use http::{StatusCode, header::CONTENT_TYPE};

const TEXT: [(http::HeaderName, &str); 1] = [(CONTENT_TYPE, "text/plain; charset=utf-8")];

/// The page load balancers ask for.
pub(super) async fn get() -> impl axum::response::IntoResponse {
    (TEXT, "OK")
}

/// Go's words for an unknown path; SDKs compare them.
pub(super) async fn not_found() -> impl axum::response::IntoResponse {
    (StatusCode::NOT_FOUND, TEXT, "404 page not found\n")
}
