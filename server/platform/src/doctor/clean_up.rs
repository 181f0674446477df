//! Forgets checks that are longer ago than the configuration says.

use std::time::Duration;

use super::store;
use crate::{app::App, db::DbError};

/// Forgets old checks; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let kept = Duration::from_hours(24) * app.config.doctor.keep_days;
    let mut tx = app.db.begin_aside().await?;
    store::forget(&mut tx, app.now() - kept).await?;
    tx.commit().await
}
