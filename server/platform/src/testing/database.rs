//! A database of its own for each test.

use std::{env, path::Path};

use sqlx::{Connection, PgConnection};
use url::Url;
use uuid::Uuid;

use crate::db::Database;

/// Names a PostgreSQL database whose owner may create others.
const POSTGRES_URL: &str = "CONVOKE_TEST_POSTGRES_URL";

/// Opens a fresh database.
pub async fn open(folder: &Path) -> Database {
    Database::open(&create(folder).await, 4).await.unwrap()
}

/// The URL of a fresh database: in PostgreSQL when [`POSTGRES_URL`] is set, else SQLite in `folder`.
pub async fn create(folder: &Path) -> String {
    match env::var(POSTGRES_URL) {
        Ok(url) => create_postgres(&url).await,
        Err(_) => format!("sqlite:{}", folder.join("convoke.db").display()),
    }
}

/// The throw-away cluster is deleted as a whole, so nobody drops these databases.
async fn create_postgres(url: &str) -> String {
    let name = format!("convoke_test_{}", Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut url: Url = url.parse().unwrap();
    url.set_path(&name);
    url.to_string()
}

#[tokio::test]
async fn the_suite_runs_on_the_database_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await;
    if env::var(POSTGRES_URL).is_ok() {
        assert_eq!(database.backend(), "postgres");
    } else {
        eprintln!("skipped: the store suite on PostgreSQL ({POSTGRES_URL} is not set)");
        assert_eq!(database.backend(), "sqlite");
    }
}
