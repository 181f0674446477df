//! A homeserver, an SFU and a store that do as they are told and remember what they were asked.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, SystemTime},
};

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use matrix_rtc::{
    Random, Sources,
    delayed_leave::{
        ActError, Acted, Action, DelayedEvents, DelayedLeaves, Delegation, ParticipantEvent,
        ParticipantSid, Presence, PresenceUnknown, Settings, Store, StoreError, Stored,
        TakeOverError,
    },
    ids::{DelayId, ServerName},
};
use tokio::time::{Instant, sleep};

/// The participant of most tests.
pub const ALICE: &str = "@alice:example.com:DEVICE";
const ROOM: &str = "room";

pub fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

pub fn room() -> RoomName {
    RoomName::parse(ROOM).unwrap()
}

pub fn identity(name: &str) -> Identity {
    Identity::parse(name).unwrap()
}

/// Alice's event `delay_id`, which the homeserver sends by itself after `timeout`.
pub fn delegation(delay_id: &str, timeout: Duration) -> Delegation {
    delegation_of(ALICE, delay_id, timeout)
}

pub fn delegation_of(who: &str, delay_id: &str, timeout: Duration) -> Delegation {
    Delegation {
        server_name: ServerName::parse("example.com").unwrap(),
        delay_id: DelayId::parse(delay_id).unwrap(),
        delay_timeout: timeout,
        room: room(),
        identity: identity(who),
    }
}

/// What a homeserver does with one request.
pub enum Answer {
    Now(Result<Acted, ActError>),
    After(Duration, Result<Acted, ActError>),
    Never,
}

pub fn busy() -> ActError {
    ActError::Transient("503".into())
}

/// Answers from `next`, then always like `always`.
#[derive(Default)]
pub struct Homeserver {
    pub next: Mutex<VecDeque<Answer>>,
    pub always: Mutex<Option<ActError>>,
    requests: Mutex<Vec<(Instant, String, Action)>>,
}

impl Homeserver {
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.next.lock().unwrap().extend(answers);
    }

    pub fn fails_with(&self, error: ActError) {
        *self.always.lock().unwrap() = Some(error);
    }
}

impl DelayedEvents for Homeserver {
    fn act<'a>(
        &'a self,
        _: &'a ServerName,
        delay_id: &'a DelayId,
        action: Action,
    ) -> BoxFuture<'a, Result<Acted, ActError>> {
        let request = (Instant::now(), delay_id.as_str().to_owned(), action);
        self.requests.lock().unwrap().push(request);
        let answer = self.next.lock().unwrap().pop_front();
        let always = self.always.lock().unwrap().clone();
        async move {
            match answer {
                None => always.map_or(Ok(Acted::Done), Err),
                Some(Answer::Now(result)) => result,
                Some(Answer::After(time, result)) => {
                    sleep(time).await;
                    result
                }
                Some(Answer::Never) => std::future::pending().await,
            }
        }
        .boxed()
    }
}

/// Knows who is there; or does not answer.
#[derive(Default)]
pub struct Sfu {
    present: Mutex<HashMap<Identity, ParticipantSid>>,
    state: Mutex<SfuState>,
    lookups: Mutex<Vec<Instant>>,
    asked_at_once: Mutex<(usize, usize)>,
}

#[derive(Default, Clone, Copy)]
pub enum SfuState {
    #[default]
    Answers,
    Fails,
    Hangs,
    AnswersAfter(Duration),
    /// With what was true when it was asked.
    AnswersLate(Duration),
}

impl Sfu {
    pub fn enter(&self, who: &str) {
        self.enter_as(who, "PA_1");
    }

    /// For another stay than before.
    pub fn enter_as(&self, who: &str, sid: &str) {
        let sid = ParticipantSid::new(sid);
        self.present.lock().unwrap().insert(identity(who), sid);
    }

    pub fn leave(&self, who: &str) {
        self.present.lock().unwrap().remove(&identity(who));
    }

    pub fn becomes(&self, state: SfuState) {
        *self.state.lock().unwrap() = state;
    }

    /// The most lookups that were under way at the same time.
    pub fn most_at_once(&self) -> usize {
        self.asked_at_once.lock().unwrap().1
    }
}

impl Presence for Sfu {
    fn find<'a>(
        &'a self,
        _: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<Option<ParticipantSid>, PresenceUnknown>> {
        self.lookups.lock().unwrap().push(Instant::now());
        let state = *self.state.lock().unwrap();
        async move {
            {
                let mut asked = self.asked_at_once.lock().unwrap();
                asked.0 += 1;
                asked.1 = asked.1.max(asked.0);
            }
            match state {
                SfuState::Answers => {}
                SfuState::Fails => return Err(PresenceUnknown("502".into())),
                SfuState::Hangs => std::future::pending().await,
                SfuState::AnswersAfter(time) => sleep(time).await,
                SfuState::AnswersLate(time) => {
                    let present = self.present.lock().unwrap().get(identity).cloned();
                    sleep(time).await;
                    self.asked_at_once.lock().unwrap().0 -= 1;
                    return Ok(present);
                }
            }
            self.asked_at_once.lock().unwrap().0 -= 1;
            Ok(self.present.lock().unwrap().get(identity).cloned())
        }
        .boxed()
    }
}

