//! The life of one egress: into the room, recording, the film, the end, each step written down before it is told. A process that
//! dies anywhere is followed by one that goes on from what is written.

mod deliver;
mod enter;
mod film;
mod limits;
mod space;
mod streaming;

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use livekit_client::{Client, Endpoint};
use livekit_wire::proto::EgressInfo;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, mpsc};

use crate::{
    ballast::{self, Ballast},
    info::{self, EndReason},
    journal::{Journal, Phase, Record},
    output::remove_tracks,
    record::{self, Command, Ended, Recorder},
    settings::Settings,
    webhook::Webhooks,
};
use deliver::deliver;
use enter::{NotJoined, join};
use film::compose;
use limits::{limited, measure};
use streaming::{Streaming, forget_options};

pub use enter::find_room;
pub use film::{PREVIEW, file_names};
pub use limits::{has_room, lay_ballast};
pub use space::Space;

/// What all egresses share.
pub struct Shared {
    pub settings: Settings,
    pub endpoint: Endpoint,
    pub client: Client,
    pub journal: Journal,
    pub webhooks: Webhooks,
    pub wall_clock: fn() -> SystemTime,
    /// Makes films of several pictures; `None` where it is not installed.
    pub ffmpeg: Option<PathBuf>,
    /// Films are made one after the other: calls come first.
    pub composer: Semaphore,
    /// So are their first versions, which wait for no film.
    pub previewer: Semaphore,
    /// Room for all of them.
    pub space: Space,
    /// Each has a part of a file in memory.
    pub senders: Semaphore,
    /// For when the disk is full.
    pub ballast: Ballast,
}

/// One egress as its callers see it.
pub struct Egress {
    record: Mutex<Record>,
    /// Held while what is written down changes: one change after the other.
    changing: Mutex<()>,
    commands: mpsc::UnboundedSender<Command>,
    /// There are webhooks to send.
    news: Notify,
    /// Its live streams are others than before.
    streams: Notify,
}

impl Egress {
    /// One that [`run`] will bring to its end.
    pub fn new(record: Record) -> (Arc<Egress>, mpsc::UnboundedReceiver<Command>) {
        let (commands, asked) = mpsc::unbounded_channel();
        let egress = Egress {
            record: Mutex::new(record),
            changing: Mutex::default(),
            commands,
            news: Notify::new(),
            streams: Notify::new(),
        };
        (Arc::new(egress), asked)
    }

