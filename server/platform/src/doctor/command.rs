//! `convoke doctor`: a check straight in the database, so that whoever may read that needs no password; and what becomes of it.

use ::doctor::{Report, ServerHalf};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::{begin, model::DoctorCheckId, store};
use crate::{
    audit::Actor,
    clock::{Clock, SystemClock},
    config::Config,
    db::{Database, DbError, OpenDatabaseError},
    random::Random,
};

/// Why there is no link.
#[derive(Debug, Error)]
pub enum BeginCheckError {
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenDatabaseError),
    /// The database failed.
    #[error("the database failed: {0}")]
    Query(#[from] DbError),
}

/// A check that waits for a browser.
pub struct BegunCheck {
    db: Database,
    id: DoctorCheckId,
    url: SecretString,
}

impl BegunCheck {
    /// Writes the server's half down beside a running server, and makes a link.
    pub async fn begin(config: &Config, server: ServerHalf) -> Result<Self, BeginCheckError> {
        let url = config.database.url_or_default(&config.server.data_dir);
        let db = Database::open(url.expose_secret(), 2).await?;
        let mut tx = db.begin().await?;
        let by = (&Random::from_system(), SystemClock.now());
        let name = Actor::command_line().name;
        let (kept, secret) = begin::keep(&mut tx, by, name, server).await?;
        tx.commit().await?;
        let url = begin::link(&config.server.site_url(), &secret).into();
        Ok(BegunCheck {
            db,
            id: kept.id,
            url,
        })
    }

    /// Where a browser opens it.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// What both halves say together; `None`: no browser has said anything yet.
    pub async fn report(&self) -> Result<Option<Report>, BeginCheckError> {
        let kept = store::find(&self.db, self.id).await?;
        let done = kept.filter(|kept| kept.browser.is_some());
        Ok(done.map(|kept| kept.report()))
    }

    /// Lets the database go.
    pub async fn close(self) {
        self.db.close().await;
    }
}
