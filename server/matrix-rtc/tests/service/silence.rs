//! Homeservers that are slow, broken or hostile: asked again within bounds, then left alone for a while.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::response::IntoResponse;
use http::StatusCode;
use tokio::time::{Instant, sleep};

use super::{
    homeserver::{Homeserver, Names, USER_INFO, json, vouch},
    service::{Service, get_token, options},
};

const SERVER: &str = "hs.example:1";

async fn unauthorized(homeserver: &Homeserver, lookups: usize) {
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let answer = Service::with(names).await.sfu_get("ann", SERVER).await;
    assert_eq!((answer.status, &*answer.errcode()), (401, "M_UNAUTHORIZED"));
    assert_eq!(homeserver.paths(), vec![USER_INFO; lookups]);
}

#[tokio::test]
async fn an_inner_failure_is_asked_again_a_refusal_is_not() {
    for (status, lookups) in [(500, 3), (503, 3), (401, 1), (403, 1), (404, 1), (429, 1)] {
        let status = StatusCode::from_u16(status).unwrap();
        let homeserver = Homeserver::start(&["hs.example"], move |_| status.into_response()).await;
        unauthorized(&homeserver, lookups).await;
    }
}

#[tokio::test]
async fn a_short_failure_is_not_noticed_by_the_client() {
    let count = AtomicU32::new(0);
    let good = vouch(SERVER);
    let homeserver = Homeserver::start(&["hs.example"], move |asked| {
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => StatusCode::BAD_GATEWAY.into_response(),
            _ => good(asked),
        }
    })
    .await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let answer = Service::with(names).await.sfu_get("ann", SERVER).await;
    assert_eq!(answer.status, 200);
    assert_eq!(homeserver.paths().len(), 2);
}

#[tokio::test]
async fn garbage_and_endless_answers_are_final() {
    for garbage in ["", "{", "null", "[]", r#"{"sub":7}"#] {
        let homeserver = Homeserver::start(&["hs.example"], move |_| json(garbage)).await;
        unauthorized(&homeserver, 1).await;
    }
    let huge = format!(r#"{{"sub":"@ann:{SERVER}","x":"{}"}}"#, "x".repeat(100_000));
    let homeserver = Homeserver::start(&["hs.example"], move |_| json(&huge)).await;
    unauthorized(&homeserver, 1).await;
}

#[tokio::test]
async fn a_silent_homeserver_is_given_up_at_the_deadline() {
    let homeserver =
        Homeserver::start_slow(&["hs.example"], |_| Box::pin(std::future::pending())).await;
    let mut options = options(Names::default().with("hs.example", 1, homeserver.address));
    options.homeservers.retry.attempt = Duration::from_millis(200);
    options.homeservers.retry.deadline = Duration::from_millis(500);
    let service = Service::start(options).await;
    let start = Instant::now();
    assert_eq!(service.sfu_get("ann", SERVER).await.status, 401);
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(500), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(homeserver.paths().len(), 3);
}

#[tokio::test]
async fn after_failures_in_a_row_a_homeserver_has_a_pause_and_then_a_trial() {
    let healthy = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (is_healthy, good) = (healthy.clone(), vouch(SERVER));
    let homeserver = Homeserver::start(&["hs.example"], move |asked| {
        if is_healthy.load(Ordering::Relaxed) {
            good(asked)
        } else {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    })
    .await;
    let mut options = options(Names::default().with("hs.example", 1, homeserver.address));
    options.homeservers.retry.attempts = 1;
    options.homeservers.breaker.failures = 2;
    options.homeservers.breaker.first_pause = Duration::from_millis(300);
    let service = Service::start(options).await;

    for _ in 0..5 {
        assert_eq!(service.sfu_get("ann", SERVER).await.status, 401);
    }
    assert_eq!(
        homeserver.paths().len(),
        2,
        "the other three were not asked"
    );
    let metrics = service.matrix.metrics_text().unwrap();
    assert!(
        metrics.contains("convoke_matrix_homeserver_circuits_opened_total 1\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("convoke_matrix_homeserver_circuits_refused_total 3\n"),
        "{metrics}"
    );

    healthy.store(true, Ordering::Relaxed);
    let deadline = Instant::now() + Duration::from_secs(10);
    while service.sfu_get("ann", SERVER).await.status != 200 {
        assert!(Instant::now() < deadline, "the circuit stays open");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(homeserver.paths().len(), 3);
    assert_eq!(service.sfu_get("ann", SERVER).await.status, 200);
}

#[tokio::test]
async fn a_token_that_nobody_can_be_asked_about_does_not_count_against_its_homeserver() {
    let homeserver = Homeserver::start(&["hs.example"], vouch(SERVER)).await;
    let mut options = options(Names::default().with("hs.example", 1, homeserver.address));
    options.homeservers.breaker.failures = 2;
    let service = Service::start(options).await;
    let mut body = get_token("ann", SERVER);
    // Escaped it would be longer than any address of a request may be.
    body["openid_token"]["access_token"] = "%".repeat(22_000).into();
    for _ in 0..3 {
        assert_eq!(
            service.post("/get_token", body.to_string()).await.status,
            401
        );
    }
    assert!(homeserver.paths().is_empty());
    let good = get_token("ann", SERVER).to_string();
    assert_eq!(service.post("/get_token", good).await.status, 200);
}
