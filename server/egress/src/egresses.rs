//! All egresses of this process: starting them, finding them, going on with those of the process before. It must not know how a
//! call comes in.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use livekit_client::CallError;
use livekit_wire::{
    ids::random_id,
    proto::EgressInfo,
    twirp::{Code, TwirpError},
};
use parking_lot::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    egress::{self, Egress, Shared, film_name, find_room, nanoseconds},
    info::{self, has_ended},
    journal::{Phase, Record},
    order::Ordered,
    record::Command,
};

/// How often ended egresses are looked at: the original's half hour.
const SWEEP_EVERY: Duration = Duration::from_mins(30);

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// It is not live.
    #[error("requested room does not exist")]
    NoRoom,
    /// As many as allowed go on already. LiveKit's answer where no recorder is free.
    #[error("no response from servers")]
    Busy,
    /// The disk is nearly full.
    #[error("not enough disk space to record")]
    NoSpace,
    /// The LiveKit server does not answer.
    #[error("the LiveKit server does not answer: {0}")]
    Unreachable(#[from] CallError),
    /// The folder cannot be written.
    #[error("the egress cannot be written down: {0}")]
    Disk(#[from] io::Error),
    /// The process ends.
    #[error("no response from servers")]
    Ending,
}

/// All egresses.
pub struct Egresses {
    shared: Arc<Shared>,
    all: Mutex<HashMap<String, Arc<Egress>>>,
    tasks: TaskTracker,
    /// Nothing is sent to receivers any more.
    stop: CancellationToken,
}

impl Egresses {
    /// Goes on with what the process before has left.
    pub fn resume(shared: Shared) -> io::Result<Arc<Egresses>> {
        let records = shared.journal.load_all()?;
        let egresses = Arc::new(Egresses {
            shared: Arc::new(shared),
            all: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        for record in records {
            if record.phase != Phase::Ended {
                let id = &record.info.egress_id;
                tracing::info!(
                    egress = id,
                    room = record.info.room_name,
                    "an egress goes on"
                );
            }
            egresses.run(record);
        }
        let sweeping = Arc::clone(&egresses);
        egresses.tasks.spawn(async move {
            let sweeps = async {
                loop {
                    sweeping.sweep();
                    tokio::time::sleep(SWEEP_EVERY).await;
                }
            };
            sweeping.stop.run_until_cancelled(sweeps).await;
        });
        Ok(egresses)
    }

    /// What all share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Starts an egress; answers when it is written down, before it is in the room.
    pub async fn start(
        &self,
        Ordered { order, request }: Ordered,
    ) -> Result<EgressInfo, NotStarted> {
        if self.stop.is_cancelled() || self.tasks.is_closed() {
            return Err(NotStarted::Ending);
        }
        let going_on = self
            .all
            .lock()
            .values()
            .filter(|egress| egress.phase() == Phase::Recording)
            .count();
        if going_on >= self.shared.settings.max_parallel {
            return Err(NotStarted::Busy);
        }
        if !egress::has_room(&self.shared)? {
            return Err(NotStarted::NoSpace);
        }
        let room = find_room(&self.shared, &order.room_name).await?;
        let room = room.ok_or(NotStarted::NoRoom)?;
        let now = (self.shared.wall_clock)();
        let id = random_id("EG_", &mut rand::rng());
        let filename = film_name(&order, &room, self.shared.ffmpeg.is_some(), now);
        let place = (room.sid, room.name);
        let info = info::starting(id, place, request, filename, nanoseconds(now));
        let record = Record {
            info: info.clone(),
            order,
            zero: None,
            phase: Phase::Recording,
        };
        self.shared.journal.save(&record)?;
        let egress = self.run(record);
        egress.change(&self.shared, Some("egress_started"), |_| {});
        Ok(info)
    }

    /// Every egress as callers see it, the newest first.
    pub fn all(&self) -> Vec<EgressInfo> {
        let mut all: Vec<_> = self
            .all
            .lock()
            .values()
            .map(|egress| egress.info())
            .collect();
        all.sort_by_key(|info| std::cmp::Reverse(info.started_at));
        all
    }

    /// The egress with this id.
    pub fn find(&self, id: &str) -> Result<Arc<Egress>, TwirpError> {
        let found = self.all.lock().get(id).cloned();
        found.ok_or_else(|| TwirpError::domain(Code::NotFound, "egress does not exist"))
    }

    /// Forgets an ended egress with all its files.
    pub fn forget(&self, id: &str) -> io::Result<()> {
        self.all.lock().remove(id);
        self.shared.journal.remove(id)
    }

    /// Ends the process's part: the next process goes on with every egress.
    pub async fn suspend(&self, within: Duration) {
        self.tasks.close();
        for egress in self.all.lock().values() {
            egress.ask(Command::Suspend);
        }
        self.stop.cancel();
        if tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("not every egress could be put down in time");
        }
    }

    fn run(&self, record: Record) -> Arc<Egress> {
        let id = record.info.egress_id.clone();
        let (egress, commands) = Egress::new(record);
        self.all.lock().insert(id.clone(), Arc::clone(&egress));
        let (shared, running) = (Arc::clone(&self.shared), Arc::clone(&egress));
        self.tasks.spawn(async move {
            egress::run(&shared, &running, commands).await;
        });
        let (shared, telling) = (Arc::clone(&self.shared), Arc::clone(&egress));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            shared.webhooks.send_all(&id, &telling.news, &stop).await;
        });
        egress
    }

    /// Leaves what ended long ago out of listings; its folder stays until it is asked to go.
    fn sweep(&self) {
        let listed = i64::from(self.shared.settings.listed_hours) * 3_600 * 1_000_000_000;
        let now = nanoseconds((self.shared.wall_clock)());
        self.all.lock().retain(|_, egress| {
            let info = egress.info();
            !has_ended(&info) || now - info.ended_at < listed
        });
    }
}
