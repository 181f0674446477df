//! How the recorder and the store are doing, remembered for a moment, so that monitors cost neither of them much.

use std::{ffi::OsStr, time::Duration};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::{
    space::{self, Space},
    store, transfer,
};
use crate::{
    app::App,
    config::{Config, StorageKind},
    db::{Database, DbError},
    livekit::{BuiltInRecorder, Media, SideStatus},
    storage::{StoreError, Stores},
};

/// However often anybody asks.
const TRUSTED: Duration = Duration::from_mins(1);
const GB: u64 = 1_000_000_000;

/// What was last seen of them.
#[derive(Default)]
pub struct Condition {
    /// The recorder beside the media server, where there is one.
    built_in: Option<BuiltInRecorder>,
    /// Why the recorder did not answer when it was last asked.
    recorder: Mutex<Option<String>>,
    store: tokio::sync::Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

impl Condition {
    /// Nothing was seen yet.
    pub fn new(media: &Media) -> Condition {
        Condition {
            built_in: media.recorder.clone(),
            ..Condition::default()
        }
    }

    /// What the built-in recorder is doing; `None` where it is not wanted.
    pub fn process(&self) -> Option<SideStatus> {
        let built_in = self.built_in.as_ref()?;
        Some(built_in.status.borrow().clone())
    }

    /// Which ffmpeg the built-in recorder has.
    fn ffmpeg(&self) -> Option<String> {
        let path = self.built_in.as_ref()?.ffmpeg.as_ref()?;
        Some(path.display().to_string())
    }

    /// The recorder was asked what goes on.
    pub fn recorder_answered(&self, failed: Option<String>) {
        *self.recorder.lock() = failed;
    }

    /// The store was given a film, or would not take it: who asks now need not wait until it is looked at again.
    pub fn store_answered(&self, result: Result<(), StoreError>) {
        match &result {
            Ok(())
            | Err(StoreError::Full(_) | StoreError::Refused(_) | StoreError::Unavailable(_)) => {
                // Whoever looks at it this moment will know as well.
                if let Ok(mut last) = self.store.try_lock() {
                    *last = Some((Instant::now(), result));
                }
            }
            // That is about one film.
            Err(StoreError::NoSuchUpload | StoreError::NotFound | StoreError::Corrupt(_)) => {}
        }
    }

    async fn store(&self, stores: &Stores) -> Result<(), StoreError> {
        // Those who ask meanwhile wait for this answer.
        let mut last = self.store.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < TRUSTED
        {
            return result.clone();
        }
        let result = check_store(stores).await;
        *last = Some((Instant::now(), result.clone()));
        result
    }
}

async fn check_store(stores: &Stores) -> Result<(), StoreError> {
    let unnamed = || StoreError::Refused("recordings.storage names no store".to_owned());
    let store = stores.of(stores.kind()).ok_or_else(unnamed)?;
    store.check().await
}

/// How a part is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartStatus {
    Ready,
    Down,
    /// There is none.
    None,
}

/// Recordings at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordingsOverview {
    recorder: PartStatus,
    /// Why it is down.
    #[schema(required = true)]
    recorder_reason: Option<String>,
    /// The ffmpeg of the built-in recorder; `null`: its films show who speaks, alone.
    #[schema(required = true)]
    ffmpeg: Option<String>,
    storage: PartStatus,
    /// Why it is down.
    #[schema(required = true)]
    storage_reason: Option<String>,
    /// How many go on.
    active: i64,
    /// How many films wait for the store or the recorder.
    waiting: i64,
    /// What all films take, in bytes.
    kept_bytes: i64,
    /// What they may take; `null`: no limit.
    #[schema(required = true)]
    quota_bytes: Option<u64>,
    /// What is left of that.
    space: Space,
    /// Free on the disk of `recordings.folder`, where it is known.
    #[schema(required = true)]
    free_bytes: Option<u64>,
}

/// Recordings at a glance.
pub async fn overview(app: &App) -> Result<RecordingsOverview, DbError> {
    let (recorder, recorder_reason) = recorder(app);
    let (storage, storage_reason) = match app.condition.store(&app.stores).await {
        Ok(()) => (PartStatus::Ready, None),
        Err(error) => (PartStatus::Down, Some(error.to_string())),
    };
    let kept_bytes = store::bytes_kept(&app.db, None).await?;
    let quota = app.config.recordings.quota();
    Ok(RecordingsOverview {
        recorder,
        recorder_reason,
        ffmpeg: app.condition.ffmpeg(),
        storage,
        storage_reason,
        active: store::count_active(&app.db).await?,
        waiting: transfer::store::count_waiting(&app.db).await?,
        kept_bytes,
        quota_bytes: quota,
        space: Space::of(kept_bytes, quota),
        free_bytes: app.stores.free_bytes(),
    })
}

