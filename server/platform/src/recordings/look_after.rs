//! What is done for recordings at intervals: jobs that were lost, recordings whose time is over, uploads nobody goes on
//! with.

use std::time::Duration;

use super::{
    RemoveFiles, Transfer, keeping, marks, shares,
    store::{self, RecordingRow},
    told, transfer,
};
use crate::{
    app::App,
    db::{DbError, Tx},
    happenings::{self, Happening, Recorded},
    storage::StoreError,
};

/// A job that was due so long ago is lost.
const LOST_AFTER: Duration = Duration::from_mins(2);
/// Nobody goes on with an upload after so long.
const ABANDONED_AFTER: Duration = Duration::from_hours(7 * 24);

/// Finds what no job is known for, and queues one.
pub async fn find_lost(app: &App) -> Result<(), DbError> {
    let now = app.now();
    for recording in transfer::store::overdue(&app.db, now - LOST_AFTER, now).await? {
        let mut tx = app.db.begin().await?;
        transfer::store::note_job(&mut tx, recording, now).await?;
        app.jobs.enqueue(&mut tx, &Transfer { recording }).await?;
        tx.commit().await?;
    }
    for recording in store::without_transfer(&app.db).await? {
        let mut tx = app.db.begin().await?;
        transfer::begin(app, &mut tx, recording).await?;
        tx.commit().await?;
    }
    for recording in store::unremoved(&app.db, now - LOST_AFTER * 5).await? {
        let mut tx = app.db.begin().await?;
        store::touch(&mut tx, recording, now).await?;
        app.jobs
            .enqueue(&mut tx, &RemoveFiles { recording })
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes recordings whose time is over.
pub async fn delete_old(app: &App) -> Result<(), DbError> {
    let now = app.now();
    let ended_before = keeping::kept_for(app).map(|kept| now - kept);
    for id in store::expired(&app.db, now, ended_before).await? {
        let mut tx = app.db.begin().await?;
        if let Some(row) = store::to_change(&mut tx, id).await? {
            bury(app, &mut tx, &row).await?;
            if let Some(room) = told::place(&mut tx, &row).await? {
                let deleted = Happening::RecordingDeleted(Recorded {
                    id,
                    title: &row.title,
                });
                happenings::tell(app, &mut tx, None, Some(&room), &deleted).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A recording leaves every list now, and its files soon.
pub async fn bury(app: &App, tx: &mut Tx, row: &RecordingRow) -> Result<(), DbError> {
    debug_assert!(!row.state.is_active(), "the recorder is in the room");
    store::bury(tx, row.id, app.now()).await?;
    shares::store::delete_all(tx, row.id).await?;
    marks::store::delete_all(tx, row.id).await?;
    let recording = row.id;
    app.jobs.enqueue(tx, &RemoveFiles { recording }).await
}

/// Forgets uploads that nobody goes on with.
pub async fn sweep(app: &App) -> Result<(), StoreError> {
    match app.stores.of(app.stores.kind()) {
        Some(store) => store.sweep((app.now() - ABANDONED_AFTER).into()).await,
        None => Ok(()),
    }
}
