//! What the addresses outside the API are: pages and files of the web UI, rooms' links, robots.txt, or nothing.

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, Method, StatusCode, header};
use http_edge::clean_path;

use crate::{
    app::App,
    http::{Problem, SiteAddress, method_not_allowed, web_ui},
    rooms::{self, Slug},
};

/// The web UI's own pages with one word for an address; a test holds them against its list of routes. Rooms cannot be
/// called so.
pub const WORDS: [&str; 8] = [
    "account",
    "admin",
    "connect",
    "recordings",
    "reset-password",
    "setup",
    "sign-in",
    "sign-up",
];

// Rooms are for those who were given their link, not for those who search.
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// This feature's routes.
pub fn routes() -> Router<App> {
    Router::new().route("/robots.txt", get(|| async { ROBOTS }))
}

/// What an address stands for.
#[derive(Debug, PartialEq, Eq)]
enum Address<'a> {
    Page,
    /// A room's page, if there is such a room.
    Room(&'a str),
    Nothing,
}

impl Address<'_> {
    fn of(path: &str) -> Address<'_> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments.as_slice() {
            ["" | "index.html"]
            | ["admin" | "recordings" | "r" | "d", _]
            | ["admin", "live" | "users" | "meetings", _]
            | ["connect", "token"] => Address::Page,
            [word] if WORDS.contains(word) => Address::Page,
            [slug] | [slug, "settings"] | [slug, "settings", _] => Address::Room(slug),
            _ => Address::Nothing,
        }
    }
}

/// Answers whatever no route answers.
pub async fn any_other(State(app): State<App>, request: Request) -> Response {
    let uri = request.uri();
    let path = uri.path();
    if let Some(clean) = clean_path(path) {
        return moved(&clean, uri.query());
    }
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found("endpoint").into_response();
    }
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let name = path.trim_start_matches('/');
    if let Some(file) = web_ui::file(name, request.headers()) {
        return if is_get {
            file
        } else {
            method_not_allowed().await
        };
    }
    let there = match Address::of(path) {
        Address::Page => true,
        Address::Room(slug) => is_room(&app, slug).await,
        Address::Nothing => false,
    };
    let (parts, _body) = request.into_parts();
    let site = SiteAddress::of(&app, &parts.uri, &parts.headers, &parts.extensions);
    match (there, is_get) {
        (true, true) => web_ui::page(&app, &site, &parts.headers, StatusCode::OK),
        (true, false) => method_not_allowed().await,
        // The page says it in the reader's language.
        (false, true) if wants_html(&parts.headers) => {
            web_ui::page(&app, &site, &parts.headers, StatusCode::NOT_FOUND)
        }
        (false, _) => Problem::not_found("page").into_response(),
    }
}

/// Links are passed on by mouth, too: capitals mean the same room.
async fn is_room(app: &App, slug: &str) -> bool {
    let Ok(slug) = slug.to_ascii_lowercase().parse::<Slug>() else {
        return false;
    };
    // Without the record the page itself has to say what is wrong.
    rooms::exists(app, &slug).await.unwrap_or(true)
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// 307 keeps the method and the body.
fn moved(path: &str, query: Option<&str>) -> Response {
    let location = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestApp, TestRoom};

    #[test]
    fn every_page_of_the_web_ui_is_known_here_and_no_room_can_take_its_address() {
        let routes = include_str!("../../../../web/src/routes.ts");
        let paths: Vec<&str> = routes
            .split("path: '")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('\'')?.0))
            .collect();
        assert!(paths.len() > WORDS.len(), "{paths:?}");
        for path in &paths {
            let full = path
                .replace(":section?", "x")
                .replace(":section", "x")
                .replace(":slug", "some-room")
                .replace(":name", "a%2Froom")
                .replace(":id", "some-id")
                .replace(":token", "some-token");
            let short = full.trim_end_matches("/x");
            for path in [full.as_str(), short] {
                let expected = match path.strip_prefix("some-room") {
                    Some(_) => Address::Room("some-room"),
                    None => Address::Page,
                };
                assert_eq!(Address::of(&format!("/{path}")), expected, "{path}");
            }
        }
        for word in WORDS {
            let slug: rooms::Slug = word.parse().unwrap();
            assert!(rooms::NewSlug::try_from(slug).is_err(), "{word}");
        }
    }

    #[test]
    fn a_clean_path_leaves_this_site_never() {
        for (path, expected) in [
            ("//livekit//jwt//sfu/get", Some("/livekit/jwt/sfu/get")),
            ("//evil.example/x", Some("/evil.example/x")),
            ("//\\evil.example/x", Some("/%5Cevil.example/x")),
            ("/..//.", Some("/")),
            ("/a//", Some("/a/")),
            ("/a/b/", None),
            ("/", None),
        ] {
            assert_eq!(clean_path(path).as_deref(), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_nothing_is_404_for_browsers_and_programs() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let (link, capitals) = (format!("/{}", room.slug), room.slug.to_uppercase());
        let mut browser = app.browser();
        browser.set_header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        // Without a built web UI even pages are 404, with another code.
        let built = web_ui::is_built();
        let there = if built { 200 } else { 404 };
        for path in [
            "/",
            "/admin/rooms",
            "/setup?token=x",
            &link,
            &format!("/{capitals}"),
            &format!("{link}/settings/people"),
        ] {
            assert_eq!(browser.get(path).await.status, there, "{path}");
        }
        for path in [
            "/metrics",
            "/no-such-room",
            "/agents",
            "/wp-login.php",
            "/a/b/c",
            "/Not a slug".replace(' ', "%20").as_str(),
        ] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404, "{path}");
            let kind = if built {
                "text/html; charset=utf-8"
            } else {
                "application/problem+json"
            };
            assert_eq!(page.headers["content-type"], kind, "{path}");
            let program = app.browser().get(path).await;
            assert_eq!(
                (program.status, program.code()),
                (404, "not_found"),
                "{path}"
            );
            let posted = app.browser().post(path, json!({})).await;
            assert_eq!((posted.status, posted.code()), (404, "not_found"), "{path}");
        }
        let posted = app.browser().post(&link, json!({})).await;
        assert_eq!(posted.status, 405);
        let robots = app.browser().get("/robots.txt").await;
        assert_eq!((robots.status, robots.text.as_str()), (200, ROBOTS));
        let moved = app
            .browser()
            .post("//livekit/jwt//sfu/get?a=b", json!({}))
            .await;
        assert_eq!(moved.status, 307);
        assert_eq!(moved.headers["location"], "/livekit/jwt/sfu/get?a=b");
    }
}
