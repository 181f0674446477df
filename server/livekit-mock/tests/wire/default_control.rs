//! What other crates' tests use: a control for clients that send no headers, swapped while the mock runs.

use std::time::{Duration, Instant};

use http::StatusCode;
use livekit_mock::{Control, FailMode};
use serde_json::json;

use crate::harness::{CREATE_ROOM, Mock, everything};

fn failing(fail_mode: FailMode) -> Control {
    Control {
        fail_regions: vec![0],
        fail_mode,
        ..Control::default()
    }
}

#[tokio::test]
async fn it_holds_from_the_next_request_until_it_is_replaced() {
    let mock = Mock::start().await;
    let call = || mock.call(CREATE_ROOM).token(&everything());
    assert_eq!(call().send().await.status, 200);

    mock.default_control.set(Control {
        fail_status: Some(StatusCode::BAD_GATEWAY),
        ..failing(FailMode::Status)
    });
    assert_eq!(call().send().await.failure(502), "unavailable");
    assert_eq!(call().region(1).send().await.status, 200);

    mock.default_control.set(failing(FailMode::Drop));
    call().breaks().await;
    mock.default_control.set(failing(FailMode::Truncate));
    call().breaks().await;
    mock.default_control.set(Control {
        fail_delay: Some(Duration::from_millis(250)),
        ..failing(FailMode::Delay)
    });
    let begin = Instant::now();
    assert_eq!(call().send().await.status, 503);
    assert!(begin.elapsed().as_millis() >= 250);

    mock.default_control.set(Control {
        delay: Some(Duration::from_millis(250)),
        regions_status: Some(StatusCode::INTERNAL_SERVER_ERROR),
        ..Control::default()
    });
    let begin = Instant::now();
    assert_eq!(call().send().await.status, 200);
    assert!(begin.elapsed().as_millis() >= 250);
    assert_eq!(mock.get("/settings/regions").send().await.status, 500);

    mock.default_control.set(Control::default());
    assert_eq!(call().send().await.status, 200);
    mock.stop().await;
}

#[tokio::test]
async fn a_request_with_a_header_speaks_for_itself() {
    let mock = Mock::start().await;
    mock.default_control.set(failing(FailMode::Status));
    let call = || mock.call(CREATE_ROOM).token(&everything());
    assert_eq!(call().control(&json!({})).send().await.status, 200);
    let older = call().header("X-Lk-Mock-Fail-Regions", "1");
    assert_eq!(older.send().await.status, 200);
    assert_eq!(call().send().await.status, 503);
    mock.stop().await;
}
