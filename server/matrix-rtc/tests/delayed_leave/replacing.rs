//! Several delegations, of one participant and of many.

use matrix_rtc::{
    delayed_leave::{
        Acted,
        ParticipantEvent::{Joined, LeftIntentionally},
        Settings, TakeOverError,
    },
    ids::ServerName,
};

use crate::harness::{
    ALICE, Answer, House, delegation, delegation_of, identity, room, seconds, settings,
};

const BOB: &str = "@bob:example.com:DEVICE";

#[tokio::test(start_paused = true)]
async fn a_newer_delegation_takes_the_place_of_an_older_one() {
    let house = House::open().await;
    house.take_over("first", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(1.0).await;
    house.sfu.enter(ALICE);
    house.take_over("second", seconds(10.0)).await;
    house.pass(10.0).await;
    house.tell(LeftIntentionally);
    house.pass(60.0).await;
    let expected = [
        "0.0 first restart",
        "1.0 second restart",
        "9.0 second restart",
        "11.0 second send",
    ];
    assert_eq!(house.requests(), expected);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_newer_delegation_starts_waiting_anew() {
    let house = House::open().await;
    house.take_over("first", seconds(10.0)).await;
    house.pass(8.0).await;
    house.take_over("second", seconds(10.0)).await;
    house.pass(60.0).await;
    assert_eq!(house.requests(), ["18.0 second send"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_while_its_leave_is_being_sent_is_not_sent_away() {
    let house = House::open().await;
    house.take_over("first", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(1.0).await;
    let slow = Answer::After(seconds(5.0), Ok(Acted::Done));
    house.homeserver.answers([slow]);
    house.tell(LeftIntentionally);
    house.pass(1.0).await;
    house.take_over("second", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(6.0).await;
    let expected = ["0.0 first restart", "1.0 first send", "2.0 second restart"];
    assert_eq!(house.requests(), expected);
    assert_eq!(house.leaves.snapshot().sends, 0);
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("second"));
}

#[tokio::test(start_paused = true)]
async fn of_delegations_that_come_together_one_is_held_and_the_same_is_stored() {
    let house = House::open().await;
    let all = (0..50)
        .map(|number| house.try_take_over(delegation(&format!("leave{number}"), seconds(10.0))));
    let taken = futures::future::join_all(all).await;
    assert_eq!(taken, [Ok(()); 50]);
    house.tell(Joined);
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["0.0 leave49 restart"]);
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("leave49"));
    assert_eq!(house.leaves.snapshot().live, 1);
}

#[tokio::test(start_paused = true)]
async fn participants_and_rooms_do_not_disturb_each_other() {
    let house = House::open().await;
    house.take_over("alices", seconds(100.0)).await;
    let bobs = delegation_of(BOB, "bobs", seconds(100.0));
    assert_eq!(house.try_take_over(bobs).await, Ok(()));
    let mut elsewhere = delegation("elsewhere", seconds(100.0));
    elsewhere.room = livekit_wire::RoomName::parse("another").unwrap();
    let another = elsewhere.room.clone();
    assert_eq!(house.try_take_over(elsewhere).await, Ok(()));
    house.tell(Joined);
    house.leaves.tell(&room(), &identity(BOB), Joined);
    house.leaves.tell(&another, &identity(ALICE), Joined);
    house.pass(1.0).await;
    house.tell(LeftIntentionally);
    house.pass(1.0).await;
    assert_eq!(house.requests()[3..], ["1.0 alices send"]);
    assert_eq!(house.leaves.snapshot().live, 2);
    assert_eq!(house.disk.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delegation_without_a_timeout_or_beyond_the_homeserver_s_count_is_refused() {
    let house = House::open().await;
    for timeout in [0, u64::MAX] {
        let timeout = std::time::Duration::from_millis(timeout);
        let taken = house.try_take_over(delegation("leave", timeout)).await;
        assert_eq!(taken, Err(TakeOverError::InvalidTimeout(timeout)));
    }
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delegation_with_names_of_kilobytes_is_refused() {
    let house = House::open().await;
    let mut long = delegation("leave", seconds(10.0));
    long.server_name = ServerName::parse("a".repeat(4096)).unwrap();
    let taken = house.try_take_over(long).await;
    assert_eq!(taken, Err(TakeOverError::TooLong));
}

#[tokio::test(start_paused = true)]
async fn no_more_are_held_than_is_allowed_and_a_place_that_becomes_free_is_given_away() {
    let house = House::open_with(Settings {
        max_delegations: 1,
        ..settings()
    })
    .await;
    house.take_over("first", seconds(10.0)).await;
    let bobs = || delegation_of(BOB, "bobs", seconds(10.0));
    let taken = house.try_take_over(bobs()).await;
    assert_eq!(taken, Err(TakeOverError::Full));
    // In its own place.
    house.take_over("second", seconds(10.0)).await;
    house.pass(11.0).await;
    assert_eq!(house.try_take_over(bobs()).await, Ok(()));
}
