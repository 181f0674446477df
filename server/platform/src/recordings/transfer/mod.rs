//! The way of a film from the recorder to where it is kept, in slices: each saves how far it came and queues the next,
//! in one transaction, so that whoever is killed loses a part at most. There is no last attempt.

mod carry;
mod forget;
mod lease;
pub mod store;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

pub use carry::key_of;
pub use forget::ForgetFiles;
pub use lease::take_up;

use super::{
    marks,
    model::{KeptIn, RecordingFault, RecordingId},
    state::News,
    store::{self as recordings, RecordingRow},
    told,
};
use crate::{
    app::App,
    config::StorageKind,
    db::{DbError, Tx},
    jobs::{Job, JobError, Queue, Retry},
    storage::{StoreError, Stored},
};
use carry::{Carried, CarryError};
use store::TransferRow;

/// So often a recorder may say that it has no such file: it may just have started.
const GONE_AFTER: i64 = 8;

/// Moves a film on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Transfer {
    pub recording: RecordingId,
}

/// Begins a film's way, in the transaction that makes it necessary.
pub async fn begin(app: &App, tx: &mut Tx, recording: RecordingId) -> Result<(), DbError> {
    store::insert(tx, recording, app.now()).await?;
    app.jobs.enqueue(tx, &Transfer { recording }).await
}

/// Has the next slice come at once; `false`: none is due.
pub async fn hurry(app: &App, tx: &mut Tx, recording: RecordingId) -> Result<bool, DbError> {
    if !store::note_job(tx, recording, app.now()).await? {
        return Ok(false);
    }
    app.jobs.enqueue(tx, &Transfer { recording }).await?;
    Ok(true)
}

impl Job for Transfer {
    const NAME: &'static str = "recordings.transfer";
    const QUEUE: Queue = Queue::Transfers;
    const RETRY: Retry = Retry::FOR_EVER;

    async fn run(self, app: &App, stop: &CancellationToken) -> Result<(), JobError> {
        let Some(mut held) = Held::take(app, self.recording).await? else {
            return Ok(());
        };
        let Some(mut row) = recordings::by_id(&app.db, self.recording).await? else {
            // It was deleted; that job tidies up.
            return Ok(held.let_go(app).await?);
        };
        let holder = held.holder.clone();
        let carried = tokio::select! {
            carried = carry::carry(app, &mut row, &mut held, stop) => carried,
            lost = lease::keep(app, self.recording, &holder) => Err(lost),
        };
        match carried {
            Ok(Carried::ThereNow(film)) => {
                app.condition.store_answered(Ok(()));
                Ok(arrived(app, &held, film).await?)
            }
            Ok(Carried::Further) => Ok(held.go_on(app, Duration::ZERO).await?),
            // Whoever has it now goes on.
            Err(CarryError::Taken) => Ok(()),
            Err(CarryError::Internal(error)) => Err(error.into()),
            Err(CarryError::Gone) if held.row.attempts >= GONE_AFTER => Ok(lost(app, &held).await?),
            Err(error) => {
                if let CarryError::Store(error) = &error {
                    app.condition.store_answered(Err(error.clone()));
                }
                Ok(held.wait(app, &error.to_string()).await?)
            }
        }
    }
}

/// A film that this worker has to itself.
pub struct Held {
    pub row: TransferRow,
    holder: String,
    /// Whether the store was asked what it has of it.
    checked: bool,
}

impl Held {
    pub async fn take(app: &App, id: RecordingId) -> Result<Option<Held>, DbError> {
        let (holder, now) = (app.random.token(), app.now());
        let mut tx = app.db.begin().await?;
        let row = store::take(&mut tx, id, &holder, lease::until(now), now).await?;
        tx.commit().await?;
        Ok(row.map(|row| Held {
            row,
            holder,
            checked: false,
        }))
    }

