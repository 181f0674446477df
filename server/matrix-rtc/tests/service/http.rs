//! What clients see of HTTP itself. The expected headers and bodies were read off the original service.

use super::{
    homeserver::Names,
    service::{Answer, Service, sfu_get},
};

const ENDPOINTS: [&str; 3] = ["/sfu/get", "/get_token", "/delegate_delayed_leave"];

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn assert_cors(answer: &Answer) {
    assert_eq!(header(answer, "access-control-allow-origin"), "*");
    assert_eq!(header(answer, "access-control-allow-methods"), "POST");
    assert_eq!(
        header(answer, "access-control-allow-headers"),
        "Accept, Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token"
    );
    assert_eq!(header(answer, "content-type"), "application/json");
}

#[tokio::test]
async fn any_page_may_ask_and_read_the_refusal() {
    let service = Service::with(Names::default()).await;
    for path in ENDPOINTS {
        let preflight = service.request("OPTIONS", path).await;
        assert_eq!((preflight.status, &*preflight.text), (200, ""), "{path}");
        assert_cors(&preflight);
        let refusal = service.post(path, "{").await;
        assert_eq!(refusal.status, 400);
        assert_cors(&refusal);
    }
}

#[tokio::test]
async fn only_post_is_answered() {
    let service = Service::with(Names::default()).await;
    for path in ENDPOINTS {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"] {
            let answer = service.request(method, path).await;
            assert_eq!((answer.status, &*answer.text), (405, ""), "{method} {path}");
            assert_cors(&answer);
        }
    }
}

#[tokio::test]
async fn health_is_asked_by_get_and_head() {
    let service = Service::with(Names::default()).await;
    for (method, status) in [("GET", 200), ("HEAD", 200), ("POST", 405), ("OPTIONS", 405)] {
        let answer = service.request(method, "/healthz").await;
        assert_eq!((answer.status, &*answer.text), (status, ""), "{method}");
        assert_eq!(header(&answer, "content-type"), "", "{method}");
        assert_eq!(
            header(&answer, "access-control-allow-origin"),
            "",
            "{method}"
        );
    }
}

#[tokio::test]
async fn other_paths_do_not_exist() {
    let service = Service::with(Names::default()).await;
    for path in ["/", "/sfu", "/sfu/get/", "/nothing?a=b"] {
        for method in ["GET", "POST"] {
            let answer = service.request(method, path).await;
            assert_eq!(
                (answer.status, &*answer.text),
                (404, "404 page not found\n"),
                "{path}"
            );
            assert_eq!(header(&answer, "content-type"), "text/plain; charset=utf-8");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        }
    }
}

#[tokio::test]
async fn a_doubled_slash_is_redirected() {
    let service = Service::with(Names::default()).await;
    let answer = service.request("POST", "//sfu/get?a=b").await;
    assert_eq!(
        (answer.status, header(&answer, "location")),
        (307, "/sfu/get?a=b")
    );
    assert_eq!(answer.text, "");
    let answer = service.request("GET", "//sfu/get").await;
    assert_eq!(
        answer.text,
        "<a href=\"/sfu/get\">Temporary Redirect</a>.\n\n"
    );
    assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn the_content_type_of_a_request_does_not_matter() {
    let service = Service::with(Names::default()).await;
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        let request = service
            .build("POST", "/sfu/get")
            .header("content-type", content_type);
        let answer = service.send(request.body("null")).await;
        assert_eq!(
            (answer.status, &*answer.errcode()),
            (400, "M_BAD_JSON"),
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let service = Service::with(Names::default()).await;
    let body = sfu_get(&"a".repeat(70_000), "hs.example").to_string();
    let answer = service.post("/sfu/get", body).await;
    assert_eq!((answer.status, &*answer.errcode()), (413, "M_TOO_LARGE"));
    assert_cors(&answer);
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let service = Service::with(Names::default()).await;
    let mut ids = std::collections::HashSet::new();
    for path in ["/healthz", "/sfu/get", "/sfu_webhook", "/healthz"] {
        let answer = service.request("GET", path).await;
        assert_eq!(header(&answer, "x-request-id").len(), 32, "{path}");
        ids.insert(header(&answer, "x-request-id").to_owned());
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn metrics_count_by_endpoint_and_status_and_name_no_homeserver() {
    let service = Service::with(Names::default()).await;
    service.post("/sfu/get", "{").await;
    service.sfu_get("ann", "hs.example").await;
    let answer = service.request("GET", "/metrics").await;
    assert!(header(&answer, "content-type").starts_with("application/openmetrics-text"));
    for line in [
        r#"convoke_matrix_requests_total{endpoint="/sfu/get",status="400"} 1"#,
        r#"convoke_matrix_requests_total{endpoint="/sfu/get",status="401"} 1"#,
        r#"convoke_matrix_request_seconds_count{endpoint="/sfu/get"} 2"#,
        r#"convoke_matrix_homeserver_requests_total{purpose="user_info",outcome="unreachable"} 3"#,
        r#"convoke_matrix_homeserver_request_seconds_count{purpose="user_info"} 3"#,
        "convoke_matrix_delayed_leaves 0",
        "convoke_matrix_delayed_leave_sends_total 0",
    ] {
        assert!(
            answer.text.lines().any(|found| found == line),
            "{line}\n{}",
            answer.text
        );
    }
    assert!(!answer.text.contains("hs.example"), "{}", answer.text);
}
