//! All SQL about preferences.

use super::model::{Language, Preferences, Theme, TimeZone};
use crate::{
    accounts::UserId,
    db::{DbError, Executor, Tx, sql},
};

/// Nothing is preferred until somebody says so.
pub async fn of(db: impl Into<Executor<'_>>, user: UserId) -> Result<Preferences, DbError> {
    let kept = sql!(db => optional (Option<Language>, Option<Theme>, Option<TimeZone>, Option<i64>),
        "SELECT language, theme, time_zone, page_size FROM preferences WHERE user_id = $1", user)?;
    let (language, theme, time_zone, page_size) = kept.unwrap_or_default();
    Ok(Preferences {
        language,
        theme,
        time_zone,
        page_size: page_size.and_then(|rows| u32::try_from(rows).ok()),
    })
}

pub async fn keep(tx: &mut Tx, user: UserId, preferences: &Preferences) -> Result<(), DbError> {
    let Preferences {
        language,
        theme,
        time_zone,
        page_size,
    } = preferences;
    sql!(tx => execute,
        "INSERT INTO preferences (user_id, language, theme, time_zone, page_size) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) DO UPDATE SET language = $2, theme = $3, time_zone = $4, page_size = $5",
        user, language, theme, time_zone, page_size.map(i64::from))?;
    Ok(())
}
