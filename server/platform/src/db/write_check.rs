//! Finds out whether the database takes writes, by one that changes nothing anybody reads.

use super::{Database, DbError, sql};
use crate::clock::Timestamp;

impl Database {
    /// Writes one small row, as durably as any other.
    pub async fn check_write(&self, now: Timestamp) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        sql!(&mut tx => execute,
            "INSERT INTO write_checks (id, at) VALUES (1, $1)
             ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            now)?;
        tx.commit().await
    }
}
