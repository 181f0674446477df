//! Proof that a change was asked for by our own page and not by another site in the same browser.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, Method, StatusCode, header, uri::Authority};
use url::Url;

use super::Problem;
use crate::{
    app::App,
    auth::{GUEST_COOKIE, SESSION_COOKIE},
};

/// The header that only a script of our own origin can add.
const PROOF: &str = "x-convoke-csrf";

/// Refuses changes that another site may have caused.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let site_url = app.config.server.public_url.as_ref();
    if safe
        || is_own(
            request.headers(),
            request.uri().authority().map(Authority::as_str),
            site_url,
        )
    {
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

fn is_own(headers: &HeaderMap, authority: Option<&str>, site_url: Option<&Url>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Browsers add no Authorization header by themselves.
    let bearer = text(header::AUTHORIZATION.as_str()).is_some_and(|value| {
        value
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
    });
    if bearer {
        return true;
    }
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = text(header::HOST.as_str()).or(authority);
        let origin = origin
            .to_str()
            .ok()
            .and_then(|origin| Url::parse(origin).ok());
        if !origin.is_some_and(|origin| is_same_origin(&origin, host, site_url)) {
            return false;
        }
    }
    let cookies = CookieJar::from_headers(headers);
    let has_cookie = cookies.get(SESSION_COOKIE).is_some() || cookies.get(GUEST_COOKIE).is_some();
    !has_cookie || text(PROOF) == Some("1")
}

/// Whether a page of `origin` is this site: as configured, or as the browser addressed it.
fn is_same_origin(origin: &Url, host: Option<&str>, site_url: Option<&Url>) -> bool {
    if site_url.is_some_and(|site| site.origin() == origin.origin()) {
        return true;
    }
    let Some(addressed) =
        host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok())
    else {
        return false;
    };
    addressed.origin() == origin.origin()
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use serde_json::json;

    use super::*;
    use crate::testing::{PASSWORD, TestApp};

    fn own(list: &[(&'static str, &str)]) -> bool {
        let headers = list
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let site = "https://meet.example.org".parse().unwrap();
        is_own(&headers, None, Some(&site))
    }

    #[test]
    fn another_origin_is_refused_and_ours_is_not() {
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

    #[test]
    fn the_browser_says_whether_another_site_asks() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_cookie_alone_proves_nothing_and_a_bearer_token_is_enough() {
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
        assert!(!own(&[
            ("authorization", "Basic eA=="),
            ("sec-fetch-site", "cross-site")
        ]));
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
