//! Removes sessions, guests and reset links that expired.

use super::{reset, store};
use crate::{
    accounts::{self, sessions},
    app::App,
    db::DbError,
};

/// Deletes expired sessions, guests and reset links; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let now = app.now();
    let tried_by = store::shared_now(&app.db).await?;
    let mut tx = app.db.begin().await?;
    let sessions = sessions::store::delete_expired_sessions(&mut tx, now).await?;
    let guests = accounts::delete_expired_guests(&mut tx, now).await?;
    reset::store::delete_expired(&mut tx, now).await?;
    store::forget_tries(&mut tx, tried_by).await?;
    tx.commit().await?;
    if sessions + guests > 0 {
        tracing::info!(sessions, guests, "removed expired sessions and guests");
    }
    Ok(())
}
