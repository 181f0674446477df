//! Brings the schema up to date at start.

use sqlx::migrate::{MigrateError, Migrator};

use super::Database;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

impl Database {
    /// Runs the migrations that this database has not seen; replicas wait for one another.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match self {
            Database::Sqlite { writer, .. } => SQLITE.run(writer).await,
            Database::Postgres { pool, .. } => POSTGRES.run(pool).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
