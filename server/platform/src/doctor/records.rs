//! What the database says to `convoke doctor`, whether the server runs or not. It makes no database and changes no schema.

use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;
use tokio::time::timeout;
use url::Url;

use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    db::{Database, sqlite_file},
    livekit_events,
};

/// Longer than a busy database takes; one that is away is waited for longer when a server starts.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is on record.
#[derive(Debug, Clone)]
pub struct Records {
    /// Which database it is, in words.
    pub database: String,
    /// When a webhook of the media server was taken last; those of more than a day ago are forgotten.
    pub webhook_heard: Option<SystemTime>,
}

/// Looks into the database that `config` names; `Err`: it cannot be used, and why.
pub async fn records(config: &Config) -> Result<Records, String> {
    let url = config.database.url_or_default(&config.server.data_dir);
    let url = url.expose_secret();
    let file = sqlite_file(url).map_err(|error| error.to_string())?;
    if let Some(file) = &file
        && !file.exists()
    {
        return Ok(Records {
            database: format!(
                "there is none at {} yet; the first start makes it",
                file.display()
            ),
            webhook_heard: None,
        });
    }
    let name = file.map_or_else(
        || "PostgreSQL".to_owned(),
        |file| format!("SQLite in {}", file.display()),
    );
    let looked = timeout(PATIENCE, look(url)).await;
    let looked = looked.unwrap_or_else(|_| Err("it does not answer".to_owned()));
    let webhook_heard = looked.map_err(|why| format!("{}: {why}", place(url, &name)))?;
    Ok(Records {
        database: name,
        webhook_heard,
    })
}

/// The server that is asked, without who asks it: a URL may hold a password.
fn place(url: &str, name: &str) -> String {
    let server = Url::parse(url).ok().and_then(|url| {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        Some(format!("{name} at {host}:{}", url.port().unwrap_or(5432)))
    });
    server.unwrap_or_else(|| name.to_owned())
}

async fn look(url: &str) -> Result<Option<SystemTime>, String> {
    let db = Database::open(url, 2).await;
    let db = db.map_err(|error| error.to_string())?;
    let looked = async {
        db.check_write(SystemClock.now()).await?;
        livekit_events::heard_at(&db).await
    };
    let looked = looked.await.map_err(|error| error.to_string());
    db.close().await;
    Ok(looked?.map(SystemTime::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_without_a_database_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, std::iter::empty()).unwrap();
        config.server.data_dir = folder.path().to_owned();
        let records = records(&config).await.unwrap();
        assert!(records.database.starts_with("there is none at "));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_no_database_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, std::iter::empty()).unwrap();
        config.server.data_dir = folder.path().to_owned();
        std::fs::write(folder.path().join("convoke.db"), "no database at all").unwrap();
        let error = records(&config).await.unwrap_err();
        assert!(error.contains("not a database"), "{error}");
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_reached_is_named_by_its_address_alone() {
        let mut config = Config::load(None, std::iter::empty()).unwrap();
        config.database.url = Some("postgres://ada:hush@127.0.0.1:1/site".to_owned().into());
        let error = records(&config).await.unwrap_err();
        assert!(error.contains("PostgreSQL at 127.0.0.1:1: "), "{error}");
        assert!(!error.contains("hush") && !error.contains("ada"), "{error}");
    }
}
