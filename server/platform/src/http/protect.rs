//! What wraps every route: request ids and logs, panics, security headers; and, for the API only,
//! a size limit and a time limit.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Problem, observe, security_headers};
use crate::app::App;

const LARGEST_BODY: usize = 64 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// Wraps the API's routes: those that answer at once, and those that stream and so have no time
/// limit.
pub fn api(at_once: Router<App>, streams: Router<App>) -> Router<App> {
    at_once
        .layer(middleware::from_fn(time_limit))
        .merge(streams)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// Wraps every route of a listener.
pub fn everything(app: &App, routes: Router<App>) -> Router<App> {
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            security_headers::add,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
}

async fn time_limit(request: Request, next: Next) -> Response {
    tokio::time::timeout(LONGEST_REQUEST, next.run(request))
        .await
        .unwrap_or_else(|_| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "The server is too busy to answer in time.",
            )
            .retry_after(Duration::from_secs(5))
            .into_response()
        })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "tower-http hands the panic over by value"
)]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    Problem::internal(message).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use http::{Request, header};
    use serde_json::json;

    use super::*;
    use crate::{
        http::web_ui,
        testing::{PASSWORD, TestApp, TestClient},
    };

    #[tokio::test]
    async fn a_panic_is_answered_without_its_message() {
        let app = TestApp::start().await;
        let routes = Router::new().route("/", get(|| async { panic!("a secret") as () }));
        let router = everything(app.app(), routes).with_state(app.app().clone());
        let answer = TestClient::new(router).get("/").await;
        assert_eq!((answer.status, answer.code()), (500, "internal"));
        assert!(!answer.text.contains("secret"), "{answer:?}");
    }

    #[tokio::test]
    async fn a_body_too_large_is_refused() {
        let app = TestApp::start().await;
        let input = json!({"email": "a".repeat(70_000), "password": PASSWORD});
        let answer = app.browser().post("/api/auth/sign-in", input).await;
        assert_eq!((answer.status, answer.code()), (413, "payload_too_large"));
    }

    #[tokio::test]
    async fn malformed_json_and_another_content_type_are_refused_as_problems() {
        let app = TestApp::start().await;
        for (kind, body, status, code) in [
            ("application/json", "{", 400, "malformed_json"),
            (
                "application/json",
                r#"{"email": "a@b.c", "password": "x"} {}"#,
                400,
                "malformed_json",
            ),
            (
                "application/json; charset=utf-8",
                "{}",
                422,
                "validation_failed",
            ),
            ("text/plain", "{}", 415, "unsupported_media_type"),
            (
                "application/json",
                r#"["ada@example.org", "correct horse battery", false, null]"#,
                422,
                "validation_failed",
            ),
        ] {
            let request = Request::post("/api/auth/sign-in")
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
                .unwrap();
            let answer = app.browser().request(request).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }

    #[tokio::test]
    async fn unknown_routes_and_methods_of_the_api_are_problems() {
        let app = TestApp::start().await;
        let answer = app.browser().get("/api/nothing").await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
        let answer = app.browser().put("/api/site", json!({})).await;
        assert_eq!((answer.status, answer.code()), (405, "method_not_allowed"));
    }

    #[tokio::test]
    async fn every_answer_has_a_request_id_and_cannot_be_framed_or_sniffed() {
        let app = TestApp::start().await;
        for path in [
            "/api/site",
            "/api/nothing",
            "/health/live",
            "/sign-in",
            "/rtc/v1",
        ] {
            let answer = app.browser().get(path).await;
            assert_eq!(answer.headers["x-request-id"].len(), 32, "{path}");
            assert_eq!(
                answer.headers["x-content-type-options"], "nosniff",
                "{path}"
            );
            assert_eq!(answer.headers["referrer-policy"], "same-origin", "{path}");
            let cache = if path == "/sign-in" && web_ui::is_built() {
                "no-cache"
            } else {
                "no-store"
            };
            assert_eq!(answer.headers["cache-control"], cache, "{path}");
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
        }
    }
}
