//! Several processes with one store: one holds what all were told, and another goes on where it ends.

use std::sync::{Arc, Mutex};

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use matrix_rtc::delayed_leave::{
    Note, ParticipantEvent,
    ParticipantEvent::{Joined, LeftIntentionally},
    ParticipantSid, Shared, SharedLeaves, Store, StoreError, Stored, TakeOverError, Turn,
};
use tokio::time::{Instant, sleep};

use crate::harness::{
    ALICE, Disk, DiskState, Homeserver, House, Sfu, delegation, identity, room, seconds, settings,
};

/// How long a turn lasts.
const LASTS: f64 = 4.0;

#[derive(Default)]
struct Table {
    holder: Option<(usize, Instant)>,
    notes: Vec<Note>,
}

/// What one process has of what is shared.
struct Seat {
    number: usize,
    disk: Arc<Disk>,
    table: Arc<Mutex<Table>>,
    /// Whether the rest is reached.
    state: Mutex<DiskState>,
}

impl Seat {
    async fn reach(&self) -> Result<(), StoreError> {
        let state = *self.state.lock().unwrap();
        match state {
            DiskState::Works => Ok(()),
            DiskState::Fails => Err(StoreError("connection refused".into())),
            DiskState::Hangs => std::future::pending().await,
        }
    }
}

impl Shared for Seat {
    fn turn(&self) -> BoxFuture<'_, Result<Turn, StoreError>> {
        async move {
            self.reach().await?;
            let (mut table, now) = (self.table.lock().unwrap(), Instant::now());
            if table
                .holder
                .is_some_and(|(holder, until)| holder != self.number && until > now)
            {
                return Ok(Turn::Anothers);
            }
            table.holder = Some((self.number, now + seconds(LASTS)));
            Ok(Turn::Ours(std::mem::take(&mut table.notes)))
        }
        .boxed()
    }

    fn end_turn(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            self.reach().await?;
            let mut table = self.table.lock().unwrap();
            table.holder = table.holder.filter(|(holder, _)| *holder != self.number);
            Ok(())
        }
        .boxed()
    }

    fn pass_on<'a>(&'a self, notes: &'a [Note]) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.reach().await?;
            self.table.lock().unwrap().notes.extend_from_slice(notes);
            Ok(())
        }
        .boxed()
    }
}

impl Store for Seat {
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.reach().await?;
            self.disk.save(stored).await
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.reach().await?;
            self.disk.delete(room, identity).await
        }
        .boxed()
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        async move {
            self.reach().await?;
            self.disk.all().await
        }
        .boxed()
    }
}

/// One homeserver, one SFU, one store, and processes.
struct Cluster {
    house: House,
    table: Arc<Mutex<Table>>,
}

impl Cluster {
    /// The house's own leaves are nobody's: its homeserver, SFU and disk are.
    async fn open() -> Self {
        let (homeserver, sfu) = (Arc::new(Homeserver::default()), Arc::new(Sfu::default()));
        let house = House::open_among(homeserver, sfu, Arc::default(), settings()).await;
        house.leaves.close().await;
        Self {
            house,
            table: Arc::default(),
        }
    }

    async fn process(&self, number: usize) -> (SharedLeaves, Arc<Seat>) {
        let seat = Arc::new(Seat {
            number,
            disk: self.house.disk.clone(),
            table: self.table.clone(),
            state: Mutex::default(),
        });
        let (homeserver, sfu) = (self.house.homeserver.clone(), self.house.sfu.clone());
        let leaves = SharedLeaves::open(homeserver, sfu, seat.clone(), settings()).await;
        (leaves, seat)
    }

    async fn pass(&self, time: f64) {
        self.house.pass(time).await;
    }

    /// What was asked of the homeserver, without the times.
    fn acts(&self) -> Vec<String> {
        let acts = self.house.requests().into_iter();
        acts.map(|act| act.split_once(' ').unwrap().1.to_owned())
            .collect()
    }
}

fn tell(leaves: &SharedLeaves, event: ParticipantEvent) {
    leaves.tell(
        &room(),
        &identity(ALICE),
        event,
        ParticipantSid::new("PA_1"),
    );
}

