//! Work at intervals, done by one replica at a time.

use std::{fmt::Display, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::store;
use crate::{app::App, db::DbError};

/// Does `work` now and every `period` until `shutdown`, unless another replica did it meanwhile.
/// A failure is logged and tried again at the next tick.
pub async fn tick<F, E>(
    app: &App,
    name: &str,
    period: Duration,
    shutdown: &CancellationToken,
    work: impl Fn(App) -> F,
) where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let holder = app.random.token();
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        match take_lease(app, name, &holder, period).await {
            Ok(true) => {
                if let Err(error) = work(app.clone()).await {
                    tracing::warn!(ticker = name, %error, "failed; tried again at the next tick");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(ticker = name, %error, "could not take the lease"),
        }
    }
}

/// Whether `holder` does `name` for the next `period`.
async fn take_lease(
    app: &App,
    name: &str,
    holder: &str,
    period: Duration,
) -> Result<bool, DbError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let taken = store::take_lease(&mut tx, name, holder, now + period, now).await?;
    tx.commit().await?;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn one_replica_holds_the_lease_until_it_expires() {
        let test = TestApp::start().await;
        let period = Duration::from_mins(1);
        let app = test.app();
        assert!(take_lease(app, "clean-up", "one", period).await.unwrap());
        assert!(!take_lease(app, "clean-up", "other", period).await.unwrap());
        assert!(take_lease(app, "clean-up", "one", period).await.unwrap());
        assert!(
            take_lease(app, "something else", "other", period)
                .await
                .unwrap()
        );
        test.advance(period);
        assert!(take_lease(app, "clean-up", "other", period).await.unwrap());
        assert!(!take_lease(app, "clean-up", "one", period).await.unwrap());
    }
}
