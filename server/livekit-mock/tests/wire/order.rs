//! The order of the checks: authorization, pin, delay, SIP status, failure. Each test asks for two at once.

use std::time::Instant;

use serde_json::json;

use crate::harness::{CREATE_ROOM, CREATE_SIP_PARTICIPANT, Mock, everything};

const AN_HOUR: u32 = 3_600_000;

#[tokio::test]
async fn authorization_comes_before_the_pin() {
    let mock = Mock::start().await;
    let call = mock
        .call(CREATE_ROOM)
        .control(&json!({"pinnedRegions": ["region-1"]}));
    assert_eq!(call.clone().send().await.failure(401), "unauthenticated");
    assert_eq!(call.token(&everything()).send().await.status, 451);
    mock.stop().await;
}

#[tokio::test]
async fn authorization_comes_before_the_delay_and_the_failure() {
    let mock = Mock::start().await;
    let call = mock
        .call(CREATE_ROOM)
        .control(&json!({"delayMs": AN_HOUR, "failRegions": [0]}));
    assert_eq!(call.send().await.failure(401), "unauthenticated");
    mock.stop().await;
}

#[tokio::test]
async fn the_pin_comes_before_the_delay_and_the_failure() {
    let mock = Mock::start().await;
    let control = json!({"pinnedRegions": ["region-1"], "delayMs": AN_HOUR, "failRegions": [0]});
    assert_eq!(
        mock.create_room().control(&control).send().await.status,
        451
    );
    mock.stop().await;
}

#[tokio::test]
async fn the_delay_comes_before_the_sip_status() {
    let mock = Mock::start().await;
    let control = json!({"delayMs": 250, "sipStatus": {"code": 603}});
    let begin = Instant::now();
    let call = mock
        .call(CREATE_SIP_PARTICIPANT)
        .token(&everything())
        .control(&control);
    assert_eq!(call.send().await.failure(403), "permission_denied");
    assert!(begin.elapsed().as_millis() >= 250);
    mock.stop().await;
}

#[tokio::test]
async fn the_sip_status_comes_before_the_failure() {
    let mock = Mock::start().await;
    let control = json!({"sipStatus": {"code": 603}, "failRegions": [0], "failMode": "drop"});
    let call = mock
        .call(CREATE_SIP_PARTICIPANT)
        .token(&everything())
        .control(&control);
    assert_eq!(call.send().await.failure(403), "permission_denied");
    mock.stop().await;
}

#[tokio::test]
async fn the_failure_comes_before_a_body_that_cannot_be_read() {
    let mock = Mock::start().await;
    let call = || mock.create_room().body("{");
    let failed = call().control(&json!({"failRegions": [0]})).send().await;
    assert_eq!(failed.failure(503), "unavailable");
    assert_eq!(call().send().await.failure(400), "malformed");
    mock.stop().await;
}
