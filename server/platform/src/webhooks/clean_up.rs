//! Forgets deliveries after thirty days, and those of deleted webhooks, in slices that hold nobody up.

use std::time::Duration;

use super::{deliveries, store};
use crate::{app::App, clock::Timestamp, db::DbError};

const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// Forgets what is too old; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    for kept in store::all_with_deleted(&app.db).await? {
        let before = match kept.deleted_at {
            Some(_) => Timestamp(i64::MAX),
            None => app.now() - KEPT_FOR,
        };
        while deliveries::forget_some(app, kept.id, before).await? {}
        if kept.deleted_at.is_some() {
            let mut tx = app.db.begin().await?;
            store::forget(&mut tx, kept.id).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
