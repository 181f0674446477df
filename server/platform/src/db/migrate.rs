//! Brings the schema up to date at start, and refuses one that a newer Convoke has made.

use sqlx::migrate::Migrator;
use thiserror::Error;

use super::{Database, DbError, sql};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// This program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why the schema stays as it is.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// This Convoke is older than the one that had the database last.
    #[error(transparent)]
    Newer(#[from] NewerSchema),
    /// A migration failed, or the database did.
    #[error("cannot bring the database schema up to date: {0}")]
    Failed(#[from] sqlx::migrate::MigrateError),
}

/// What a newer Convoke has left.
#[derive(Debug, Error)]
#[error(
    "this database has schema {schema} of Convoke {version}, and this is Convoke {VERSION}, which knows none after \
     {}: start Convoke {version} or a newer one, or restore a backup from before the upgrade",
    newest()
)]
pub struct NewerSchema {
    /// The version that used it last.
    pub version: String,
    /// The number of its newest migration.
    pub schema: i64,
}

/// The number of the newest migration that this Convoke knows.
pub fn newest() -> i64 {
    let versions = SQLITE.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}

impl Database {
    /// Runs the migrations that this database has not seen, and notes who did; replicas wait for one another.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let migrated = match self {
            Database::Sqlite { writer, .. } => SQLITE.run(writer).await,
            Database::Postgres { pool, .. } => POSTGRES.run(pool).await,
        };
        if let Err(error) = migrated {
            if let sqlx::migrate::MigrateError::VersionMissing(_) = error
                && let Some(newer) = self.newer().await
            {
                return Err(newer.into());
            }
            return Err(error.into());
        }
        let used = self.note_version().await;
        Ok(used.map_err(sqlx::migrate::MigrateError::Execute)?)
    }

    /// The number of the newest migration that it has seen.
    pub async fn schema(&self) -> Result<i64, DbError> {
        sql!(self => scalar i64, "SELECT MAX(version) FROM _sqlx_migrations")
    }

    async fn newer(&self) -> Option<NewerSchema> {
        let schema = self.schema().await.ok()?;
        let version = sql!(self => optional_scalar String, "SELECT version FROM last_versions");
        let version = version.ok()??;
        (schema > newest()).then_some(NewerSchema { version, schema })
    }

    async fn note_version(&self) -> Result<(), DbError> {
        let noted = sql!(self => optional_scalar String, "SELECT version FROM last_versions")?;
        if noted.as_deref() == Some(VERSION) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sql!(&mut tx => execute,
            "INSERT INTO last_versions (id, version) VALUES (1, $1)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version",
            VERSION)?;
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::database;

    #[test]
    fn migrations_come_in_pairs_with_the_same_name() {
        let names = |migrator: &Migrator| {
            migrator
                .iter()
                .map(|migration| (migration.version, migration.description.to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        assert!(!names(&SQLITE).is_empty());
    }

    #[tokio::test]
    async fn a_database_that_a_newer_convoke_had_is_refused_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let db = database::open(folder.path()).await;
        db.migrate().await.unwrap();
        assert_eq!(db.schema().await.unwrap(), newest());
        let mut tx = db.begin().await.unwrap();
        sql!(&mut tx => execute, "UPDATE last_versions SET version = '9.8.7'").unwrap();
        sql!(&mut tx => execute,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1")
        .unwrap();
        tx.commit().await.unwrap();
        let refused = db.migrate().await.unwrap_err().to_string();
        let says = format!(
            "this database has schema 9999 of Convoke 9.8.7, and this is Convoke {VERSION}, which knows none after {}: \
             start Convoke 9.8.7 or a newer one, or restore a backup from before the upgrade",
            newest()
        );
        assert_eq!(refused, says);
    }
}
