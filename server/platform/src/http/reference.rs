//! A page that shows the API's description to people, without anything from other sites.

use axum::{Router, response::IntoResponse, routing::get};
use bytes::Bytes;
use http::header;

use crate::app::App;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `/api/openapi.json` with `document`, and `/api/reference` that shows it.
pub fn routes(document: String) -> Router<App> {
    let document = Bytes::from(document);
    Router::new()
        .route(
            "/api/openapi.json",
            get(move || async move { file("application/json", document) }),
        )
        .route(
            "/api/reference",
            get(|| async {
                file(
                    "text/html; charset=utf-8",
                    include_str!("reference/reference.html"),
                )
            }),
        )
        .route(
            "/api/reference/reference.js",
            get(|| async {
                file(
                    "text/javascript; charset=utf-8",
                    include_str!("reference/reference.js"),
                )
            }),
        )
        .route(
            "/api/reference/reference.css",
            get(|| async {
                file(
                    "text/css; charset=utf-8",
                    include_str!("reference/reference.css"),
                )
            }),
        )
}

fn file(kind: &'static str, content: impl Into<Bytes>) -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
        ],
        content.into(),
    )
}
