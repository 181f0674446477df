//! A Redis that goes away and comes back.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use matrix_rtc::{
    delayed_leave::{
        ActError, Acted, Action, DelayedEvents, DelayedLeaves, ParticipantEvent, ParticipantSid,
        Presence, PresenceUnknown, RedisStore, Settings, Store as _,
    },
    ids::{DelayId, ServerName},
};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    harness::{eventually, identity, room, stored},
    real::RealRedis,
    resp::Running,
};

/// A homeserver that does what it is asked, and an SFU that knows nothing.
struct Outside;

impl DelayedEvents for Outside {
    fn act<'a>(
        &'a self,
        _: &'a ServerName,
        _: &'a DelayId,
        _: Action,
    ) -> BoxFuture<'a, Result<Acted, ActError>> {
        std::future::ready(Ok(Acted::Done)).boxed()
    }
}

impl Presence for Outside {
    fn find<'a>(
        &'a self,
        _: &'a RoomName,
        _: &'a Identity,
    ) -> BoxFuture<'a, Result<Option<ParticipantSid>, PresenceUnknown>> {
        std::future::ready(Err(PresenceUnknown("nobody asked me".into()))).boxed()
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_made_anew_without_a_failure() {
    let running = Running::start().await;
    let store = RedisStore::connect(&running.url(), None).await.unwrap();
    for round in 0..3 {
        store
            .save(&stored("@alice:hs:D", &round.to_string()))
            .await
            .unwrap();
        running.redis.drop_connections();
    }
    store
        .delete(&room(), &identity("@alice:hs:D"))
        .await
        .unwrap();
    assert_eq!(running.redis.len(), 0);
}

#[tokio::test]
async fn a_server_that_freezes_fails_a_write_in_bounded_time() {
    let running = Running::start().await;
    let store = RedisStore::connect(&running.url(), None).await.unwrap();
    store.save(&stored("@alice:hs:D", "leave")).await.unwrap();
    running.redis.frozen.store(true, Ordering::Relaxed);
    let before = Instant::now();
    let saved = store.save(&stored("@alice:hs:D", "leave")).await;
    assert!(saved.is_err());
    assert!(
        before.elapsed() < Duration::from_secs(4),
        "{:?}",
        before.elapsed()
    );
}

/// The same for the stand-in and for the real one.
async fn is_made_up_for<S>(url: &str, stop: impl AsyncFnOnce(), start: impl AsyncFnOnce() -> S) {
    let store = RedisStore::connect(url, None).await.unwrap();
    let outside = Arc::new(Outside);
    let leaves = DelayedLeaves::open(
        outside.clone(),
        outside,
        Some(Arc::new(store)),
        Settings::default(),
    )
    .await;
    let (alice, bob) = (stored("@alice:hs:D", "a"), stored("@bob:hs:D", "b"));
    leaves.take_over(alice.delegation.clone()).await.unwrap();
    let all = RedisStore::connect(url, None).await.unwrap().all().await;
    assert_eq!(all.unwrap()[0].delegation, alice.delegation);

    stop().await;
    let taken = leaves.take_over(bob.delegation.clone());
    timeout(Duration::from_secs(5), taken)
        .await
        .unwrap()
        .unwrap();
    for event in [
        ParticipantEvent::Joined,
        ParticipantEvent::LeftIntentionally,
    ] {
        let sid = ParticipantSid::default();
        leaves.tell(&room(), &identity("@alice:hs:D"), event, sid);
    }
    eventually("Alice's leave is sent", || leaves.snapshot().sends == 1).await;
    eventually("a write fails", || leaves.snapshot().failed_writes > 0).await;

    let _server = start().await;
    let store = RedisStore::connect(url, None).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let all = store.all().await.unwrap();
        if matches!(&all[..], [only] if only.delegation == bob.delegation) {
            break;
        }
        assert!(Instant::now() < deadline, "{all:?}");
        sleep(Duration::from_millis(10)).await;
    }
    leaves.close().await;
    assert_eq!(store.all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_outage_in_between_changes_nothing_but_the_time_of_writing() {
    let running = Running::start().await;
    let (url, redis, address) = (running.url(), running.redis.clone(), running.address);
    let stop = async || drop(running);
    is_made_up_for(&url, stop, async || {
        Running::start_as(redis, address, None).await
    })
    .await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn an_outage_of_the_real_redis_changes_nothing_but_the_time_of_writing() {
    let mut real = RealRedis::start().await;
    let (url, folder) = (real.url(), real.folder.clone());
    let stop = async || real.kill().await;
    is_made_up_for(&url, stop, async || RealRedis::start_in(folder).await).await;
}
