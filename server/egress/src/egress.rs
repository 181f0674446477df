//! The life of one egress: into the room, recording, the film, the end, each step written down before it is told. A process that
//! dies anywhere is followed by one that goes on from what is written.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use livekit_client::{CallError, Client, Endpoint, Grant, room_service};
use livekit_wire::{
    Claims, VideoGrants,
    proto::{EgressInfo, ListRoomsRequest, Room},
};
use parking_lot::Mutex;
use participant::{JoinError, JoinOptions, Participant, Receive};
use time::OffsetDateTime;
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, sleep},
};
use url::Url;

use crate::{
    compose::{self, Wanted},
    disk_space,
    info::{self, EndReason, Finished},
    journal::{Journal, OUT, Phase, Record},
    names::{self, Facts},
    record::{Command, Ended, Recorder, Selector},
    settings::Settings,
    webhook::Webhooks,
};

/// As long as the original's.
const TOKEN_LIFE: Duration = Duration::from_hours(24);
/// A server that restarts is waited for so long.
const JOIN_WITHIN: Duration = Duration::from_mins(1);
const JOIN_AGAIN_AFTER: Duration = Duration::from_secs(1);
const LOOK_AT_DISK_EVERY: Duration = Duration::from_secs(2);
/// A film that could not be made, for a full disk or a fault of ours, is tried again.
const COMPOSE_AGAIN_AFTER: Duration = Duration::from_mins(1);
const MOST_TRIES: u32 = 10;

/// What all egresses share.
pub struct Shared {
    pub settings: Settings,
    pub endpoint: Endpoint,
    pub client: Client,
    pub journal: Journal,
    pub webhooks: Webhooks,
    pub wall_clock: fn() -> SystemTime,
    /// Films are made one after the other: calls come first.
    pub composer: tokio::sync::Semaphore,
}

/// One egress as its callers see it.
pub struct Egress {
    record: Mutex<Record>,
    commands: mpsc::UnboundedSender<Command>,
    /// There are webhooks to send.
    pub news: Notify,
}

