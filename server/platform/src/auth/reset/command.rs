//! `convoke user reset-password`: a reset link straight from the database, whether the server runs or not.

use std::{path::Path, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::SqliteConnectOptions;
use thiserror::Error;

use super::issue::issue;
use crate::{
    accounts::{self, Email},
    audit::Actor,
    clock::{Clock, SystemClock},
    config::Config,
    db::{Database, OpenDatabaseError},
    random::Random,
};

/// Why there is no link.
#[derive(Debug, Error)]
pub enum ResetPasswordLinkError {
    /// Nothing is there to open.
    #[error(
        "there is no database at {0}; name the folder that the server uses with --data-dir, or its configuration file \
         with --config"
    )]
    NoDatabase(String),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenDatabaseError),
    /// The schema cannot be brought up to date.
    #[error("cannot bring the database schema up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// No such account.
    #[error("no account has the e-mail address {0}")]
    NoAccount(String),
    /// Nobody can sign in to it.
    #[error(
        "the account {0} is disabled; an administrator enables it on the page Administration, Users"
    )]
    Disabled(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Query(#[from] sqlx::Error),
}

/// Makes a link with which the owner of `email`'s account chooses a new password.
pub async fn reset_password_link(
    config: &Config,
    email: &str,
) -> Result<SecretString, ResetPasswordLinkError> {
    let url = config.database.url_or_default(&config.server.data_dir);
    let url = url.expose_secret();
    if let Some(file) = sqlite_file(url)
        && !Path::new(&file).exists()
    {
        return Err(ResetPasswordLinkError::NoDatabase(file));
    }
    let db = Database::open(url, 2).await?;
    let link = make(&db, config, email).await;
    db.close().await;
    link
}

async fn make(
    db: &Database,
    config: &Config,
    email: &str,
) -> Result<SecretString, ResetPasswordLinkError> {
    db.migrate().await?;
    let unknown = || ResetPasswordLinkError::NoAccount(email.to_owned());
    let address: Email = email.parse().map_err(|_| unknown())?;
    let mut tx = db.begin().await?;
    let id = accounts::find_by_email(&mut tx, &address).await?;
    let id = id.ok_or_else(unknown)?;
    let user = accounts::find_to_change(&mut tx, id)
        .await?
        .ok_or_else(unknown)?;
    if user.disabled {
        return Err(ResetPasswordLinkError::Disabled(user.email.to_string()));
    }
    let by = (&Random::from_system(), SystemClock.now());
    let site = config.server.site_url();
    let link = issue(&mut tx, by, &site, &user, &Actor::command_line()).await?;
    tx.commit().await?;
    Ok(link.url)
}

/// The file that a URL names; `None` for PostgreSQL and for what cannot be read (opening it says why).
fn sqlite_file(url: &str) -> Option<String> {
    if !url.starts_with("sqlite:") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn the_command_line_makes_a_link_beside_a_running_server() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let (db, config) = (&app.app().db, &app.app().config);
        let link = make(db, config, " ADA@example.org").await.unwrap();
        assert!(link.expose_secret().contains("/reset-password#token="));
        let nobody = make(db, config, "nobody@example.org").await.unwrap_err();
        assert_eq!(
            nobody.to_string(),
            "no account has the e-mail address nobody@example.org"
        );
        let mut admin = app.admin().await;
        let records = admin.get("/api/admin/audit").await.json;
        assert_eq!(records["items"][0]["action"], "user.reset_link_created");
        assert_eq!(records["items"][0]["actor"]["name"], "command line");
    }

    #[tokio::test]
    async fn a_folder_without_a_database_is_said_and_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, std::iter::empty()).unwrap();
        config.server.data_dir = folder.path().to_owned();
        let error = reset_password_link(&config, "ada@example.org")
            .await
            .unwrap_err();
        assert!(error.to_string().starts_with("there is no database at "));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
