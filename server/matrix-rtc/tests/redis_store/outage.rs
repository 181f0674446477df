//! A Redis that goes away and comes back.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use matrix_rtc::{
    delayed_leave::{
        ActError, Acted, Action, DelayedEvents, DelayedLeaves, ParticipantEvent, Presence,
        PresenceUnknown, RedisStore, Settings, Store as _,
    },
    ids::{DelayId, ServerName},
};
use tokio::time::{Instant, timeout};

use crate::{
    harness::{eventually, identity, room, stored},
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
    fn is_present<'a>(
        &'a self,
        _: &'a RoomName,
        _: &'a Identity,
    ) -> BoxFuture<'a, Result<bool, PresenceUnknown>> {
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

#[tokio::test]
async fn an_outage_in_between_changes_nothing_but_the_time_of_writing() {
    let running = Running::start().await;
    let (redis, address) = (running.redis.clone(), running.address);
    let store = RedisStore::connect(&running.url(), None).await.unwrap();
    let outside = Arc::new(Outside);
    let leaves = DelayedLeaves::open(
        outside.clone(),
        outside,
        Some(Arc::new(store)),
        Settings::default(),
    )
    .await;
    let field = |who: &str| format!("[\"room\",\"{who}\"]");
    leaves
        .take_over(stored("@alice:hs:D", "alices").delegation)
        .await
        .unwrap();
    assert!(redis.get(&field("@alice:hs:D")).is_some());

    drop(running);
    let bobs = leaves.take_over(stored("@bob:hs:D", "bobs").delegation);
    timeout(Duration::from_secs(5), bobs)
        .await
        .unwrap()
        .unwrap();
    for event in [
        ParticipantEvent::Joined,
        ParticipantEvent::LeftIntentionally,
    ] {
        leaves.tell(&room(), &identity("@alice:hs:D"), event);
    }
    eventually("Alice's leave is sent", || leaves.snapshot().sends == 1).await;
    eventually("a write fails", || leaves.snapshot().failed_writes > 0).await;
    assert!(redis.get(&field("@alice:hs:D")).is_some());

    let _running = Running::start_as(redis.clone(), address, None).await;
    eventually("the outage is made up for", || {
        redis.get(&field("@alice:hs:D")).is_none() && redis.get(&field("@bob:hs:D")).is_some()
    })
    .await;
    leaves.close().await;
    assert_eq!(redis.len(), 1);
}