#[tokio::test(start_paused = true)]
async fn what_any_process_is_told_reaches_the_one_that_holds_all() {
    let cluster = Cluster::open().await;
    let (holder, _) = cluster.process(1).await;
    let (other, _) = cluster.process(2).await;
    assert!(holder.snapshot().holds && !other.snapshot().holds);
    cluster.house.sfu.enter(ALICE);
    let taken = other.take_over(delegation("leave", seconds(30.0))).await;
    assert_eq!(taken, Ok(()));
    tell(&other, Joined);
    cluster.pass(1.0).await;
    assert_eq!((holder.snapshot().live, other.snapshot().live), (1, 0));
    assert_eq!(cluster.acts(), ["leave restart"]);
    cluster.house.sfu.leave(ALICE);
    tell(&other, LeftIntentionally);
    cluster.pass(10.0).await;
    assert_eq!(cluster.acts(), ["leave restart", "leave send"]);
    assert_eq!(cluster.house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_ends_without_a_word_is_followed_and_nothing_is_lost() {
    let cluster = Cluster::open().await;
    let (holder, seat) = cluster.process(1).await;
    let (other, _) = cluster.process(2).await;
    cluster.house.sfu.enter(ALICE);
    let taken = holder.take_over(delegation("leave", seconds(30.0))).await;
    assert_eq!(taken, Ok(()));
    tell(&holder, Joined);
    cluster.pass(1.0).await;
    // As a kill -9: nothing of it goes on, and nobody hears that.
    *seat.state.lock().unwrap() = DiskState::Hangs;
    drop(holder);
    cluster.pass(LASTS + 1.0).await;
    assert!(other.snapshot().holds);
    cluster.house.sfu.leave(ALICE);
    tell(&other, LeftIntentionally);
    cluster.pass(10.0).await;
    let acts = ["leave restart", "leave restart", "leave send"];
    assert_eq!(cluster.acts(), acts, "kept alive by both, sent by one");
    assert_eq!(cluster.house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_stops_is_followed_at_once() {
    let cluster = Cluster::open().await;
    let (holder, _) = cluster.process(1).await;
    let (other, _) = cluster.process(2).await;
    holder.close().await;
    cluster.pass(0.6).await;
    assert!(other.snapshot().holds && !holder.snapshot().holds);
    let late = holder.take_over(delegation("leave", seconds(30.0))).await;
    assert_eq!(
        late,
        Ok(()),
        "one that ends passes on what it is still asked"
    );
    cluster.pass(1.0).await;
    assert_eq!(other.snapshot().live, 1);
}

#[tokio::test(start_paused = true)]
async fn who_was_away_for_longer_than_its_turn_stands_down_when_it_is_back() {
    let cluster = Cluster::open().await;
    let (first, seat) = cluster.process(1).await;
    let (second, _) = cluster.process(2).await;
    cluster.house.sfu.enter(ALICE);
    let taken = first.take_over(delegation("leave", seconds(30.0))).await;
    assert_eq!(taken, Ok(()));
    tell(&first, Joined);
    cluster.pass(1.0).await;
    *seat.state.lock().unwrap() = DiskState::Fails;
    cluster.pass(LASTS + 1.0).await;
    assert!(
        first.snapshot().holds && second.snapshot().holds,
        "nobody can tell the first"
    );
    *seat.state.lock().unwrap() = DiskState::Works;
    cluster.pass(1.0).await;
    assert!(!first.snapshot().holds && second.snapshot().holds);
    cluster.house.sfu.leave(ALICE);
    tell(&first, LeftIntentionally);
    cluster.pass(10.0).await;
    let sends = cluster.acts().into_iter().filter(|act| act == "leave send");
    assert_eq!(sends.count(), 1, "{:?}", cluster.acts());
    assert_eq!(cluster.house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_reaches_nobody_takes_nothing_over_and_says_so() {
    let cluster = Cluster::open().await;
    let (_holder, _) = cluster.process(1).await;
    let (other, seat) = cluster.process(2).await;
    for state in [DiskState::Fails, DiskState::Hangs] {
        *seat.state.lock().unwrap() = state;
        let taken = other.take_over(delegation("leave", seconds(30.0))).await;
        assert_eq!(taken, Err(TakeOverError::OutOfReach));
    }
    sleep(seconds(1.0)).await;
    assert_eq!(cluster.house.disk.len(), 0);
}