    /// Saves how far it is, and goes on holding it.
    pub async fn save(&self, app: &App) -> Result<(), CarryError> {
        let until = lease::until(app.now());
        let mut tx = app.db.begin().await?;
        let held = store::save(&mut tx, &self.row, &self.holder, until, until).await?;
        tx.commit().await?;
        if held { Ok(()) } else { Err(CarryError::Taken) }
    }

    /// Somebody else goes on with it after `delay`.
    async fn go_on(&self, app: &App, delay: Duration) -> Result<(), DbError> {
        let (now, recording) = (app.now(), self.row.recording_id);
        let mut tx = app.db.begin().await?;
        if store::save(&mut tx, &self.row, &self.holder, now, now + delay).await? {
            let next = Transfer { recording };
            app.jobs.enqueue_after(&mut tx, &next, delay).await?;
        }
        tx.commit().await
    }

    /// Something does not answer: later and later, but for ever.
    async fn wait(&mut self, app: &App, cause: &str) -> Result<(), DbError> {
        let (row, now) = (&mut self.row, app.now());
        let attempt = u32::try_from(row.attempts).unwrap_or(u32::MAX);
        let delay = Retry::FOR_EVER.delay_after(attempt).unwrap_or_default();
        tracing::warn!(recording = %row.recording_id, attempt, ?delay, cause, "a film waits");
        row.attempts += 1;
        row.last_error = Some(cause.to_owned());
        row.waiting_since = row.waiting_since.or(Some(now));
        self.go_on(app, delay).await
    }

    pub async fn let_go(&self, app: &App) -> Result<(), DbError> {
        let now = app.now();
        let mut tx = app.db.begin().await?;
        store::save(&mut tx, &self.row, &self.holder, now, now).await?;
        tx.commit().await
    }
}

/// The film is where it is kept: the recorder may forget its own.
async fn arrived(app: &App, held: &Held, film: Stored) -> Result<(), DbError> {
    let storage = match app.stores.kind() {
        StorageKind::Disk => KeptIn::Disk,
        StorageKind::S3 => KeptIn::S3,
    };
    end(app, held, News::Stored, |row| {
        row.storage = storage;
        row.object_key = Some(key_of(row));
        row.size = i64::try_from(film.size).ok();
        row.crc32 = film.crc32.map(i64::from);
    })
    .await
}

async fn lost(app: &App, held: &Held) -> Result<(), DbError> {
    let id = held.row.recording_id;
    tracing::error!(recording = %id, fault = %RecordingFault::FileGone, "a film is lost");
    end(app, held, News::FileGone, |_| {}).await
}

async fn end(
    app: &App,
    held: &Held,
    news: News,
    change: impl FnOnce(&mut RecordingRow),
) -> Result<(), DbError> {
    let now = app.now();
    let marks = if news == News::Stored {
        match recordings::by_id(&app.db, held.row.recording_id).await? {
            Some(row) => marks::gather(app, &row).await?,
            None => Vec::new(),
        }
    } else {
        Vec::new()
    };
    let mut tx = app.db.begin().await?;
    // Whoever took it meanwhile comes to the same end.
    if !store::save(&mut tx, &held.row, &held.holder, now, now).await? {
        return Ok(());
    }
    let Some(mut row) = recordings::to_change(&mut tx, held.row.recording_id).await? else {
        return Ok(());
    };
    change(&mut row);
    told::take(app, &mut tx, None, &mut row, news).await?;
    for mark in &marks {
        marks::store::insert(&mut tx, row.id, mark).await?;
    }
    store::delete(&mut tx, row.id).await?;
    if let Some(egress_id) = row.egress_id.clone() {
        app.jobs
            .enqueue_after(
                &mut tx,
                &ForgetFiles { egress_id },
                app.config.recordings.tracks_kept_for(),
            )
            .await?;
    }
    tx.commit().await
}

impl From<StoreError> for CarryError {
    fn from(error: StoreError) -> CarryError {
        CarryError::Store(error)
    }
}
