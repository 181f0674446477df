//! What holds for every route of the list: no other site can make a browser use it, and no answer can be framed or sniffed.

use axum::body::Body;
use http::{HeaderMap, Method, Request, header};
use serde_json::Value;

use super::openapi_json;
use crate::{
    config::Tls,
    http::web_ui,
    testing::{TestApp, TestClient},
};

/// Every route of the API that changes something, with something in the place of its parameters.
fn changing() -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, methods)| {
        let filled: Vec<&str> = path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    "0199d5a0-0000-7000-8000-00000000dead"
                } else {
                    part
                }
            })
            .collect();
        let filled = filled.join("/");
        let methods = methods.as_object().unwrap().keys();
        methods
            .filter_map(|name| name.to_uppercase().parse::<Method>().ok())
            .map(move |method| (method, filled.clone()))
    });
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS];
    routes
        .filter(|(method, _)| !reads.contains(method))
        .collect()
}

async fn ask(who: &mut TestClient, method: &Method, path: &str) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let answer = who.request(request).await;
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn no_other_site_makes_a_browser_change_anything() {
    let routes = changing();
    assert!(routes.len() > 80, "{}", routes.len());
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let with = |headers: &[(&'static str, &'static str)]| {
        let mut who = admin.clone();
        who.headers = HeaderMap::new();
        for (name, value) in headers {
            who.headers.insert(*name, value.parse().unwrap());
        }
        who
    };
    // What a foreign page's form, script and frame send, were they even able to add the proof.
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example"), ("x-convoke-csrf", "1")],
        &[("origin", "null"), ("x-convoke-csrf", "1")],
        &[("sec-fetch-site", "cross-site"), ("x-convoke-csrf", "1")],
        &[("sec-fetch-site", "same-site"), ("x-convoke-csrf", "1")],
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
    ];
    for headers in foreign {
        let mut who = with(headers);
        for (method, path) in &routes {
            let refused = ask(&mut who, method, path).await;
            assert_eq!(
                refused,
                (403, "csrf".to_owned()),
                "{headers:?} {method} {path}"
            );
        }
    }
    let mut still = admin.clone();
    assert_eq!(still.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_program_with_a_token_is_asked_for_no_proof() {
    let app = TestApp::start().await;
    app.admin().await;
    let mut program = app.browser();
    program.use_bearer("cvk_of_nobody");
    program.set_header(header::ORIGIN, "https://evil.example");
    for (method, path) in changing() {
        let (status, code) = ask(&mut program, &method, &path).await;
        assert_ne!(code, "csrf", "{method} {path}");
        assert_ne!(status, 403, "{method} {path}: {code}");
    }
}

/// Pages, the API, its errors, files, and what is none of them.
const ANSWERS: [(&str, u16); 12] = [
    ("/api/site", 200),
    ("/api/auth/me", 401),
    ("/api/nothing", 404),
    ("/api/recordings/download?ids=x", 422),
    ("/api/openapi.json", 200),
    ("/api/reference", 200),
    ("/health/live", 200),
    ("/sign-in", 200),
    ("/admin/live/hall", 200),
    ("/no/such/page", 404),
    ("/assets/none.js", 404),
    ("/twirp/livekit.RoomService/ListRooms", 404),
];

const SAME_FOR_ALL: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[tokio::test]
async fn no_answer_can_be_framed_sniffed_or_read_by_others() {
    let app = TestApp::start().await;
    for (path, status) in ANSWERS {
        let answer = app.browser().get(path).await;
        if web_ui::is_built() || path.starts_with("/api") {
            assert_eq!(answer.status, status, "{path}");
        }
        for (name, value) in SAME_FOR_ALL {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policies: Vec<_> = answer
            .headers
            .get_all(header::CONTENT_SECURITY_POLICY)
            .iter()
            .map(|policy| policy.to_str().unwrap())
            .collect();
        assert_eq!(policies.len(), 1, "{path}: {policies:?}");
        assert!(
            policies[0].contains("frame-ancestors 'none'"),
            "{path}: {policies:?}"
        );
        assert!(!policies[0].contains("unsafe"), "{path}: {policies:?}");
        assert!(
            !answer
                .headers
                .contains_key(header::STRICT_TRANSPORT_SECURITY),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_site_on_tls_tells_browsers_to_come_by_tls_alone_unless_it_signed_its_certificate_itself()
{
    for (url, tls, said) in [
        ("https://meet.example.org", Tls::Off, true),
        ("https://meet.example.org", Tls::Files, true),
        ("https://meet.example.org", Tls::SelfSigned, false),
        ("http://meet.example.org", Tls::Off, false),
    ] {
        let app = TestApp::start_with(|config, _| {
            config.server.public_url = Some(url.parse().unwrap());
            config.server.tls = tls;
        })
        .await;
        for (path, _) in ANSWERS {
            let answer = app.browser().get(path).await;
            let told = answer.headers.get(header::STRICT_TRANSPORT_SECURITY);
            let expected = said.then_some("max-age=31536000");
            let told = told.map(|value| value.to_str().unwrap());
            assert_eq!(told, expected, "{url} {tls:?} {path}");
        }
    }
}
