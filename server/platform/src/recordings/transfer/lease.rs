//! Who may carry a film: one worker at a time, for as long as it says every few seconds that it lives. It must not know what is
//! carried.

use std::time::Duration;

use tokio::time::sleep;

use super::{Transfer, carry::CarryError, store};
use crate::{app::App, clock::Timestamp, db::DbError, recordings::RecordingId};

/// Whoever has not said for so long that it lives has lost the film to the next. Shorter than the queue waits before it gives a
/// killed worker's job to another.
const HELD_FOR: Duration = Duration::from_secs(20);
const SAID_EVERY: Duration = Duration::from_secs(5);

/// Until when a film is held by who says now that it lives.
pub fn until(now: Timestamp) -> Timestamp {
    now + HELD_FOR
}

/// Says that `holder` lives, until somebody else has its film.
pub async fn keep(app: &App, recording: RecordingId, holder: &str) -> CarryError {
    loop {
        sleep(SAID_EVERY).await;
        match say(app, recording, holder).await {
            Ok(true) => {}
            Ok(false) => return CarryError::Taken,
            // The next word may be heard, and nobody can take the film meanwhile either.
            Err(error) => tracing::warn!(%recording, %error, "a film could not be kept hold of"),
        }
    }
}

async fn say(app: &App, recording: RecordingId, holder: &str) -> Result<bool, DbError> {
    let mut tx = app.db.begin().await?;
    let held = store::hold(&mut tx, recording, holder, until(app.now())).await?;
    tx.commit().await?;
    Ok(held)
}

/// The process before was killed, and nobody else has this database: what it carried is carried on at once.
pub async fn take_up(app: &App) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    for recording in store::let_all_go(&mut tx, app.now()).await? {
        app.jobs.enqueue(&mut tx, &Transfer { recording }).await?;
    }
    tx.commit().await
}
