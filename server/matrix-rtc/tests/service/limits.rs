//! One client cannot keep the service busy; others do not notice.

use std::num::NonZeroU32;

use matrix_rtc::Options;

use super::{
    homeserver::Names,
    service::{Answer, Service, options},
};

/// Two requests at once, then one per second.
fn limited(trusted: &[&str]) -> Options {
    let mut options = options(Names::default());
    options.rate_limit.per_second = NonZeroU32::MIN;
    options.rate_limit.burst = NonZeroU32::new(2).unwrap();
    options.rate_limit.trusted_proxies = trusted.iter().map(|net| net.parse().unwrap()).collect();
    options
}

async fn ask(service: &Service, forwarded_for: &str) -> Answer {
    let request = service
        .build("POST", "/get_token")
        .header("x-forwarded-for", forwarded_for);
    service.send(request.body("{")).await
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let service = Service::start(limited(&["127.0.0.1/32"])).await;
    for _ in 0..2 {
        assert_eq!(ask(&service, "198.51.100.1").await.status, 400);
    }
    let answer = ask(&service, "198.51.100.1").await;
    assert_eq!(
        (answer.status, &*answer.errcode()),
        (429, "M_LIMIT_EXCEEDED")
    );
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let pause = answer.json()["retry_after_ms"].as_u64().unwrap();
    assert!((1..=1000).contains(&pause), "{pause}");

    assert_eq!(
        ask(&service, "198.51.100.2").await.status,
        400,
        "others are not affected"
    );
}

#[tokio::test]
async fn a_client_that_is_no_trusted_proxy_cannot_choose_its_address() {
    let service = Service::start(limited(&["10.0.0.0/8"])).await;
    for _ in 0..2 {
        assert_eq!(ask(&service, "198.51.100.1").await.status, 400);
    }
    assert_eq!(ask(&service, "198.51.100.2").await.status, 429);
}

#[tokio::test]
async fn clients_of_a_proxy_that_names_nobody_do_not_share_one_limit() {
    let service = Service::start(limited(&["127.0.0.1/32"])).await;
    for _ in 0..5 {
        assert_eq!(ask(&service, "").await.status, 400);
    }
}

#[tokio::test]
async fn health_preflights_and_webhooks_are_not_limited() {
    let service = Service::start(limited(&[])).await;
    for _ in 0..5 {
        assert_eq!(service.request("GET", "/healthz").await.status, 200);
        assert_eq!(service.request("OPTIONS", "/sfu/get").await.status, 200);
        assert_eq!(service.post("/sfu_webhook", "").await.status, 200);
    }
    assert_eq!(ask(&service, "").await.status, 400);
}
