//! Whether there is room for one more film: on the disk, and in what the site and the account may take.

use http::StatusCode;
use thiserror::Error;

use super::store;
use crate::{app::App, db::DbError, http::Problem, rooms::caller::Caller};

/// Why there is none.
#[derive(Debug, Error)]
pub enum NoRoom {
    #[error("the disk is nearly full")]
    Disk,
    #[error("the site's recordings take all that they may")]
    Site,
    #[error("the account's recordings take all that they may")]
    Account,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<NoRoom> for Problem {
    fn from(error: NoRoom) -> Problem {
        match error {
            NoRoom::Disk => Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "The server's disk is nearly full; nothing is recorded.",
            ),
            NoRoom::Site => Problem::new(
                StatusCode::CONFLICT,
                "quota_reached",
                "This site's recordings take all the space that they may. Delete some first.",
            ),
            NoRoom::Account => Problem::new(
                StatusCode::CONFLICT,
                "own_quota_reached",
                "Your recordings take all the space that they may. Delete some first.",
            ),
            NoRoom::Internal(cause) => cause.into(),
        }
    }
}

/// Whether the caller may begin one more.
pub async fn check(app: &App, caller: &Caller) -> Result<(), NoRoom> {
    let config = &app.config.recordings;
    let free = app.stores.free_bytes();
    if free.is_some_and(|free| free < config.reserve()) {
        return Err(NoRoom::Disk);
    }
    let taken = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    if let Some(quota) = config.quota()
        && taken(store::bytes_kept(&app.db, None).await?) >= quota
    {
        return Err(NoRoom::Site);
    }
    if let Some(quota) = config.quota_per_user()
        && taken(store::bytes_kept(&app.db, caller.user_id()).await?) >= quota
    {
        return Err(NoRoom::Account);
    }
    Ok(())
}
