//! Until the participant is on the SFU.

use matrix_rtc::delayed_leave::ParticipantEvent::{Aborted, Joined, LeftIntentionally};

use crate::harness::{ALICE, House, SfuState, seconds};

#[tokio::test(start_paused = true)]
async fn a_participant_who_is_there_already_is_found_at_once() {
    let house = House::open().await;
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(10.0)).await;
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_joined_webhook_connects_whatever_lookups_say() {
    let house = House::open().await;
    house.sfu.becomes(SfuState::Fails);
    house.take_over("leave", seconds(10.0)).await;
    house.pass(0.2).await;
    house.tell(Joined);
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["0.2 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_joined_webhook_from_before_the_delegation_is_made_up_for_by_a_lookup() {
    let house = House::open().await;
    house.tell(Joined);
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(10.0)).await;
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn lookups_become_rarer_until_the_participant_is_there() {
    let house = House::open().await;
    house.take_over("leave", seconds(60.0)).await;
    house.pass(5.0).await;
    house.sfu.enter(ALICE);
    house.pass(5.0).await;
    let expected = ["0.0", "1.0", "2.5", "4.8", "8.1"];
    assert_eq!(house.lookups(), expected);
    assert_eq!(house.requests(), ["8.1 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn lookups_go_on_at_least_once_a_minute() {
    let house = House::open().await;
    house.take_over("leave", seconds(3000.0)).await;
    house.pass(2000.0).await;
    let lookups = house.lookups();
    let last: Vec<f64> = lookups[lookups.len() - 2..]
        .iter()
        .map(|at| at.parse().unwrap())
        .collect();
    assert!((last[1] - last[0] - 60.0).abs() < 0.2, "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn an_sfu_that_does_not_answer_is_asked_again() {
    let house = House::open().await;
    house.sfu.becomes(SfuState::Fails);
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(0.5).await;
    house.sfu.becomes(SfuState::Answers);
    house.pass(0.6).await;
    assert_eq!(house.requests(), ["1.0 leave restart"]);
    assert_eq!(house.leaves.snapshot().failed_lookups, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_hangs_is_given_up_after_ten_seconds() {
    let house = House::open().await;
    house.sfu.becomes(SfuState::Hangs);
    house.take_over("leave", seconds(60.0)).await;
    house.pass(0.5).await;
    house.sfu.becomes(SfuState::Answers);
    house.sfu.enter(ALICE);
    house.pass(11.0).await;
    assert_eq!(house.lookups(), ["0.0", "11.0"]);
    assert_eq!(house.requests(), ["11.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn one_who_never_comes_is_sent_away_when_the_timeout_is_over() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    house.pass(9.9).await;
    assert_eq!(house.requests(), [""; 0]);
    house.pass(0.1).await;
    assert_eq!(house.requests(), ["10.0 leave send"]);
    assert_eq!(house.leaves.snapshot().live, 0);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_longer_than_an_hour() {
    let house = House::open().await;
    house.take_over("leave", seconds(36_000.0)).await;
    house.pass(3601.0).await;
    assert_eq!(house.requests(), ["3600.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_aborted_before_it_was_made_ends_the_delegation_without_a_request() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    house.tell(Aborted);
    house.pass(60.0).await;
    assert_eq!(house.requests(), [""; 0]);
    assert_eq!(house.leaves.snapshot().live, 0);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_joined_that_comes_after_its_left_does_not_keep_the_participant_for_ever() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    house.tell(LeftIntentionally);
    house.tell(Joined);
    house.pass(60.0).await;
    assert_eq!(house.requests(), ["10.0 leave send"]);
}

#[tokio::test(start_paused = true)]
async fn one_who_left_and_came_back_is_found_at_once() {
    let house = House::open().await;
    house.take_over("leave", seconds(60.0)).await;
    house.tell(LeftIntentionally);
    house.pass(5.0).await;
    house.sfu.enter(ALICE);
    house.tell(Joined);
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["5.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_from_before_a_participant_left_does_not_keep_them_in_the_call() {
    let house = House::open().await;
    house.sfu.becomes(SfuState::AnswersLate(seconds(1.0)));
    house.sfu.enter(ALICE);
    house.take_over("leave", seconds(10.0)).await;
    house.pass(0.5).await;
    house.sfu.leave(ALICE);
    house.tell(LeftIntentionally);
    house.pass(9.0).await;
    assert!(house.requests().is_empty(), "{:?}", house.requests());
    house.pass(1.0).await;
    assert_eq!(house.requests(), ["10.0 leave send"]);
}
