//! The one list of routes, with the habits of Go's HTTP server that clients can see.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get, options, post},
};
use http::{
    HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS,
    },
};
use http_edge::clean_path;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    app::App,
    delegate_delayed_leave::delegate_delayed_leave,
    error::MatrixError,
    get_token::get_token,
    healthz::healthz,
    observe,
    paths::{DELEGATE_DELAYED_LEAVE, GET_TOKEN, HEALTHZ, METRICS, SFU_GET, SFU_WEBHOOK},
    sfu_get::sfu_get,
    sfu_webhook::sfu_webhook,
    turn_away::turn_away,
};

/// Any page may ask, and read why it was refused.
const CORS: [(HeaderName, HeaderValue); 3] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    ),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Accept, Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token",
        ),
    ),
];

/// The service's routes, to be nested into a site: everything else below its path is not there either.
pub fn router(app: Arc<App>) -> Router {
    routes(app).fallback(nothing_here)
}

fn routes(app: Arc<App>) -> Router {
    let tokens = Router::new()
        .route(SFU_GET, for_pages(post(sfu_get)))
        .route(GET_TOKEN, for_pages(post(get_token)))
        .route(
            DELEGATE_DELAYED_LEAVE,
            for_pages(post(delegate_delayed_leave)),
        )
        .layer(CatchPanicLayer::custom(|_| {
            MatrixError::Internal.into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), turn_away))
        .layer(middleware::map_response(with_cors));
    let others = Router::new()
        .route(SFU_WEBHOOK, any(sfu_webhook))
        .route(HEALTHZ, get(healthz).fallback(method_not_allowed));
    observed(tokens.merge(others), app)
}

/// The service alone on its listener: with metrics, and an answer to every other path.
pub fn standalone_router(app: Arc<App>) -> Router {
    routes(app.clone())
        .merge(metrics_router(app))
        .fallback(not_found)
}

/// What is counted, for Prometheus.
fn metrics_router(app: Arc<App>) -> Router {
    observed(Router::new().route(METRICS, get(metrics_text)), app)
}

fn observed(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    routes
        .route_layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
        .with_state(app)
}

fn for_pages(post: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    post.merge(options(async || ()))
        .fallback(method_not_allowed)
}

async fn with_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.extend(CORS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn method_not_allowed() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

async fn metrics_text(State(app): State<Arc<App>>) -> Response {
    app.metrics.answer()
}

/// A path with doubled slashes or dots is sent to where it means, any other does not exist.
async fn not_found(method: Method, uri: Uri) -> Response {
    if let Some(clean) = clean_path(uri.path()) {
        let location = match uri.query() {
            Some(query) => format!("{clean}?{query}"),
            None => clean,
        };
        return redirect(&method, &location);
    }
    nothing_here().await
}

async fn nothing_here() -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (StatusCode::NOT_FOUND, headers, "404 page not found\n").into_response()
}

fn redirect(method: &Method, location: &str) -> Response {
    let (moved, location_header) = (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]);
    match *method {
        Method::GET | Method::HEAD => (
            moved,
            location_header,
            [(CONTENT_TYPE, "text/html; charset=utf-8")],
            format!(
                "<a href=\"{}\">Temporary Redirect</a>.\n\n",
                escape(location)
            ),
        )
            .into_response(),
        _ => (moved, location_header).into_response(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_path_has_neither_empty_segments_nor_dots() {
        for (path, expected) in [
            ("//sfu/get", "/sfu/get"),
            ("/sfu/../sfu/./get", "/sfu/get"),
            ("/a//", "/a/"),
            ("/../..", "/"),
            ("/a/b", "/a/b"),
            ("/", "/"),
            ("//\\host/x", "/%5Chost/x"),
        ] {
            assert_eq!(
                clean_path(path).as_deref().unwrap_or(path),
                expected,
                "{path}"
            );
        }
    }
}
