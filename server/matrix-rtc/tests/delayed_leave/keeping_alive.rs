//! While the participant is on the SFU.

use matrix_rtc::delayed_leave::{
    ActError, Acted,
    ParticipantEvent::{Interrupted, Joined, LeftIntentionally},
    Settings,
};

use crate::harness::{ALICE, Answer, House, SfuState, busy, seconds, settings};

/// Alice is connected and her event is about to be restarted for the first time.
async fn connected(timeout: f64, answers: impl IntoIterator<Item = Answer>) -> House {
    let house = House::open().await;
    house.homeserver.answers(answers);
    house.take_over("leave", seconds(timeout)).await;
    house.tell(Joined);
    house
}

#[tokio::test(start_paused = true)]
async fn the_event_is_restarted_whenever_four_fifths_of_its_timeout_are_over() {
    let house = connected(10.0, []).await;
    house.pass(24.0).await;
    let restarts = [0, 8, 16, 24].map(|at| format!("{at}.0 leave restart"));
    assert_eq!(house.requests(), restarts);
    assert_eq!(house.leaves.snapshot().restarts, 4);
    assert_eq!(house.leaves.snapshot().live, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_does_not_put_off_the_next_restart() {
    let slow = || Answer::After(seconds(3.0), Ok(Acted::Done));
    let house = connected(10.0, [slow(), slow()]).await;
    house.pass(16.0).await;
    let restarts = [0, 8, 16].map(|at| format!("{at}.0 leave restart"));
    assert_eq!(house.requests(), restarts);
}

#[tokio::test(start_paused = true)]
async fn doubled_webhooks_restart_once() {
    let house = connected(10.0, []).await;
    for _ in 0..5 {
        house.tell(Joined);
        house.pass(0.1).await;
    }
    assert_eq!(house.requests(), ["0.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_fails_is_tried_again_and_the_next_counts_from_the_one_that_worked() {
    let house = connected(10.0, [Answer::Now(Err(busy())), Answer::Now(Err(busy()))]).await;
    house.pass(10.5).await;
    let restarts = ["0.0", "1.0", "2.5", "10.5"].map(|at| format!("{at} leave restart"));
    assert_eq!(house.requests(), restarts);
}

#[tokio::test(start_paused = true)]
async fn a_homeserver_that_asks_to_wait_is_left_alone_for_as_long() {
    let later = Answer::Now(Err(ActError::RetryAfter(seconds(5.5))));
    let house = connected(10.0, [later]).await;
    house.pass(7.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "5.5 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_homeserver_that_asks_to_wait_for_no_time_is_not_flooded() {
    let now = || Answer::Now(Err(ActError::RetryAfter(seconds(0.0))));
    let house = connected(10.0, [now(), now()]).await;
    house.pass(1.0).await;
    let restarts = ["0.0", "0.5", "1.0"].map(|at| format!("{at} leave restart"));
    assert_eq!(house.requests(), restarts);
}

#[tokio::test(start_paused = true)]
async fn a_homeserver_that_does_not_answer_is_asked_again_after_ten_seconds() {
    let house = connected(60.0, [Answer::Never]).await;
    house.pass(12.0).await;
    assert_eq!(
        house.requests(),
        ["0.0 leave restart", "11.0 leave restart"]
    );
}

#[tokio::test(start_paused = true)]
async fn restarts_are_given_up_when_the_homeserver_has_sent_the_event_by_itself() {
    let house = connected(10.0, []).await;
    house.homeserver.fails_with(busy());
    house.pass(60.0).await;
    // The next would be at 13.2.
    let restarts = ["0.0", "1.0", "2.5", "4.8", "8.1"].map(|at| format!("{at} leave restart"));
    assert_eq!(house.requests(), restarts);
    assert_eq!(house.leaves.snapshot().live, 0);
    assert_eq!(house.leaves.snapshot().failed_restarts, 1);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_gone_ends_the_delegation_without_a_leave() {
    for error in [ActError::NotFound, ActError::NoClientApi] {
        let house = connected(10.0, [Answer::Now(Ok(Acted::Done))]).await;
        house.pass(1.0).await;
        house.homeserver.fails_with(error);
        house.pass(60.0).await;
        assert_eq!(house.requests(), ["0.0 leave restart", "8.0 leave restart"]);
        assert_eq!(house.leaves.snapshot().live, 0);
        assert_eq!(house.disk.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tiny_timeout_does_not_flood_the_homeserver() {
    let house = connected(0.001, []).await;
    house.pass(1.0).await;
    assert!(house.requests().len() <= 6, "{:?}", house.requests());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_centuries_is_borne() {
    let house = connected(9_000_000_000.0, []).await;
    house.pass(1_000_000.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
    house.tell(LeftIntentionally);
    house.pass(1.0).await;
    assert_eq!(house.leaves.snapshot().sends, 1);
}

#[tokio::test(start_paused = true)]
async fn one_whose_left_webhook_was_lost_is_missed_at_the_next_sanity_check() {
    let house = House::open_with(Settings {
        sanity_check_interval: Some(seconds(5.0)),
        ..settings()
    })
    .await;
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(12.0).await;
    house.sfu.leave(ALICE);
    house.pass(10.0).await;
    assert_eq!(
        house.lookups(),
        ["0.0", "5.0", "10.0", "15.0", "15.0", "16.0"]
    );
    assert_eq!(house.requests(), ["0.0 leave restart", "16.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn an_sfu_that_does_not_answer_sends_nobody_away() {
    let house = House::open_with(Settings {
        sanity_check_interval: Some(seconds(5.0)),
        ..settings()
    })
    .await;
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(600.0)).await;
    house.pass(1.0).await;
    house.sfu.becomes(SfuState::Fails);
    house.pass(100.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
    assert_eq!(house.leaves.snapshot().failed_lookups, 20);
}

#[tokio::test(start_paused = true)]
async fn without_a_sanity_check_the_sfu_is_not_asked_again() {
    let house = House::open().await;
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(1000.0).await;
    assert_eq!(house.lookups(), ["0.0"]);
}

#[tokio::test(start_paused = true)]
async fn one_whom_a_sanity_check_misses_is_looked_for_once_more() {
    let house = House::open_with(Settings {
        sanity_check_interval: Some(seconds(5.0)),
        ..settings()
    })
    .await;
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(4.9).await;
    house.sfu.leave(ALICE);
    house.pass(0.5).await;
    house.sfu.enter_as(ALICE, "PA_2");
    house.pass(20.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "6.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_sfu_has_started_anew_everybody_has_a_minute_to_come_back() {
    for comes_back in [true, false] {
        let house = connected(100.0, []).await;
        house.pass(10.0).await;
        house.leaves.sfu_started();
        house.pass(40.0).await;
        if comes_back {
            house.sfu.enter_as(ALICE, "PA_2");
        }
        house.pass(60.0).await;
        let last = house.requests().pop().unwrap();
        assert_eq!(last.ends_with("send"), !comes_back, "{last}");
        if !comes_back {
            assert_eq!(last, "70.0 leave send");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_is_kept_alive_while_its_participant_may_come_back() {
    let house = connected(10.0, []).await;
    house.pass(1.0).await;
    house.tell(Interrupted);
    house.pass(30.0).await;
    let restarts = [0, 8, 16, 24].map(|at| format!("{at}.0 leave restart"));
    assert_eq!(house.requests(), restarts);
}