impl Egress {
    /// One that [`run`] will bring to its end.
    pub fn new(record: Record) -> (Arc<Egress>, mpsc::UnboundedReceiver<Command>) {
        let (commands, asked) = mpsc::unbounded_channel();
        let egress = Egress {
            record: Mutex::new(record),
            commands,
            news: Notify::new(),
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

    /// Changes what is written down, then what callers see, and tells receivers of `event`.
    pub fn change(&self, shared: &Shared, event: Option<&str>, change: impl FnOnce(&mut Record)) {
        let mut record = self.record.lock().clone();
        change(&mut record);
        let kept = shared.journal.save(&record).and_then(|()| match event {
            Some(event) => shared
                .webhooks
                .keep(event, &record.info, &record.order.webhooks),
            None => Ok(()),
        });
        if let Err(error) = kept {
            // What is recorded is worth more than what is said of it: listing tells it, and the next step tries again.
            tracing::error!(%error, egress = record.info.egress_id, "an egress cannot be written down");
        }
        *self.record.lock() = record;
        self.news.notify_one();
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
        return compose(shared, egress, &mut commands).await;
    }
    Run::Ended
}

async fn record(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    let Record { order, info, .. } = egress.record.lock().clone();
    let (id, folder) = (&info.egress_id, shared.journal.folder(&info.egress_id));
    let joined = tokio::select! {
        joined = join(shared, &order.room_name, id) => joined,
        stopped = stopped(commands) => {
            if stopped == Command::Suspend {
                return Run::Suspended;
            }
            Err(NotJoined::Stopped)
        }
    };
    let before = egress.record.lock().zero;
    let (room, events) = match joined {
        Ok(joined) => joined,
        Err(NotJoined::NoRoom) if before.is_some() => {
            finish_recording(shared, egress, EndReason::SourceClosed);
            return Run::Ended;
        }
        Err(NotJoined::Stopped) if before.is_some() => {
            finish_recording(shared, egress, EndReason::StopEgress);
            return Run::Ended;
        }
        Err(NotJoined::Failed(error)) if before.is_some() => {
            tracing::warn!(
                error = &*error,
                egress = id,
                "the recorder cannot come back into its room"
            );
            finish_recording(shared, egress, EndReason::SourceClosed);
            return Run::Ended;
        }
        Err(NotJoined::Stopped) => {
            abort(shared, egress);
            return Run::Ended;
        }
        Err(error @ (NotJoined::NoRoom | NotJoined::Failed(_))) => {
            fail(shared, egress, &error.to_string(), error.code());
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
    let ended = recorder.run(commands, limited(shared, limit), begun).await;
    let reason = match ended {
        Ended::Suspended => return Run::Suspended,
        Ended::Asked if !info::has_begun(&egress.info()) => {
            abort(shared, egress);
            return Run::Ended;
        }
        Ended::Asked => EndReason::StopEgress,
        Ended::LimitReached => EndReason::LimitReached,
        Ended::SourceClosed => EndReason::SourceClosed,
        Ended::Lost(reason) => {
            tracing::warn!(?reason, egress = id, "the recorder is out of its room");
            EndReason::SourceClosed
        }
        Ended::Disk(error) => {
            tracing::error!(%error, egress = id, "the recording cannot be written any more");
            EndReason::LimitReached
        }
    };
    finish_recording(shared, egress, reason);
    Run::Ended
}

fn finish_recording(shared: &Shared, egress: &Egress, reason: EndReason) {
    egress.change(shared, Some("egress_updated"), |record| {
        info::ending(&mut record.info, reason, nanoseconds((shared.wall_clock)()));
        record.phase = Phase::Composing;
    });
}

fn abort(shared: &Shared, egress: &Egress) {
    egress.change(shared, Some("egress_ended"), |record| {
        info::aborted(&mut record.info, nanoseconds((shared.wall_clock)()));
        record.phase = Phase::Ended;
    });
}

fn fail(shared: &Shared, egress: &Egress, error: &str, code: i32) {
    egress.change(shared, Some("egress_ended"), |record| {
        info::failed(
            &mut record.info,
            error,
            code,
            nanoseconds((shared.wall_clock)()),
        );
        record.phase = Phase::Ended;
    });
}

/// Resolves when the egress may go on no longer.
async fn limited(shared: &Shared, limit: Option<Duration>) {
    let until = limit.map(|limit| Instant::now() + limit);
    loop {
        sleep(LOOK_AT_DISK_EVERY).await;
        if until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
        match has_room(shared) {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!("the disk is nearly full: recordings end");
                return;
            }
            Err(error) => tracing::warn!(%error, "the free space cannot be read"),
        }
    }
}

/// Whether the disk has more than its reserve.
pub fn has_room(shared: &Shared) -> std::io::Result<bool> {
    let free = disk_space::free(shared.journal.root())?;
    Ok(free > shared.settings.reserve_mb << 20)
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

#[derive(Debug, thiserror::Error)]
enum NotJoined {
    #[error("requested room does not exist")]
    NoRoom,
    #[error("stopped")]
    Stopped,
    #[error("cannot join the room: {0}")]
    Failed(String),
}

impl NotJoined {
    fn code(&self) -> i32 {
        match self {
            NotJoined::NoRoom => 404,
            NotJoined::Stopped => 412,
            NotJoined::Failed(_) => 500,
        }
    }
}

/// Joins, however often it takes; a room that is not there is not made.
async fn join(
    shared: &Shared,
    room: &str,
    id: &str,
) -> Result<(Participant, participant::Events), NotJoined> {
    let until = Instant::now() + JOIN_WITHIN;
    loop {
        let error = match find_room(shared, room).await {
            Ok(None) => return Err(NotJoined::NoRoom),
            Ok(Some(_)) => match enter(shared, room, id).await {
                Ok(joined) => return Ok(joined),
                Err(error) => error,
            },
            Err(error) => error.to_string(),
        };
        if Instant::now() >= until {
            return Err(NotJoined::Failed(error));
        }
        tracing::info!(error, egress = id, room, "not in the room yet");
        sleep(JOIN_AGAIN_AFTER).await;
    }
}

/// The room of this name, if it is live.
pub async fn find_room(shared: &Shared, room: &str) -> Result<Option<Room>, CallError> {
    let request = ListRoomsRequest {
        names: vec![room.to_owned()],
    };
    let listed = shared
        .client
        .call(
            room_service::LIST_ROOMS,
            Grant::ListRooms,
            &request,
            (shared.wall_clock)(),
        )
        .await?;
    Ok(listed.rooms.into_iter().next())
}

async fn enter(
    shared: &Shared,
    room: &str,
    id: &str,
) -> Result<(Participant, participant::Events), String> {
    let claims = Claims {
        identity: id.to_owned(),
        kind: "egress".to_owned(),
        video: Some(VideoGrants {
            room_join: true,
            room: room.to_owned(),
            can_subscribe: Some(true),
            can_publish: Some(false),
            can_publish_data: Some(false),
            hidden: true,
            recorder: true,
            ..VideoGrants::default()
        }),
        ..Claims::default()
    };
    let token = shared
        .endpoint
        .sign(&claims, (shared.wall_clock)(), TOKEN_LIFE)
        .map_err(|error| error.to_string())?;
    let options = JoinOptions {
        auto_subscribe: false,
        receive: Receive::Frames,
        ..JoinOptions::default()
    };
    let server: &Url = &shared.settings.ws_url;
    Participant::join(server, &token, options)
        .await
        .map_err(|error: JoinError| error.to_string())
}

async fn compose(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    let suspended = async {
        loop {
            if matches!(commands.recv().await, Some(Command::Suspend) | None) {
                return;
            }
        }
    };
    tokio::select! {
        () = suspended => Run::Suspended,
        () = make_film(shared, egress) => Run::Ended,
    }
}

async fn make_film(shared: &Shared, egress: &Egress) {
    let id = egress.info().egress_id;
    for tries in 1.. {
        let record = egress.record.lock().clone();
        let made = {
            let _one_at_a_time = shared.composer.acquire().await;
            let folder = shared.journal.folder(&id);
            tokio::task::spawn_blocking(move || film(&folder, &record)).await
        };
        let error = match made {
            Ok(Ok(finished)) => {
                egress.change(shared, Some("egress_ended"), |record| {
                    let now = nanoseconds((shared.wall_clock)());
                    info::complete(&mut record.info, finished, now);
                    record.phase = Phase::Ended;
                });
                return;
            }
            Ok(Err(Unmade::Nothing)) => {
                fail(shared, egress, "nothing was recorded", 412);
                return;
            }
            Ok(Err(Unmade::Compose(error))) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        tracing::error!(error, egress = id, tries, "the film cannot be made");
        if tries >= MOST_TRIES {
            // The track files stay where they are.
            fail(shared, egress, &error, 500);
            return;
        }
        sleep(COMPOSE_AGAIN_AFTER).await;
    }
}

#[derive(Debug)]
enum Unmade {
    Nothing,
    Compose(compose::ComposeError),
}

fn film(folder: &Path, record: &Record) -> Result<Finished, Unmade> {
    let files = |error| Unmade::Compose(compose::ComposeError::Files(error));
    let name = PathBuf::from(
        &record
            .info
            .file_results
            .first()
            .map_or("", |file| &file.filename),
    );
    let path = folder.join(OUT).join(&name);
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(files)?;
    let selector = &record.order.selector;
    let made = match selector {
        Selector::Track { .. } => compose::join_segments(folder, &path),
        Selector::Room { .. } | Selector::Participant { .. } | Selector::Tracks { .. } => {
            let wanted = Wanted {
                video: selector.has_video(),
                audio: selector.has_audio(),
            };
            compose::compose(folder, &path, wanted)
        }
    };
    let made = made.map_err(Unmade::Compose)?;
    if made.duration == 0 {
        return Err(Unmade::Nothing);
    }
    let location = path.to_string_lossy().into_owned();
    let manifest = if record.order.manifest {
        let manifest = path.with_file_name(format!("{}.json", record.info.egress_id));
        let text = serde_json::json!({
            "egress_id": record.info.egress_id,
            "room_id": record.info.room_id,
            "room_name": record.info.room_name,
            "started_at": record.info.started_at,
            "duration_ms": made.duration,
            "location": location,
        });
        std::fs::write(&manifest, text.to_string()).map_err(files)?;
        manifest.to_string_lossy().into_owned()
    } else {
        String::new()
    };
    Ok(Finished {
        location,
        size: made.size,
        duration: i64::try_from(made.duration.saturating_mul(1_000_000)).unwrap_or(i64::MAX),
        manifest,
        notes: made.left_out.join("; "),
    })
}

/// The name of the film that an order means.
pub fn film_name(record: &crate::order::Order, room: &Room, now: SystemTime) -> String {
    let (track, identity) = match &record.selector {
        Selector::Track { id } => (id.clone(), String::new()),
        Selector::Participant { identity, .. } => (String::new(), identity.clone()),
        Selector::Room { .. } | Selector::Tracks { .. } => (String::new(), String::new()),
    };
    let default = match &record.selector {
        Selector::Track { .. } => "{track_id}-{time}",
        Selector::Participant { .. } => "{publisher_identity}-{time}",
        Selector::Room { .. } | Selector::Tracks { .. } => "{room_name}-{time}",
    };
    let facts = Facts {
        room_name: room.name.clone(),
        room_id: room.sid.clone(),
        publisher_identity: identity,
        track_id: track,
        ..Facts::default()
    };
    let now = OffsetDateTime::from(now);
    names::expand(&record.filepath, default, &facts, now, "webm")
        .to_string_lossy()
        .into_owned()
}

/// Since 1970.
pub fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
