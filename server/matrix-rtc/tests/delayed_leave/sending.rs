//! When the participant is gone.

use matrix_rtc::delayed_leave::{
    ActError, Acted,
    ParticipantEvent::{Aborted, Joined, LeftIntentionally},
    Settings,
};

use crate::harness::{ALICE, Answer, House, SfuState, busy, seconds, settings};

/// Alice has been connected for a second, and her event was restarted at 0.
async fn connected_for_a_second(timeout: f64) -> House {
    let house = House::open().await;
    house.take_over("leave", seconds(timeout)).await;
    house.tell(Joined);
    house.pass(1.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
    house
}

#[tokio::test(start_paused = true)]
async fn the_leave_is_sent_when_the_participant_has_not_come_back_after_a_second() {
    for event in [LeftIntentionally, Aborted] {
        let house = connected_for_a_second(10.0).await;
        house.tell(event);
        house.pass(60.0).await;
        assert_eq!(house.requests(), ["0.0 leave restart", "2.0 leave send"]);
        assert_eq!(house.leaves.snapshot().live, 0);
        assert_eq!(house.leaves.snapshot().sends, 1);
        assert_eq!(house.disk.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn doubled_and_late_webhooks_send_nothing_more() {
    let house = connected_for_a_second(10.0).await;
    house
        .homeserver
        .answers([Answer::After(seconds(2.0), Ok(Acted::Done))]);
    for event in [LeftIntentionally, Aborted, Joined, LeftIntentionally] {
        house.tell(event);
        house.pass(0.1).await;
    }
    house.pass(60.0).await;
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "2.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_restart_is_not_waited_for() {
    let house = House::open().await;
    house
        .homeserver
        .answers([Answer::After(seconds(5.0), Ok(Acted::Done))]);
    house.take_over("leave", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(1.0).await;
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "2.0 leave send"]);
    assert_eq!(house.leaves.snapshot().restarts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_leave_that_fails_is_tried_again_until_the_homeserver_sends_it_by_itself() {
    let house = connected_for_a_second(10.0).await;
    house.homeserver.fails_with(busy());
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    let requests = house.requests();
    // The next would be at 10.1.
    let sends = ["2.0", "3.0", "4.5", "6.8"].map(|at| format!("{at} leave send"));
    assert_eq!(requests[1..], sends);
    assert_eq!(house.leaves.snapshot().failed_sends, 1);
    assert_eq!(house.leaves.snapshot().live, 0);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_sfu_is_not_asked_about_somebody_who_has_gone() {
    let house = House::open_with(Settings {
        sanity_check_interval: Some(seconds(2.0)),
        ..settings()
    })
    .await;
    house.sfu.enter(ALICE);
    house.homeserver.answers([Answer::Now(Ok(Acted::Done))]);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(3.0).await;
    house.homeserver.fails_with(busy());
    house.tell(LeftIntentionally);
    house.pass(30.0).await;
    assert_eq!(house.leaves.snapshot().live, 1);
    assert_eq!(house.lookups(), ["0.0", "2.0", "3.0", "4.0"]);
}

#[tokio::test(start_paused = true)]
async fn a_leave_has_a_second_even_when_no_time_is_left() {
    let house = House::open().await;
    house.homeserver.fails_with(busy());
    house.take_over("leave", seconds(10.0)).await;
    house.pass(60.0).await;
    assert_eq!(house.requests(), ["10.0 leave send", "11.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn a_leave_is_not_tried_for_longer_than_an_hour() {
    let house = connected_for_a_second(36_000.0).await;
    house.homeserver.fails_with(busy());
    house.tell(LeftIntentionally);
    house.pass(10_000.0).await;
    let requests = house.requests();
    let last = requests.last().unwrap().split(' ').next().unwrap();
    let last: f64 = last.parse().unwrap();
    assert!((3500.0..=3601.0).contains(&last), "{last}");
    assert_eq!(house.leaves.snapshot().live, 0);
}

#[tokio::test(start_paused = true)]
async fn a_homeserver_that_asks_to_wait_gets_the_leave_later() {
    let house = connected_for_a_second(10.0).await;
    let later = Err(ActError::RetryAfter(seconds(4.0)));
    house.homeserver.answers([Answer::Now(later)]);
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    assert_eq!(house.requests()[1..], ["2.0 leave send", "6.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn a_leave_that_somebody_else_has_sent_counts_as_sent() {
    for answer in [Ok(Acted::AlreadyGone), Err(ActError::NotFound)] {
        let house = connected_for_a_second(10.0).await;
        house.homeserver.answers([Answer::Now(answer)]);
        house.tell(LeftIntentionally);
        house.pass(60.0).await;
        assert_eq!(house.requests()[1..], ["2.0 leave send"]);
        assert_eq!(house.leaves.snapshot().sends, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_twice_when_the_homeserver_cannot_be_found() {
    let house = connected_for_a_second(10.0).await;
    house.homeserver.fails_with(ActError::NoClientApi);
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    assert_eq!(house.requests()[1..], ["2.0 leave send"]);
    assert_eq!(house.leaves.snapshot().failed_sends, 1);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_reconnect_sends_nobody_away() {
    for event in [LeftIntentionally, Aborted] {
        let house = connected_for_a_second(10.0).await;
        house.tell(event);
        house.pass(0.1).await;
        house.sfu.enter_as(ALICE, "PA_2");
        house.pass(30.0).await;
        let restarts = ["0.0", "2.0", "10.0", "18.0", "26.0"];
        assert_eq!(
            house.requests(),
            restarts.map(|at| format!("{at} leave restart"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_webhook_of_another_stay_brings_a_participant_back_at_once() {
    let house = connected_for_a_second(10.0).await;
    house.tell(LeftIntentionally);
    house.pass(0.1).await;
    house.tell_of_stay(ALICE, Joined, "PA_2");
    house.pass(3.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "1.1 leave restart"]);
    // The webhook of the stay before, once more and late: the SFU knows better.
    house.sfu.enter_as(ALICE, "PA_2");
    house.tell(LeftIntentionally);
    house.pass(3.0).await;
    assert_eq!(house.requests().len(), 3);
    assert!(house.requests()[2].ends_with("leave restart"));
}

#[tokio::test(start_paused = true)]
async fn a_stay_that_is_over_and_still_listed_is_over() {
    let house = connected_for_a_second(10.0).await;
    house.sfu.enter(ALICE);
    house.tell(LeftIntentionally);
    house.pass(3.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "2.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn an_sfu_that_says_who_left_and_then_nothing_is_believed() {
    for state in [SfuState::Fails, SfuState::Hangs] {
        let house = connected_for_a_second(10.0).await;
        house.sfu.becomes(state);
        house.tell(Aborted);
        house.pass(4.0).await;
        assert_eq!(house.requests().len(), 2, "{:?}", house.requests());
        assert!(house.requests()[1].ends_with("leave send"));
    }
}

#[tokio::test(start_paused = true)]
async fn doubled_webhooks_do_not_put_off_the_leave() {
    let house = connected_for_a_second(10.0).await;
    for event in [
        LeftIntentionally,
        Joined,
        Aborted,
        Joined,
        LeftIntentionally,
    ] {
        house.tell(event);
        house.pass(0.3).await;
    }
    house.pass(1.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart", "2.0 leave send"]);
}
