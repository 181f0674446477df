//! Several delegations, of one participant and of many.

use std::sync::{Arc, Mutex, OnceLock};

use futures::{FutureExt, future::BoxFuture};
use matrix_rtc::{
    delayed_leave::{
        ActError, Acted, Action, DelayedEvents, DelayedLeaves,
        ParticipantEvent::{Joined, LeftIntentionally},
        ParticipantSid, Settings, TakeOverError,
    },
    ids::{DelayId, ServerName},
};

use crate::harness::{
    ALICE, Answer, Disk, House, Sfu, delegation, delegation_of, identity, room, seconds, settings,
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
        "1.0 first cancel",
        "9.0 second restart",
        "12.0 second send",
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
    assert_eq!(house.requests(), ["8.0 first cancel", "18.0 second send"]);
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
    house.pass(2.0).await;
    house.take_over("second", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(6.0).await;
    let expected = [
        "0.0 first restart",
        "2.0 first send",
        "3.0 first cancel",
        "3.0 second restart",
    ];
    assert_eq!(house.requests(), expected);
    assert_eq!(house.leaves.snapshot().sends, 0);
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("second"));
}

/// A homeserver during whose answer the client hands over another event.
#[derive(Default)]
struct Interrupted {
    leaves: OnceLock<DelayedLeaves>,
    /// In the answer to this.
    during: Mutex<Option<Action>>,
}

impl DelayedEvents for Interrupted {
    fn act<'a>(
        &'a self,
        _: &'a ServerName,
        _: &'a DelayId,
        action: Action,
    ) -> BoxFuture<'a, Result<Acted, ActError>> {
        let mut during = self.during.lock().unwrap();
        if during.take_if(|during| *during == action).is_some() {
            let second = delegation("second", seconds(10.0));
            // Taken over within the very poll of the first one's task; the client does not wait for the answer.
            let taken = self.leaves.get().unwrap().take_over(second);
            assert_eq!(taken.now_or_never(), None);
        }
        std::future::ready(Ok(Acted::Done)).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_delegation_cannot_touch_the_entry_of_the_one_that_took_its_place() {
    for during in [Action::Restart, Action::Send] {
        let homeserver = Arc::new(Interrupted::default());
        let (sfu, disk) = (Arc::new(Sfu::default()), Arc::new(Disk::default()));
        let leaves =
            DelayedLeaves::open(homeserver.clone(), sfu, Some(disk.clone()), settings()).await;
        assert!(homeserver.leaves.set(leaves.clone()).is_ok());
        let first = delegation("first", seconds(10.0));
        assert_eq!(leaves.take_over(first).await, Ok(()));
        *homeserver.during.lock().unwrap() = Some(during);
        for event in [Joined, LeftIntentionally] {
            let sid = ParticipantSid::default();
            leaves.tell(&room(), &identity(ALICE), event, sid);
            tokio::time::sleep(seconds(2.0)).await;
        }
        assert_eq!(leaves.snapshot().live, 1, "{during:?}");
        assert_eq!(
            disk.delay_id(ALICE).as_deref(),
            Some("second"),
            "{during:?}"
        );
    }
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
    let (cancels, others): (Vec<_>, Vec<_>) = house
        .requests()
        .into_iter()
        .partition(|request| request.ends_with("cancel"));
    assert_eq!(
        (cancels.len(), others),
        (49, vec!["0.0 leave49 restart".to_owned()])
    );
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
    house.tell_of(BOB, Joined);
    let sid = ParticipantSid::default();
    house.leaves.tell(&another, &identity(ALICE), Joined, sid);
    house.pass(1.0).await;
    house.tell(LeftIntentionally);
    house.pass(2.0).await;
    assert_eq!(house.requests()[3..], ["2.0 alices send"]);
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
    long.delay_id = DelayId::parse("a".repeat(4096)).unwrap();
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
