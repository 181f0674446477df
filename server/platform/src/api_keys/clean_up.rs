//! Forgets whom keys let into rooms long ago.

use std::time::Duration;

use super::store;
use crate::{app::App, db::DbError};

// Far longer than a call: who is still in one would outlive a revoked key.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// Forgets what is too old to matter; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    store::forget_admitted(&mut tx, app.now() - REMEMBERED).await?;
    tx.commit().await
}
