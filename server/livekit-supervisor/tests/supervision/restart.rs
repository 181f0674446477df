//! A child that ends, however it ends, comes back.

use std::time::{Duration, SystemTime};

use livekit_supervisor::Failure;
use nix::sys::signal::Signal;
use tokio::time::timeout;

use crate::house::{House, gone, is_running, signal};

crate::with_every_server!(
    a_killed_child_comes_back_at_the_same_address,
    a_child_that_somebody_else_terminates_comes_back_although_its_code_is_0,
    a_child_that_stops_answering_is_killed_and_comes_back,
);

async fn a_killed_child_comes_back_at_the_same_address(house: House) {
    let mut supervised = house.start().await;
    let first = supervised.ready().await;
    let mut ended = supervised.handle.ended();
    assert_eq!(*ended.borrow_and_update(), None);
    let before = SystemTime::now();
    signal(first.pid, Signal::SIGKILL);
    ended.changed().await.unwrap();
    let at = ended.borrow().unwrap();
    assert!(before <= at && at <= SystemTime::now(), "{at:?}");
    let reason = supervised.reason().await;
    assert!(
        matches!(reason, Failure::Killed { signal: 9, .. }),
        "{reason}"
    );
    let second = supervised.ready_again(first.pid).await;
    assert_eq!(second.endpoint.internal_url, first.endpoint.internal_url);
    assert!(house.config_file().exists());
    supervised.shutdown().await;
    assert!(!is_running(second.pid));
}

async fn a_child_that_somebody_else_terminates_comes_back_although_its_code_is_0(mut house: House) {
    // It closes its port some time before it is gone.
    house.options.timings.health_failures = 500;
    let mut supervised = house.start().await;
    let first = supervised.ready().await;
    // livekit-server loses a SIGTERM in its first 0.1 s, so it is repeated until it works.
    let reason = loop {
        signal(first.pid, Signal::SIGTERM);
        if let Ok(reason) = timeout(Duration::from_millis(500), supervised.reason()).await {
            break reason;
        }
    };
    assert!(
        matches!(reason, Failure::Exited { code: 0, .. }),
        "{reason}"
    );
    supervised.ready_again(first.pid).await;
    supervised.shutdown().await;
}

async fn a_child_that_stops_answering_is_killed_and_comes_back(mut house: House) {
    house.options.timings.probe_timeout = Duration::from_millis(500);
    house.options.timings.health_failures = 3;
    let mut supervised = house.start().await;
    let first = supervised.ready().await;
    signal(first.pid, Signal::SIGSTOP);
    let reason = supervised.reason().await;
    assert!(matches!(reason, Failure::Hung { .. }), "{reason}");
    gone(first.pid).await;
    supervised.ready_again(first.pid).await;
    supervised.shutdown().await;
}

#[tokio::test]
async fn an_exit_is_explained_by_the_childs_last_words_and_lines() {
    let house = House::fixture(&["exits-at-once"]);
    let mut supervised = house.start().await;
    let down = supervised.down(Duration::from_millis(1)).await;
    assert_eq!(
        down.reason.to_string(),
        "built-in exited with code 0 without being asked to, saying: could not start: the reason"
    );
    assert_eq!(down.last_log_lines.len(), 50);
    assert_eq!(down.last_log_lines[0], "line 11");
    assert_eq!(down.last_log_lines[49], "could not start: the reason");
    supervised.shutdown().await;
}

#[tokio::test]
async fn restarts_are_at_once_first_and_then_further_and_further_apart() {
    let house = House::fixture(&["exits-at-once"]);
    let mut supervised = house.start().await;
    assert!(matches!(supervised.reason().await, Failure::Exited { .. }));
    for expected in [20, 40, 80] {
        let expected = Duration::from_millis(expected);
        assert_eq!(supervised.down(expected).await.retry_in, expected);
    }
    supervised.shutdown().await;
}

#[tokio::test]
async fn a_stop_during_the_pause_is_not_kept_waiting() {
    let mut house = House::fixture(&["exits-at-once"]);
    house.options.timings.backoff_first = Duration::from_hours(1);
    house.options.timings.backoff_max = Duration::from_hours(1);
    let mut supervised = house.start().await;
    supervised.down(Duration::from_hours(1)).await;
    supervised.shutdown().await;
}
