//! Delayed leaves that several processes share: one of them holds all, and the others pass on to it what they are told. It
//! must not know where what is shared lies.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::future::{BoxFuture, join_all};
use livekit_wire::{Identity, RoomName};
use parking_lot::Mutex;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    DelayedEvents, DelayedLeaves, Delegation, ParticipantEvent, ParticipantSid, Presence, Settings,
    Snapshot, Store, StoreError, Stored, TakeOverError, counts::Counts, handle::check,
};

/// Whose turn it is is asked so often; a turn lasts for several of these.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What is shared may take so long to answer.
const ANSWER_BOUND: Duration = Duration::from_secs(2);
/// Webhooks that wait to be passed on: what is lost, lookups find out.
const WAITING: usize = 1024;

/// A store that several processes have in common, of which one at a time holds what is in it.
pub trait Shared: Store {
    /// Whose turn it is: this process's where no other has it, for some seconds from now on.
    fn turn(&self) -> BoxFuture<'_, Result<Turn, StoreError>>;

    /// Ends this process's turn, if it has it.
    fn end_turn(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Leaves notes for whoever has the turn.
    fn pass_on<'a>(&'a self, notes: &'a [Note]) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Who holds the delayed leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// This process, to which others passed this on since it was asked last.
    Ours(Vec<Note>),
    /// Another one.
    Anothers,
}

/// What one process was told and another has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A client handed over its delayed leave event, which is stored.
    HandedOver(Stored),
    /// The SFU's webhook said something of a participant.
    Told {
        /// Where.
        room: RoomName,
        /// Of whom.
        identity: Identity,
        /// What.
        event: ParticipantEvent,
        /// Of which stay.
        sid: ParticipantSid,
    },
}

/// A process's part of shared delayed leaves; cheap to clone. When the last clone is dropped its part ends.
#[derive(Clone)]
pub struct SharedLeaves {
    part: Arc<Part>,
    tasks: TaskTracker,
    _stop: Arc<DropGuard>,
}

struct Part {
    events: Arc<dyn DelayedEvents>,
    presence: Arc<dyn Presence>,
    shared: Arc<dyn Shared>,
    settings: Settings,
    counts: Arc<Counts>,
    /// All of them while it is our turn.
    held: Mutex<Option<DelayedLeaves>>,
    told: mpsc::Sender<Note>,
    stop: CancellationToken,
}

impl SharedLeaves {
    /// Asks whose turn it is before it returns, and again and again from then on.
    pub async fn open(
        events: Arc<dyn DelayedEvents>,
        presence: Arc<dyn Presence>,
        shared: Arc<dyn Shared>,
        settings: Settings,
    ) -> Self {
        let (told, to_pass_on) = mpsc::channel(WAITING);
        let stop = CancellationToken::new();
        let part = Arc::new(Part {
            events,
            presence,
            shared,
            settings,
            counts: Arc::default(),
            held: Mutex::default(),
            told,
            stop: stop.clone(),
        });
        part.look().await;
        let tasks = TaskTracker::new();
        tasks.spawn(part.clone().follow(to_pass_on));
        tasks.close();
        Self {
            part,
            tasks,
            _stop: Arc::new(stop.drop_guard()),
        }
    }

    /// As [`DelayedLeaves::take_over`]: by this process, or by the one that holds them.
    pub async fn take_over(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        let held = self.part.held();
        if let Some(leaves) = held {
            match leaves.take_over(delegation.clone()).await {
                // Its turn has just ended.
                Err(TakeOverError::ShuttingDown) if !self.part.stop.is_cancelled() => {}
                taken => return taken,
            }
        }
        self.part.hand_on(delegation).await
    }

    /// As [`DelayedLeaves::tell`].
    pub fn tell(
        &self,
        room: &RoomName,
        identity: &Identity,
        event: ParticipantEvent,
        sid: ParticipantSid,
    ) {
        if let Some(leaves) = self.part.held() {
            leaves.tell(room, identity, event, sid);
            return;
        }
        let note = Note::Told {
            room: room.clone(),
            identity: identity.clone(),
            event,
            sid,
        };
        if self.part.told.try_send(note).is_err() {
            tracing::debug!(%room, %identity, "a webhook is not passed on");
        }
    }

    /// As [`DelayedLeaves::sfu_started`], where they are held here.
    pub fn sfu_started(&self) {
        if let Some(leaves) = self.part.held() {
            leaves.sfu_started();
        }
    }

