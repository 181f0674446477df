//! The record of delayed leave events, for the MatrixRTC service that works beside the platform.

use super::{model::DelayedLeave, store};
use crate::db::{Database, DbError};

/// The record; clones are handles to the same one.
#[derive(Clone)]
pub struct DelayedLeaves {
    db: Database,
}

impl DelayedLeaves {
    pub(crate) fn new(db: Database) -> DelayedLeaves {
        DelayedLeaves { db }
    }

    /// Keeps `leave`, instead of what was kept for the same room and identity.
    pub async fn save(&self, leave: &DelayedLeave) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        store::save(&mut tx, leave).await?;
        tx.commit().await
    }

    /// Forgets what is kept for one identity in one room, if anything is.
    pub async fn delete(&self, room: &str, identity: &str) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        store::delete(&mut tx, room, identity).await?;
        tx.commit().await
    }

    /// Everything that is kept.
    pub async fn all(&self) -> Result<Vec<DelayedLeave>, DbError> {
        store::all(&self.db).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{clock::Timestamp, testing::TestApp};

    fn leave(identity: &str, delay_id: &str) -> DelayedLeave {
        DelayedLeave {
            room: "room".to_owned(),
            identity: identity.to_owned(),
            server_name: "example.org".to_owned(),
            delay_id: delay_id.to_owned(),
            delay_timeout: Duration::from_millis(8001),
            restarted_at: Timestamp(1_790_000_000_123),
        }
    }

    #[tokio::test]
    async fn one_event_is_kept_for_each_identity_until_it_is_deleted() {
        let app = TestApp::start().await;
        let leaves = app.platform.delayed_leaves();
        for kept in [leave("ann", "1"), leave("bob", "2"), leave("ann", "3")] {
            leaves.save(&kept).await.unwrap();
        }
        let all = leaves.all().await.unwrap();
        assert_eq!(all, [leave("ann", "3"), leave("bob", "2")]);
        for _ in 0..2 {
            leaves.delete("room", "ann").await.unwrap();
        }
        leaves.delete("other room", "bob").await.unwrap();
        assert_eq!(leaves.all().await.unwrap(), [leave("bob", "2")]);
    }
}
