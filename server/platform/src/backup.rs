//! What `convoke backup` and `convoke restore` need of the database. It must not know of archives and folders.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

pub use crate::db::{Copied, CopyError, CopyUnfit, NewerSchema, judge_copy, judge_schema};
use crate::{
    config::Config,
    db::{self, OpenDatabaseError},
};

/// Where a site's database is.
#[derive(Debug, PartialEq, Eq)]
pub enum DatabaseFile {
    /// In this file of SQLite.
    Sqlite(PathBuf),
    /// In PostgreSQL.
    Postgres,
}

/// Where the database of `config` is, whether it is there or not.
pub fn database_file(config: &Config) -> Result<DatabaseFile, OpenDatabaseError> {
    let url = config.database.url_or_default(&config.server.data_dir);
    let file = db::sqlite_file(url.expose_secret())?;
    Ok(file.map_or(DatabaseFile::Postgres, DatabaseFile::Sqlite))
}

/// Copies the database of `config` into the new file `into` while the site runs.
pub async fn copy_database(config: &Config, into: &Path) -> Result<Copied, CopyError> {
    let url = config.database.url_or_default(&config.server.data_dir);
    db::copy(url.expose_secret(), into).await
}