/// A store that outlives the process.
#[derive(Default)]
pub struct Disk {
    entries: Mutex<HashMap<(RoomName, Identity), Stored>>,
    state: Mutex<DiskState>,
    /// Entries that were written or deleted.
    pub writes: Mutex<usize>,
}

#[derive(Default, Clone, Copy)]
pub enum DiskState {
    #[default]
    Works,
    Fails,
    Hangs,
}

impl Disk {
    pub fn becomes(&self, state: DiskState) {
        *self.state.lock().unwrap() = state;
    }

    /// As an earlier process left it.
    pub fn holds(&self, delegation: Delegation, restarted_at: SystemTime) {
        let key = (delegation.room.clone(), delegation.identity.clone());
        let stored = Stored {
            delegation,
            restarted_at,
        };
        self.entries.lock().unwrap().insert(key, stored);
    }

    pub fn entry(&self, who: &str) -> Option<Stored> {
        let key = (room(), identity(who));
        self.entries.lock().unwrap().get(&key).cloned()
    }

    pub fn delay_id(&self, who: &str) -> Option<String> {
        let stored = self.entry(who)?;
        Some(stored.delegation.delay_id.as_str().to_owned())
    }

    pub fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    async fn work(&self) -> Result<(), StoreError> {
        let state = *self.state.lock().unwrap();
        match state {
            DiskState::Works => Ok(()),
            DiskState::Fails => Err(StoreError("connection refused".into())),
            DiskState::Hangs => std::future::pending().await,
        }
    }
}

impl Store for Disk {
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.work().await?;
            *self.writes.lock().unwrap() += 1;
            self.holds(stored.delegation.clone(), stored.restarted_at);
            Ok(())
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.work().await?;
            *self.writes.lock().unwrap() += 1;
            let key = (room.clone(), identity.clone());
            self.entries.lock().unwrap().remove(&key);
            Ok(())
        }
        .boxed()
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        async move {
            self.work().await?;
            Ok(self.entries.lock().unwrap().values().cloned().collect())
        }
        .boxed()
    }
}

/// The time of day, which the paused clock moves too.
pub fn wall_clock() -> SystemTime {
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    let start = *START;
    let since = Instant::now().into_std().saturating_duration_since(start);
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000) + since
}

/// Waits are as long as the backoff says, in the middle of their spread.
pub fn settings() -> Settings {
    Settings {
        sources: Sources {
            wall_clock,
            random: Random::new(|| 1 << 63),
        },
        ..Settings::default()
    }
}

pub struct House {
    pub homeserver: Arc<Homeserver>,
    pub sfu: Arc<Sfu>,
    pub disk: Arc<Disk>,
    pub leaves: DelayedLeaves,
    opened_at: Instant,
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(settings()).await
    }

    pub async fn open_with(settings: Settings) -> Self {
        Self::open_on(Arc::default(), settings).await
    }

    /// A process that finds what an earlier one left.
    pub async fn open_on(disk: Arc<Disk>, settings: Settings) -> Self {
        let (homeserver, sfu) = (Arc::new(Homeserver::default()), Arc::new(Sfu::default()));
        Self::open_among(homeserver, sfu, disk, settings).await
    }

    pub async fn open_among(
        homeserver: Arc<Homeserver>,
        sfu: Arc<Sfu>,
        disk: Arc<Disk>,
        settings: Settings,
    ) -> Self {
        let opened_at = Instant::now();
        let leaves = DelayedLeaves::open(
            homeserver.clone(),
            sfu.clone(),
            Some(disk.clone()),
            settings,
        )
        .await;
        Self {
            homeserver,
            sfu,
            disk,
            leaves,
            opened_at,
        }
    }

    pub async fn take_over(&self, delay_id: &str, timeout: Duration) {
        let taken = self.try_take_over(delegation(delay_id, timeout)).await;
        assert_eq!(taken, Ok(()));
    }

    pub async fn try_take_over(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        self.leaves.take_over(delegation).await
    }

    /// A webhook about Alice.
    pub fn tell(&self, event: ParticipantEvent) {
        self.tell_of(ALICE, event);
    }

    /// About somebody's first stay.
    pub fn tell_of(&self, who: &str, event: ParticipantEvent) {
        self.tell_of_stay(who, event, "PA_1");
    }

    pub fn tell_of_stay(&self, who: &str, event: ParticipantEvent, sid: &str) {
        let sid = ParticipantSid::new(sid);
        self.leaves.tell(&room(), &identity(who), event, sid);
    }

    /// Lets time pass; everything due by then has happened.
    pub async fn pass(&self, time: f64) {
        // A millisecond more, the grain of tokio's timers, so that what is due at the same instant is over.
        sleep(seconds(time) + Duration::from_millis(1)).await;
    }

    /// All requests: seconds since the start to one decimal, delay id, action.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.homeserver.requests.lock().unwrap();
        let written = requests.iter().map(|(at, delay_id, action)| {
            format!("{:.1} {delay_id} {action:?}", self.since(*at)).to_lowercase()
        });
        written.collect()
    }

    /// All lookups: seconds since the start to one decimal.
    pub fn lookups(&self) -> Vec<String> {
        let lookups = self.sfu.lookups.lock().unwrap();
        let written = lookups.iter().map(|at| format!("{:.1}", self.since(*at)));
        written.collect()
    }

    fn since(&self, at: Instant) -> f64 {
        at.duration_since(self.opened_at).as_secs_f64()
    }
}
