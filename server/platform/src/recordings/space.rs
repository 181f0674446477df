//! How much of the space that they may take recordings take, and whether that is nearly all of it.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::{
    accounts::{CurrentUser, UserId},
    app::App,
    db::{DbError, text_enum},
    http::{Json, Problem},
};

/// In percent of a quota.
const NEARLY_FULL: u64 = 90;

text_enum! {
    /// How much is left of what recordings may take.
    Space {
        /// Enough, or there is no limit.
        Plenty => "plenty",
        /// Less than a tenth.
        NearlyFull => "nearly_full",
        /// Nothing: no recording starts.
        Full => "full",
    }
}

impl Space {
    pub fn of(taken: i64, quota: Option<u64>) -> Space {
        match quota.map(|quota| percent(taken, quota)) {
            Some(100..) => Space::Full,
            Some(NEARLY_FULL..) => Space::NearlyFull,
            Some(_) | None => Space::Plenty,
        }
    }
}

/// Of the quota; rounded down, so that only all of it is all.
pub fn percent(taken: i64, quota: u64) -> u64 {
    let taken = u128::try_from(taken).unwrap_or(0);
    let percent = taken * 100 / u128::from(quota.max(1));
    u64::try_from(percent).unwrap_or(u64::MAX)
}

/// How much space is left for the caller's recordings.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordingSpace {
    /// What is left of what the caller's own may take: those that they started.
    own: Space,
    /// What those take, in bytes.
    own_bytes: i64,
    /// What those may take; `null`: no limit.
    #[schema(required = true)]
    own_quota_bytes: Option<u64>,
    /// What is left of what all recordings of this site may take.
    site: Space,
}

/// How much space is left for the caller's recordings, and for all of this site.
#[utoipa::path(
    get, path = "/api/recordings/space", tag = "recordings", operation_id = "readRecordingSpace",
    responses((status = 200, body = RecordingSpace), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn space(
    State(app): State<App>,
    current: CurrentUser,
) -> Result<Json<RecordingSpace>, Problem> {
    let quota = app.config.recordings.quota_per_user();
    let bytes = of_account(&app, current.user.id).await?;
    Ok(Json(RecordingSpace {
        own: Space::of(bytes, quota),
        own_bytes: bytes,
        own_quota_bytes: quota,
        site: Space::of(of_site(&app).await?, app.config.recordings.quota()),
    }))
}

async fn of_account(app: &App, id: UserId) -> Result<i64, DbError> {
    store::bytes_kept(&app.db, Some(id)).await
}

/// What all recordings take; nobody asks where there is no limit.
pub async fn of_site(app: &App) -> Result<i64, DbError> {
    match app.config.recordings.quota() {
        Some(_) => store::bytes_kept(&app.db, None).await,
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_nine_tenths_on_it_is_nearly_full_and_only_all_of_it_is_full() {
        let of = |taken| Space::of(taken, Some(1_000));
        assert_eq!(of(0), Space::Plenty);
        assert_eq!(of(899), Space::Plenty);
        assert_eq!(of(900), Space::NearlyFull);
        assert_eq!(of(999), Space::NearlyFull);
        assert_eq!(of(1_000), Space::Full);
        assert_eq!(of(i64::MAX), Space::Full);
        assert_eq!(Space::of(i64::MAX, None), Space::Plenty);
    }
}
