//! Thousands at once, and the end.

use std::sync::Arc;

use futures::future::join_all;
use matrix_rtc::delayed_leave::{
    ParticipantEvent::{Joined, LeftIntentionally},
    TakeOverError,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::harness::{
    ALICE, Answer, House, SfuState, delegation, delegation_of, identity, seconds,
};

const MANY: usize = 5000;

async fn take_over_many(house: &House) -> Vec<String> {
    let names: Vec<_> = (0..MANY)
        .map(|number| format!("@user{number}:example.com:DEVICE"))
        .collect();
    let taken = join_all(
        names
            .iter()
            .map(|who| house.try_take_over(delegation_of(who, "leave", seconds(10.0)))),
    );
    assert!(taken.await.iter().all(Result::is_ok));
    names
}

#[tokio::test(start_paused = true)]
async fn thousands_come_stay_and_go() {
    let house = House::open().await;
    let names = take_over_many(&house).await;
    for who in &names {
        house.tell_of(who, Joined);
    }
    house.pass(9.0).await;
    let snapshot = house.leaves.snapshot();
    assert_eq!((snapshot.live, snapshot.restarts), (MANY, 2 * MANY as u64));
    assert_eq!(house.disk.len(), MANY);
    for who in &names {
        house.tell_of(who, LeftIntentionally);
    }
    house.pass(2.0).await;
    let snapshot = house.leaves.snapshot();
    assert_eq!((snapshot.live, snapshot.sends), (0, MANY as u64));
    assert_eq!(house.disk.len(), 0);
}

/// On the real clock: threads do not go with a paused one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_when_many_threads_come_and_go_for_the_same_participants() {
    let house = Arc::new(House::open().await);
    let names: Arc<Vec<_>> = (0..50)
        .map(|number| format!("@user{number}:example.com:DEVICE"))
        .collect::<Vec<_>>()
        .into();
    let mut threads = JoinSet::new();
    for _ in 0..16 {
        let (house, names) = (house.clone(), names.clone());
        threads.spawn(async move {
            for who in names.iter().cycle().take(500) {
                let taken = house.try_take_over(delegation_of(who, "leave", seconds(0.5)));
                assert_eq!(taken.await, Ok(()));
                house.tell_of(who, Joined);
                house.tell_of(who, LeftIntentionally);
            }
        });
    }
    threads.join_all().await;
    assert_eq!(house.leaves.snapshot().taken_over, 8000);
    let deadline = Instant::now() + seconds(20.0);
    while house.leaves.snapshot().live > 0 || house.disk.len() > 0 {
        let snapshot = house.leaves.snapshot();
        assert!(Instant::now() < deadline, "{snapshot:?}");
        sleep(seconds(0.01)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_sfu_is_not_asked_about_everybody_at_the_same_time() {
    let house = House::open().await;
    house.sfu.becomes(SfuState::AnswersAfter(seconds(0.01)));
    let names = take_over_many(&house).await;
    for who in &names {
        house.sfu.enter(who);
    }
    house.pass(5.0).await;
    assert_eq!(house.sfu.most_at_once(), 32);
    assert_eq!(house.leaves.snapshot().restarts, MANY as u64);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_webhooks_does_not_hide_the_one_that_counts() {
    let house = House::open().await;
    house.take_over("leave", seconds(1000.0)).await;
    for number in 0..100_000 {
        let stranger = identity(&format!("@stranger{number}:example.com:DEVICE"));
        house.tell_of(stranger.as_str(), Joined);
        house.tell(Joined);
    }
    house.tell(LeftIntentionally);
    house.pass(1.0).await;
    assert_eq!(house.leaves.snapshot().live, 0);
    assert_eq!(house.leaves.snapshot().sends, 1);
}

#[tokio::test(start_paused = true)]
async fn closing_is_prompt_and_keeps_what_was_not_finished() {
    let house = House::open().await;
    let names = take_over_many(&house).await;
    house.homeserver.answers((0..MANY).map(|_| Answer::Never));
    for who in &names {
        house.tell_of(who, Joined);
    }
    house.pass(1.0).await;
    let asked = house.requests().len();
    let before = Instant::now();
    house.leaves.close().await;
    assert_eq!(before.elapsed(), seconds(0.0));
    assert_eq!(house.disk.len(), MANY);
    house.pass(1000.0).await;
    assert_eq!(house.requests().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn after_closing_delegations_are_turned_away_and_webhooks_ignored() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    house.leaves.close().await;
    house.leaves.close().await;
    let taken = house.try_take_over(delegation("late", seconds(10.0))).await;
    assert_eq!(taken, Err(TakeOverError::ShuttingDown));
    house.tell(Joined);
    house.pass(100.0).await;
    assert_eq!(house.requests(), [""; 0]);
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("leave"));
}
