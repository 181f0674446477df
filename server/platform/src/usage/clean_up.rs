//! Forgets minutes that are older than the configuration keeps them.

use std::time::Duration;

use super::store;
use crate::{app::App, db::DbError};

/// Forgets old minutes; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let kept = Duration::from_hours(24) * app.config.metrics.usage_days;
    let mut tx = app.db.begin_aside().await?;
    store::forget(&mut tx, app.now() - kept).await?;
    tx.commit().await
}