/// How many recordings are under way, and what all of them take.
pub struct Counted {
    /// Made in calls now.
    pub active: i64,
    /// Finished, and not yet where they are kept.
    pub waiting: i64,
    pub kept_bytes: i64,
}

/// Counts recordings, at no cost that grows with them.
pub async fn counted(db: &Database) -> Result<Counted, DbError> {
    Ok(Counted {
        active: store::count_active(db).await?,
        waiting: transfer::store::count_waiting(db).await?,
        kept_bytes: store::bytes_kept(db, None).await?,
    })
}

fn recorder(app: &App) -> (PartStatus, Option<String>) {
    if app.recorder.is_some()
        && let Some(SideStatus::Restarting { reason }) = app.condition.process()
    {
        return (PartStatus::Down, Some(reason));
    }
    match (&app.recorder, app.condition.recorder.lock().clone()) {
        (None, _) => (PartStatus::None, None),
        (Some(_), Some(reason)) => (PartStatus::Down, Some(reason)),
        (Some(_), None) => (PartStatus::Ready, None),
    }
}

/// What is wrong with recordings, in words for the administrator.
#[derive(Debug)]
pub enum Trouble {
    /// Nothing can be recorded or kept.
    Broken(String),
    /// All goes on; before long it will not.
    Soon(String),
}

/// What keeps calls from being recorded, in words for the administrator; nothing, where nothing does or nobody records.
pub async fn trouble(app: &App) -> Option<Trouble> {
    if app.recorder.is_some()
        && let Some(SideStatus::Restarting { .. }) = app.condition.process()
    {
        // How it ended is for the administration: strangers may ask whether this server is ready.
        let detail = "the recorder: it is started again".to_owned();
        return Some(Trouble::Broken(detail));
    }
    if let (PartStatus::Down, reason) = recorder(app) {
        return reason.map(|reason| Trouble::Broken(format!("the recorder: {reason}")));
    }
    app.recorder.as_ref()?;
    if let Err(error) = app.condition.store(&app.stores).await {
        return Some(Trouble::Broken(format!("the films' storage: {error}")));
    }
    let reserve = app.config.recordings.reserve();
    if let Some(free) = app.stores.free_bytes().filter(|free| *free < reserve) {
        let detail = format!("only {} are free for films", in_gb(free));
        return Some(Trouble::Broken(detail));
    }
    let quota = app.config.recordings.quota()?;
    // A database that fails is told of elsewhere.
    let taken = space::of_site(app).await.ok()?;
    let percent = space::percent(taken, quota);
    let detail = format!("films take {percent} % of recordings.quota_gb");
    match Space::of(taken, Some(quota)) {
        Space::Plenty => None,
        Space::NearlyFull => Some(Trouble::Soon(detail)),
        Space::Full => Some(Trouble::Broken(detail)),
    }
}

/// What a configuration means for recordings on this machine, in a line; `Err`: they could not be made or kept.
/// `search_path`: as `PATH` has it.
pub async fn check(config: &Config, search_path: Option<&OsStr>) -> Result<String, String> {
    if !config.recordings.enabled {
        return Ok("recordings are turned off".to_owned());
    }
    let kept = check_kept(config).await?;
    let made = match config.recordings.found_ffmpeg(search_path)? {
        Some(path) => format!("the built-in recorder makes them with {}", path.display()),
        None => "without ffmpeg the built-in recorder's show who speaks, alone".to_owned(),
    };
    Ok(format!("{kept}; {made}"))
}

async fn check_kept(config: &Config) -> Result<String, String> {
    let stores = Stores::new(&config.recordings, &config.server.data_dir);
    let free = stores.free_bytes();
    let reserve = config.recordings.reserve();
    if let Some(free) = free.filter(|free| *free < reserve) {
        let (free, reserve) = (in_gb(free), in_gb(reserve));
        return Err(format!(
            "only {free} are free for films, less than recordings.reserve_gb: {reserve}"
        ));
    }
    let free = free.map_or_else(String::new, |free| format!(", {} are free", in_gb(free)));
    match stores.kind() {
        // Whoever checks may be somebody else than whoever serves: nothing is written.
        StorageKind::Disk => {
            let folder = config.recordings.folder(&config.server.data_dir);
            Ok(format!("films are kept in {}{free}", folder.display()))
        }
        StorageKind::S3 => match check_store(&stores).await {
            Ok(()) => {
                let bucket = &config.recordings.storage.s3.bucket;
                Ok(format!(
                    "films are kept in the bucket {bucket}, which takes them"
                ))
            }
            Err(error) => Err(format!("films cannot be kept: {error}")),
        },
    }
}

fn in_gb(bytes: u64) -> String {
    format!("{}.{} GB", bytes / GB, bytes % GB / (GB / 10))
}