    /// The rooms of those that are held here.
    pub fn rooms(&self) -> HashSet<RoomName> {
        let held = self.part.held();
        held.map_or_else(HashSet::new, |leaves| leaves.rooms())
    }

    /// What has been going on here.
    pub fn snapshot(&self) -> Snapshot {
        match self.part.held() {
            Some(leaves) => leaves.snapshot(),
            None => Snapshot::of(&self.part.counts, 0, false),
        }
    }

    /// Stops this process's part, and lets another have its turn at once.
    pub async fn close(&self) {
        self.part.stop.cancel();
        self.tasks.wait().await;
        if self.part.stand_down().await {
            let ended = bounded(self.part.shared.end_turn()).await;
            if let Err(error) = ended {
                tracing::warn!(%error, "another process takes over a little later");
            }
        }
    }
}

impl Part {
    fn held(&self) -> Option<DelayedLeaves> {
        self.held.lock().clone()
    }

    async fn follow(self: Arc<Self>, mut to_pass_on: mpsc::Receiver<Note>) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut notes = Vec::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = looks.tick() => self.look().await,
                _ = to_pass_on.recv_many(&mut notes, WAITING) => {
                    self.pass_on(&notes).await;
                    notes.clear();
                }
            }
        }
    }

    async fn look(&self) {
        match bounded(self.shared.turn()).await {
            Ok(Turn::Ours(notes)) => {
                let leaves = self.begin().await;
                hear(&leaves, notes).await;
            }
            Ok(Turn::Anothers) => {
                self.stand_down().await;
            }
            // Who holds them goes on: an event that two keep alive is as one, and one that two send is sent once.
            Err(error) => {
                tracing::warn!(%error, "whose turn it is to hold the delayed leaves is not known");
            }
        }
    }

    async fn begin(&self) -> DelayedLeaves {
        if let Some(leaves) = self.held() {
            return leaves;
        }
        tracing::info!("this process holds the delayed leaves from now on");
        let store: Arc<dyn Store> = self.shared.clone();
        let leaves = DelayedLeaves::open_counting(
            self.events.clone(),
            self.presence.clone(),
            Some(store),
            self.settings.clone(),
            self.counts.clone(),
        )
        .await;
        *self.held.lock() = Some(leaves.clone());
        leaves
    }

    /// Whether there was anything to stand down from. What is stored stays for whoever comes next.
    async fn stand_down(&self) -> bool {
        let held = self.held.lock().take();
        let Some(leaves) = held else { return false };
        tracing::info!("this process holds the delayed leaves no longer");
        leaves.close().await;
        true
    }

    async fn hand_on(&self, delegation: Delegation) -> Result<(), TakeOverError> {
        check(&delegation)?;
        let restarted_at = (self.settings.sources.wall_clock)();
        let stored = Stored {
            delegation,
            restarted_at,
        };
        // First into the store: whoever's turn begins reads it there, should nobody read the note.
        let saved = bounded(self.shared.save(&stored)).await;
        let passed_on = match saved {
            Ok(()) => bounded(self.shared.pass_on(&[Note::HandedOver(stored)])).await,
            Err(error) => Err(error),
        };
        passed_on.map_err(|error| {
            tracing::warn!(%error, "a delayed leave event cannot be passed on");
            TakeOverError::OutOfReach
        })
    }

    async fn pass_on(&self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        if let Some(leaves) = self.held() {
            return hear(&leaves, notes.to_vec()).await;
        }
        if let Err(error) = bounded(self.shared.pass_on(notes)).await {
            tracing::warn!(%error, count = notes.len(), "webhooks are not passed on");
        }
    }
}

/// What others were told, in their order.
async fn hear(leaves: &DelayedLeaves, notes: Vec<Note>) {
    let heard = notes.into_iter().map(|note| async move {
        match note {
            Note::HandedOver(Stored { delegation, .. }) => {
                let (room, identity) = (delegation.room.clone(), delegation.identity.clone());
                if let Err(error) = leaves.take_over(delegation).await {
                    tracing::warn!(%room, %identity, %error, "a delayed leave event is not taken over");
                }
            }
            Note::Told {
                room,
                identity,
                event,
                sid,
            } => leaves.tell(&room, &identity, event, sid),
        }
    });
    join_all(heard).await;
}

async fn bounded<T>(asked: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    let answered = timeout(ANSWER_BOUND, asked).await;
    answered.unwrap_or_else(|_| Err(StoreError("what is shared does not answer".into())))
}
