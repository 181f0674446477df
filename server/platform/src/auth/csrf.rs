//! Proof that a change was asked for by our own page and not by another site in the same browser.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use crate::{
    accounts::{GUEST_COOKIE, SESSION_COOKIE, sessions::bearer},
    app::App,
    http::{Problem, SiteAddress},
};

/// The header that only a script of our own origin can add.
const PROOF: &str = "x-convoke-csrf";

/// Refuses changes that another site may have caused.
pub async fn require_own_page(State(app): State<App>, request: Request, next: Next) -> Response {
    if is_allowed(&app, &request) {
        next.run(request).await
    } else {
        Problem::new(
            StatusCode::FORBIDDEN,
            "csrf",
            "This request does not prove that it comes from Convoke's own page.",
        )
        .into_response()
    }
}

fn is_allowed(app: &App, request: &Request) -> bool {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let (uri, headers) = (request.uri(), request.headers());
    safe || is_own(
        headers,
        &SiteAddress::of(app, uri, headers, request.extensions()),
    )
}

fn is_own(headers: &HeaderMap, site: &SiteAddress) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A browser cannot be made to send our token here; what a proxy in front adds proves nothing.
    if bearer(headers).is_some() {
        return true;
    }
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin
            .to_str()
            .ok()
            .and_then(|origin| Url::parse(origin).ok());
        if !origin.is_some_and(|origin| site.is_origin(&origin)) {
            return false;
        }
    }
    let cookies = CookieJar::from_headers(headers);
    let has_cookie = cookies.get(SESSION_COOKIE).is_some() || cookies.get(GUEST_COOKIE).is_some();
    !has_cookie || text(PROOF) == Some("1")
}

#[cfg(test)]
mod tests {
    use http::{Extensions, HeaderName};
    use serde_json::json;

    use super::*;
    use crate::testing::{PASSWORD, TestApp};

    async fn app() -> TestApp {
        TestApp::start_with(|config, _| {
            config.server.public_url = Some("https://meet.example.org".parse().unwrap());
        })
        .await
    }

    fn own_of(app: &TestApp, list: &[(&'static str, &str)]) -> bool {
        let headers = list
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let uri = "/".parse().unwrap();
        let site = SiteAddress::of(app.app(), &uri, &headers, &Extensions::new());
        is_own(&headers, &site)
    }

    #[tokio::test]
    async fn another_origin_is_refused_and_ours_is_not() {
        let app = app().await;
        let own = |list: &[_]| own_of(&app, list);
        assert!(own(&[
            ("origin", "https://meet.example.org"),
            ("host", "10.0.0.1:8080")
        ]));
        assert!(own(&[
            ("origin", "http://192.0.2.1:8080"),
            ("host", "192.0.2.1:8080")
        ]));
        assert!(own(&[
            ("origin", "https://lan.example:443"),
            ("host", "lan.example")
        ]));
        assert!(!own(&[
            ("origin", "https://evil.example"),
            ("host", "meet.example.org")
        ]));
        assert!(!own(&[
            ("origin", "http://meet.example.org:81"),
            ("host", "meet.example.org")
        ]));
        assert!(!own(&[("origin", "null"), ("host", "meet.example.org")]));
        assert!(!own(&[("origin", "https://evil.example")]));
    }

    #[tokio::test]
    async fn the_browser_says_whether_another_site_asks() {
        let app = app().await;
        let own = |list: &[_]| own_of(&app, list);
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
    }

    #[tokio::test]
    async fn a_cookie_alone_proves_nothing_and_a_bearer_token_is_enough() {
        let app = app().await;
        let own = |list: &[_]| own_of(&app, list);
        assert!(!own(&[("cookie", "convoke_session=x")]));
        assert!(!own(&[("cookie", "convoke_guest=x")]));
        assert!(own(&[("cookie", "other=x")]));
        assert!(own(&[
            ("cookie", "convoke_session=x"),
            ("x-convoke-csrf", "1")
        ]));
        assert!(own(&[
            ("authorization", "Bearer cvk_x"),
            ("origin", "https://evil.example")
        ]));
        // Credentials of a proxy in front: any page's requests carry them.
        for credentials in ["Basic eA==", "Bearer of-a-proxy"] {
            assert!(!own(&[
                ("authorization", credentials),
                ("sec-fetch-site", "cross-site")
            ]));
            assert!(!own(&[
                ("authorization", credentials),
                ("cookie", "convoke_session=x")
            ]));
        }
    }

    #[tokio::test]
    async fn a_forged_change_is_refused_and_reading_is_not() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        ada.headers.clear();
        let answer = ada.patch("/api/auth/me", json!({"name": "Mallory"})).await;
        assert_eq!((answer.status, answer.code()), (403, "csrf"));
        assert_eq!(ada.get("/api/auth/me").await.json["name"], "ada");
    }

    #[tokio::test]
    async fn another_site_cannot_sign_a_browser_in() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let mut browser = app.browser();
        browser.set_header(header::ORIGIN, "https://evil.example");
        let input = json!({"email": "ada@example.org", "password": PASSWORD});
        let answer = browser.post("/api/auth/sign-in", input).await;
        assert_eq!((answer.status, answer.code()), (403, "csrf"));
    }
}
