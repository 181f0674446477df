//! Forgets what was done longer ago than the configuration says; for good, as long as it says nothing.

use std::time::Duration;

use super::{list::first_id_at, store};
use crate::{app::App, db::DbError};

/// Rows of one transaction: whatever people do writes here as well.
const AT_ONCE: i64 = 5_000;

/// Forgets old records; safe to run at any time, on any replica.
pub async fn clean_up(app: &App) -> Result<(), DbError> {
    let days = app.config.audit.keep_days;
    if days == 0 {
        return Ok(());
    }
    let before = first_id_at(app.now() - Duration::from_hours(24) * days);
    loop {
        let mut tx = app.db.begin_aside().await?;
        let forgotten = store::forget(&mut tx, &before, AT_ONCE).await?;
        tx.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn what_is_longer_ago_than_wanted_is_forgotten_and_nothing_else() {
        for (keep_days, left) in [(0, 2), (30, 1)] {
            let app = TestApp::start_with(|config, _| config.audit.keep_days = keep_days).await;
            let mut ada = app.user("ada").await;
            let room = TestRoom::create(&mut ada, json!({})).await;
            app.advance(Duration::from_hours(24 * 20));
            ada.patch(&room.path(""), json!({"name": "Daily"})).await;
            app.advance(Duration::from_hours(24 * 9));
            super::clean_up(app.app()).await.unwrap();
            let records = ada.get_all(&room.path("/audit")).await;
            assert_eq!(records.len(), 2, "{keep_days}");
            app.advance(Duration::from_hours(24 * 2));
            super::clean_up(app.app()).await.unwrap();
            // A session of a month ago is none.
            let mut ada = app.browser();
            let account = json!({"email": "ada@example.org", "password": crate::testing::PASSWORD});
            ada.post("/api/auth/sign-in", account).await;
            let records = ada.get_all(&room.path("/audit")).await;
            assert_eq!(records.len(), left, "{keep_days}");
            assert_eq!(records[0]["action"], "room.updated");
        }
    }
}
