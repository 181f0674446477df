//! The web UI inside the binary, as the web build compressed it.

use std::path::Path;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{Problem, SiteAddress, security_headers};
use crate::app::App;

/// What the web build left in `web/dist`; build.rs makes sure that the folder exists.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

const PAGE: &str = "index.html";

/// A file that the page loads, if there is one by this name.
pub fn file(name: &str, request: &HeaderMap) -> Option<Response> {
    if name == PAGE || Dist::get(name).is_none() {
        return None;
    }
    let (file, encoding) = best_encoding(name, request)?;
    let extension = Path::new(name).extension();
    let headers = if extension.is_some_and(|extension| extension == "js") {
        security_headers::for_script()
    } else {
        HeaderMap::new()
    };
    let mut answer = answer(name, file, encoding, headers);
    if is_known(&answer, request) {
        answer = (StatusCode::NOT_MODIFIED, answer.headers().clone()).into_response();
    }
    Some(answer)
}

/// The page; it looks at its address and draws itself.
pub fn page(app: &App, site: &SiteAddress, request: &HeaderMap, status: StatusCode) -> Response {
    let Some((file, encoding)) = best_encoding(PAGE, request) else {
        return Problem::new(
            StatusCode::NOT_FOUND,
            "web_ui_missing",
            "This binary was built without the web UI: build it with make run.",
        )
        .into_response();
    };
    let headers = security_headers::for_page(app, site);
    let mut answer = answer(PAGE, file, encoding, headers);
    if status == StatusCode::OK && is_known(&answer, request) {
        return (StatusCode::NOT_MODIFIED, answer.headers().clone()).into_response();
    }
    *answer.status_mut() = status;
    answer
}

/// Whether this binary has the web UI.
#[cfg(test)]
pub fn is_built() -> bool {
    Dist::get(PAGE).is_some()
}

/// The answer to a method that a route does not have.
pub async fn method_not_allowed() -> Response {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not know that method.",
    )
    .into_response()
}

fn answer(
    name: &str,
    file: EmbeddedFile,
    encoding: Option<&'static str>,
    mut headers: HeaderMap,
) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag = hash[..16]
        .iter()
        .fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}"))
        + "\"";
    // Names below assets/ carry a hash of the content.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    let kind = Dist::get(name).map_or_else(String::new, |original| {
        original.metadata.mimetype().to_owned()
    });
    let kind = if kind.starts_with("text/") {
        format!("{kind}; charset=utf-8")
    } else {
        kind
    };
    if let Ok(value) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (StatusCode::OK, headers, file.data).into_response()
}

/// Whether the browser still has what `answer` holds.
fn is_known(answer: &Response, request: &HeaderMap) -> bool {
    let Some(tag) = answer.headers().get(header::ETAG) else {
        return false;
    };
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes())
}

/// The smallest form of the file that the browser accepts.
fn best_encoding(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(request, encoding)
            && let Some(file) = Dist::get(&format!("{name}{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Dist::get(name).map(|file| (file, None))
}

fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            named && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[test]
    fn an_encoding_counts_unless_it_is_refused() {
        let accepts = |value: &str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts(&headers, encoding)
        };
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("gzip", "br"));
    }

    #[tokio::test]
    async fn pages_are_served_with_their_policy_or_say_that_the_build_has_none() {
        let app = TestApp::start().await;
        let mut browser = app.browser();
        browser.set_header(header::HOST, "meet.example.org:8443");
        for path in ["/", "/sign-in", "/setup?token=x"] {
            let answer = browser.get(path).await;
            if Dist::get(PAGE).is_none() {
                assert_eq!((answer.status, answer.code()), (404, "web_ui_missing"));
                continue;
            }
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
            assert_eq!(answer.headers["cache-control"], "no-cache");
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains(
                "connect-src 'self' ws://meet.example.org:8443 wss://meet.example.org:8443;"
            ));
            let mut again = app.browser();
            again.set_header(
                header::IF_NONE_MATCH,
                answer.headers["etag"].to_str().unwrap(),
            );
            assert_eq!(again.get(path).await.status, 304);
        }
    }

    #[tokio::test]
    async fn a_missing_asset_is_not_the_page() {
        let app = TestApp::start().await;
        let answer = app.browser().get("/assets/gone-12345678.js").await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
    }
}
