//! Forgets with what those came whom the media server never told of.

use std::time::Duration;

use super::store;
use crate::{app::App, db::DbError};

const KEPT: Duration = Duration::from_hours(24);

/// Forgets old notes of clients; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let mut tx = app.db.begin_aside().await?;
    store::forget_clients(&mut tx, app.now() - KEPT).await?;
    tx.commit().await
}
