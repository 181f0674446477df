//! The metrics as Prometheus meets them.

use http::{Request, StatusCode, header};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    router,
    testing::{PASSWORD, TestApp, TestClient, TestRoom},
};

const TOKEN: &str = "scrape-me-0123456789";

fn request(token: Option<&str>) -> Request<axum::body::Body> {
    let request = Request::get("/metrics");
    let request = match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    };
    request.body(axum::body::Body::empty()).unwrap()
}

#[tokio::test]
async fn nobody_is_told_of_metrics_unless_the_configuration_says_so() {
    let app = TestApp::start().await;
    let answer = app.browser().request(request(Some(TOKEN))).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn the_sites_port_tells_those_who_know_the_token() {
    let app = TestApp::start_with(|config, _| {
        config.metrics.bearer_token = Some(SecretString::from(TOKEN));
    })
    .await;
    for token in [None, Some("wrong"), Some("")] {
        let answer = app.browser().request(request(token)).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let answer = app.browser().request(request(Some(TOKEN))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(answer.text.ends_with("# EOF\n"));
    assert_eq!(answer.text.matches("# EOF").count(), 1);
}

#[tokio::test]
async fn what_happens_is_counted_and_nobodys_name_is_told() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({ "name": "Secret garden" })).await;
    room.enter(&app, &livekit, &mut ada).await;
    let wrong = json!({ "email": "ada@example.org", "password": format!("{PASSWORD}!") });
    assert_eq!(
        app.browser().post("/api/auth/sign-in", wrong).await.status,
        401
    );
    app.browser().get("/api/rooms/no-such-room").await;
    app.app().metric_sources.add(Box::new(|| {
        Some("# TYPE other gauge\nother 7\n# EOF\n".to_owned())
    }));
    // Its own listener asks for no token where none is set.
    let mut prometheus = TestClient::new(router::metrics(app.app().clone()));
    let text = prometheus.request(request(None)).await.text;
    for line in [
        "convoke_live_rooms 1",
        "convoke_live_people 1",
        "convoke_media_ready 1",
        r#"convoke_joins_total{outcome="done"} 1"#,
        r#"convoke_joins_total{outcome="refused"} 0"#,
        r#"convoke_sign_ins_total{outcome="refused"} 1"#,
        r#"convoke_requests_total{route="/api/rooms/{slug}",status="4xx"} 1"#,
        r#"convoke_webhook_attempts_total{outcome="taken"} 0"#,
        r#"convoke_jobs{state="running"} 0"#,
        r#"convoke_recordings{state="active"} 0"#,
        "convoke_outbox_messages_waiting 0",
        "convoke_process_resident_memory_bytes ",
        "other 7",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for name in ["Secret", "garden", "no-such-room", &room.id, "ada"] {
        assert!(!text.contains(name), "{name}\n{text}");
    }
}
