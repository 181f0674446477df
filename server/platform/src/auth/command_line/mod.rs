//! `convoke user`: accounts straight from the database, whether the server runs or not. It must not know how the command
//! line is read or answered.

mod create_user;
mod list_users;
mod reset_password;

use secrecy::ExposeSecret;
use thiserror::Error;

pub use create_user::{CreatedAccount, NewAccount, NewAccountError};
pub use reset_password::ResetPasswordLinkError;

use crate::{
    config::Config,
    db::{Database, MigrateError, OpenDatabaseError, sqlite_file},
};

/// The accounts of a database that is there already.
pub struct Accounts {
    db: Database,
    config: Config,
}

/// Why nothing can be done for any account.
#[derive(Debug, Error)]
pub enum OpenAccountsError {
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
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

impl Accounts {
    /// Opens the database of `config`; it is not made.
    pub async fn open(config: Config) -> Result<Accounts, OpenAccountsError> {
        let url = config.database.url_or_default(&config.server.data_dir);
        let url = url.expose_secret();
        // What cannot be read, opening it says why.
        if let Ok(Some(file)) = sqlite_file(url)
            && !file.exists()
        {
            return Err(OpenAccountsError::NoDatabase(file.display().to_string()));
        }
        let db = Database::open(url, 2).await?;
        db.migrate().await?;
        Ok(Accounts { db, config })
    }

    /// Ends its connections; whatever was answered is in the database without that too.
    pub async fn close(self) {
        self.db.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    impl Accounts {
        /// Those of a server that runs.
        pub fn of(app: &TestApp) -> Accounts {
            Accounts {
                db: app.app().db.clone(),
                config: app.app().config.clone(),
            }
        }
    }

    #[tokio::test]
    async fn a_folder_without_a_database_is_said_and_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, std::iter::empty()).unwrap();
        config.server.data_dir = folder.path().to_owned();
        let Err(error) = Accounts::open(config).await else {
            panic!("there is none");
        };
        assert!(error.to_string().starts_with("there is no database at "));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
