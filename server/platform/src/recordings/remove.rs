//! Removes what is left of a deleted recording: its film, an upload under way, the recorder's own files.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{
    model::{KeptIn, RecordingId},
    store::{self, RecordingRow},
    transfer::{self, ForgetFiles, Held},
};
use crate::{
    app::App,
    config::StorageKind,
    jobs::{Job, JobError, Queue, Retry},
    storage::{StoreError, Upload},
};

/// Removes the files of one deleted recording.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoveFiles {
    pub recording: RecordingId,
}

impl Job for RemoveFiles {
    const NAME: &'static str = "recordings.remove_files";
    const QUEUE: Queue = Queue::Transfers;
    const RETRY: Retry = Retry::FOR_EVER;

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        let Some(row) = store::to_remove(&app.db, self.recording).await? else {
            return Ok(());
        };
        let held = Held::take(app, row.id).await?;
        if held.is_none() && store::is_on_its_way(&app.db, row.id).await? {
            return Err(JobError::Retry("its film is on its way".to_owned()));
        }
        remove(app, &row, held.as_ref())
            .await
            .map_err(|error| JobError::Retry(error.to_string()))?;
        let mut tx = app.db.begin().await?;
        transfer::store::delete(&mut tx, row.id).await?;
        store::note_removed(&mut tx, row.id, app.now()).await?;
        if let Some(egress_id) = row.egress_id {
            app.jobs
                .enqueue(&mut tx, &ForgetFiles { egress_id })
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn remove(app: &App, row: &RecordingRow, held: Option<&Held>) -> Result<(), StoreError> {
    let key = row
        .object_key
        .clone()
        .unwrap_or_else(|| transfer::key_of(row));
    let kind = match row.storage {
        KeptIn::Nowhere => app.stores.kind(),
        KeptIn::Disk => StorageKind::Disk,
        KeptIn::S3 => StorageKind::S3,
    };
    let store = app.stores.of(kind).ok_or_else(|| {
        StoreError::Refused("recordings.storage.s3 names the bucket no more".to_owned())
    })?;
    if let Some(id) = held.and_then(|held| held.row.upload_id.clone()) {
        let key = key.clone();
        let part_size = 0;
        store.abort(&Upload { key, id, part_size }).await?;
    }
    if row.storage == KeptIn::Nowhere && held.is_none() {
        // It never came that far.
        return Ok(());
    }
    if let Some(poster) = row.poster_type {
        store.delete(&poster.key(row)).await?;
    }
    store.delete(&key).await
}