    /// What callers are told.
    pub fn info(&self) -> EgressInfo {
        self.record.lock().info.clone()
    }

    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.record.lock().phase
    }

    /// Asks something of the recorder; one that has ended does not hear it.
    pub fn ask(&self, command: Command) {
        // The egress has ended by itself meanwhile: its callers see that.
        let _ = self.commands.send(command);
    }

    /// Tells receivers what happens, until the end is told: a year of ended egresses costs no task.
    pub async fn tell(&self, shared: &Shared, id: &str) {
        loop {
            let ended = self.phase() == Phase::Ended;
            shared.webhooks.send_all(id).await;
            if ended {
                return;
            }
            self.news.notified().await;
        }
    }

    /// Changes what is written down, then what callers see, and tells receivers of `event`.
    pub fn change(&self, shared: &Shared, event: Option<&str>, change: impl FnOnce(&mut Record)) {
        let changed = self.try_change(shared, event, |record| {
            change(record);
            Ok::<(), Infallible>(())
        });
        match changed {
            Ok(()) => {}
        }
    }

    /// [`Egress::change`] that may be refused: then nothing is different.
    pub fn try_change<Refusal>(
        &self,
        shared: &Shared,
        event: Option<&str>,
        change: impl FnOnce(&mut Record) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let _one_at_a_time = self.changing.lock();
        let mut record = self.record.lock().clone();
        change(&mut record)?;
        let keep = || {
            shared.journal.save(&record)?;
            match event {
                Some(event) => shared
                    .webhooks
                    .keep(event, &record.info, &record.order.webhooks),
                None => Ok(()),
            }
        };
        let kept = match keep() {
            Err(error) if ballast::is_full(&error) && shared.ballast.give_back() => keep(),
            kept => kept,
        };
        if let Err(error) = kept {
            // What is recorded is worth more than what is said of it: listing tells it, and the next step tries again.
            tracing::error!(%error, egress = record.info.egress_id, "an egress cannot be written down");
        }
        if matches!(record.phase, Phase::Delivering | Phase::Ended) {
            shared.space.made(&record.info.egress_id);
        }
        *self.record.lock() = record;
        self.news.notify_one();
        Ok(())
    }

    /// Has the live streams be those that are written down.
    pub fn stream_to_others(&self) {
        self.streams.notify_one();
    }

    /// Changes what callers see for the last time, and keeps nothing that only an egress that goes on needs.
    fn end(&self, shared: &Shared, change: impl FnOnce(&mut Record, i64)) {
        self.change(shared, Some("egress_ended"), |record| {
            change(record, nanoseconds((shared.wall_clock)()));
            record.phase = Phase::Ended;
            record.order.outputs.forget_secrets();
        });
        let id = self.info().egress_id;
        let folder = shared.journal.folder(&id);
        forget_options(&folder);
        if !self.record.lock().order.outputs.has_files()
            && let Err(error) = remove_tracks(&folder)
        {
            tracing::warn!(%error, egress = id, "tracks that nobody wants cannot be removed");
        }
    }
}

/// How a run of the process ended for an egress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Nothing more happens.
    Ended,
    /// The next process goes on.
    Suspended,
}

/// Brings the egress to its end, from wherever it is.
pub async fn run(
    shared: &Shared,
    egress: &Egress,
    mut commands: mpsc::UnboundedReceiver<Command>,
) -> Run {
    if egress.phase() == Phase::Recording
        && record(shared, egress, &mut commands).await == Run::Suspended
    {
        return Run::Suspended;
    }
    if egress.phase() == Phase::Composing {
        measure(shared, egress);
        if compose(shared, egress, &mut commands).await == Run::Suspended {
            return Run::Suspended;
        }
    }
    if egress.phase() == Phase::Delivering {
        return deliver(shared, egress, &mut commands).await;
    }
    Run::Ended
}

