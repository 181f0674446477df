//! All SQL about settings.

use super::model::{Changed, SettingKey};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// What was changed.
pub async fn changed(db: impl Into<Executor<'_>>) -> Result<Vec<Changed>, DbError> {
    let rows = sql!(db => all (String, String, Timestamp, String),
        "SELECT key, value, updated_at, updated_by_name FROM settings ORDER BY key")?;
    let known = rows
        .into_iter()
        .filter_map(|(key, value, updated_at, updated_by_name)| {
            // One of a newer version is left alone.
            let key = key.parse().ok()?;
            Some(Changed {
                key,
                value,
                updated_at,
                updated_by_name,
            })
        });
    Ok(known.collect())
}

pub async fn set(
    tx: &mut Tx,
    key: SettingKey,
    value: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO settings (key, value, updated_at, updated_by_name) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET value = $2, updated_at = $3, updated_by_name = $4",
        key, value, now, by)?;
    Ok(())
}

pub async fn give_back(tx: &mut Tx, key: SettingKey) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM settings WHERE key = $1", key)?;
    Ok(())
}
