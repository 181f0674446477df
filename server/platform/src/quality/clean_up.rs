//! Forgets how calls went that are longer ago than the configuration says.

use std::time::Duration;

use super::store;
use crate::{app::App, db::DbError};

/// Rows of one transaction: whoever joins a call may wait for it.
const AT_ONCE: i64 = 5000;

/// Forgets old samples and events; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let kept = Duration::from_hours(24) * app.config.quality.keep_days;
    let before = app.now() - kept;
    loop {
        let mut tx = app.db.begin_aside().await?;
        let forgotten = store::forget(&mut tx, before, AT_ONCE).await?;
        tx.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}