async fn record(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    let Record {
        order,
        info,
        stop_asked,
        ..
    } = egress.record.lock().clone();
    let (id, folder) = (&info.egress_id, shared.journal.folder(&info.egress_id));
    let before = egress.record.lock().zero;
    if stop_asked {
        // The process before was told, and died before it could obey.
        not_joined(shared, egress, before.is_some(), &NotJoined::Stopped);
        return Run::Ended;
    }
    let joined = tokio::select! {
        joined = join(shared, &order.room_name, id, before.is_some()) => joined,
        stopped = stopped(commands) => match stopped {
            Command::Suspend => return Run::Suspended,
            Command::Stop | Command::Layout(_) => Err(NotJoined::Stopped),
        }
    };
    let (room, events) = match joined {
        Ok(joined) => joined,
        Err(error) => {
            not_joined(shared, egress, before.is_some(), &error);
            return Run::Ended;
        }
    };
    let now = (shared.wall_clock)();
    let zero = before.unwrap_or_else(|| milliseconds(now));
    if before.is_none() {
        egress.change(shared, None, |record| record.zero = Some(zero));
    }
    let elapsed = Duration::from_millis(milliseconds(now).saturating_sub(zero));
    let recorder = match Recorder::new(&order.selector, (room, events), &folder, elapsed) {
        Ok(recorder) => recorder,
        Err(error) => {
            fail(shared, egress, &format!("cannot write: {error}"), 500);
            return Run::Ended;
        }
    };
    let begun = || {
        if info::has_begun(&egress.info()) {
            return;
        }
        egress.change(shared, Some("egress_updated"), |record| {
            info::active(&mut record.info, nanoseconds((shared.wall_clock)()));
        });
    };
    let limit = shared
        .settings
        .longest()
        .map(|longest| longest.saturating_sub(elapsed));
    let mut streaming = Streaming::begin(shared, egress, elapsed);
    let has_files = order.outputs.has_files();
    let end = async {
        tokio::select! {
            () = limited(shared, id, limit, has_files) => Ended::LimitReached,
            error = streaming.all_ended() => Ended::Streams(error),
        }
    };
    let ended = recorder.run(commands, end, begun).await;
    let reason = match ended {
        Ended::Suspended => return Run::Suspended,
        Ended::Asked if !info::has_begun(&egress.info()) => {
            abort(shared, egress);
            return Run::Ended;
        }
        Ended::Streams(Some(error)) => {
            fail(shared, egress, &error, 503);
            return Run::Ended;
        }
        Ended::Streams(None) => EndReason::StreamsStopped,
        Ended::Asked => EndReason::StopEgress,
        Ended::LimitReached => EndReason::LimitReached,
        Ended::SourceClosed => EndReason::SourceClosed,
        Ended::Lost(reason) => {
            tracing::warn!(?reason, egress = id, "the recorder is out of its room");
            EndReason::SourceClosed
        }
        Ended::Disk(error) => {
            tracing::error!(%error, egress = id, "the recording cannot be written any more");
            shared.ballast.give_back();
            EndReason::LimitReached
        }
    };
    finish_recording(shared, egress, reason);
    // What was said last is still on its way.
    tokio::select! {
        () = streaming.finish() => Run::Ended,
        () = suspended(commands) => Run::Suspended,
    }
}

/// Ends an egress whose recorder is not in its room; what was recorded before is kept.
fn not_joined(shared: &Shared, egress: &Egress, has_recorded: bool, error: &NotJoined) {
    match (error, has_recorded) {
        (NotJoined::Stopped, false) => abort(shared, egress),
        (NotJoined::Stopped, true) => finish_recording(shared, egress, EndReason::StopEgress),
        (NotJoined::NoRoom | NotJoined::Failed(_), false) => {
            fail(shared, egress, &error.to_string(), error.code());
        }
        (NotJoined::NoRoom | NotJoined::Failed(_), true) => {
            let id = egress.info().egress_id;
            tracing::warn!(%error, egress = id, "the recorder is not in its room any more");
            finish_recording(shared, egress, EndReason::SourceClosed);
        }
    }
}

fn finish_recording(shared: &Shared, egress: &Egress, reason: EndReason) {
    egress.change(shared, Some("egress_updated"), |record| {
        info::ending(&mut record.info, reason, nanoseconds((shared.wall_clock)()));
        record.phase = Phase::Composing;
    });
}

fn abort(shared: &Shared, egress: &Egress) {
    egress.end(shared, |record, now| info::aborted(&mut record.info, now));
}

fn fail(shared: &Shared, egress: &Egress, error: &str, code: i32) {
    egress.end(shared, |record, now| {
        info::failed(&mut record.info, error, code, now);
    });
}

/// Resolves when the next process is to go on.
async fn suspended(commands: &mut mpsc::UnboundedReceiver<Command>) {
    loop {
        if matches!(commands.recv().await, Some(Command::Suspend) | None) {
            return;
        }
    }
}

/// The next command that ends the wait for a room.
async fn stopped(commands: &mut mpsc::UnboundedReceiver<Command>) -> Command {
    loop {
        match commands.recv().await {
            Some(Command::Layout(_)) => {}
            Some(command @ (Command::Stop | Command::Suspend)) => return command,
            None => return Command::Suspend,
        }
    }
}

/// Since 1970.
pub fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn milliseconds(time: SystemTime) -> u64 {
    record::milliseconds(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}
