//! The settings as they are in force, kept where every request reads them; another server's change is seen within moments.

use std::{sync::Arc, time::Duration};

use parking_lot::RwLock;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{model::SiteSettings, store};
use crate::{
    app::App,
    config::{Config, Setting, SettingSource},
    db::{Database, DbError},
};

const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// As they were read last.
#[derive(Debug)]
pub struct InForce {
    now: RwLock<Arc<SiteSettings>>,
    /// Whoever reads them sets them before another does: nothing older comes after something newer.
    reading: tokio::sync::Mutex<()>,
}

impl InForce {
    /// As the database has them now.
    pub async fn load(config: &Config, db: &Database) -> Result<InForce, DbError> {
        let settings = SiteSettings::configured(config).with(&store::changed(db).await?);
        Ok(InForce {
            now: RwLock::new(Arc::new(settings)),
            reading: tokio::sync::Mutex::default(),
        })
    }

    /// As they are.
    pub fn get(&self) -> Arc<SiteSettings> {
        self.now.read().clone()
    }
}

/// Sees what other servers of the same database change, until `shutdown`.
pub async fn watch(app: &App, shutdown: &CancellationToken) {
    let mut ticks = interval(LOOK_AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = refresh(app).await {
            tracing::warn!(%error, "settings cannot be read; those from before hold");
        }
    }
}

/// Reads them again.
pub async fn refresh(app: &App) -> Result<(), DbError> {
    let _alone = app.settings.reading.lock().await;
    let changed = store::changed(&app.db).await?;
    let settings = SiteSettings::configured(&app.config).with(&changed);
    if *app.settings.get() != settings {
        *app.settings.now.write() = Arc::new(settings);
    }
    Ok(())
}

/// The keys of the configuration, those that administrators changed with what they say.
pub async fn over(app: &App, mut keys: Vec<Setting>) -> Result<Vec<Setting>, DbError> {
    for changed in store::changed(&app.db).await? {
        let mut keys = keys.iter_mut();
        let setting = keys.find(|setting| setting.key == changed.key.as_str());
        if let (Some(setting), Ok(value)) = (setting, serde_json::from_str(&changed.value)) {
            setting.value = value;
            setting.is_set = true;
            setting.source = SettingSource::Administrator;
            setting.place = changed.updated_by_name;
        }
    }
    Ok(keys)
}
