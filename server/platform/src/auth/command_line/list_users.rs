//! `convoke user list`: every account, a page at a time.

use super::Accounts;
use crate::{
    accounts::{self, User, UserId},
    db::DbError,
};

const PAGE: i64 = 500;

impl Accounts {
    /// The accounts made after `last`, oldest first; empty behind the newest.
    pub async fn page(&self, last: Option<UserId>) -> Result<Vec<User>, DbError> {
        accounts::made_after(&self.db, last, PAGE).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn every_account_is_listed_once_whatever_its_role_and_state() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        app.advance(Duration::from_secs(1));
        let ada = app.user("ada").await;
        app.advance(Duration::from_secs(1));
        app.user("grace").await;
        let change = serde_json::json!({"name": "Ada", "role": "auditor", "disabled": true});
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(admin.patch(&path, change).await.status, 200);

        let users = Accounts::of(&app);
        let listed = users.page(None).await.unwrap();
        let told: Vec<_> = listed
            .iter()
            .map(|user| (user.role.as_str(), user.disabled))
            .collect();
        assert_eq!(told, [("admin", false), ("auditor", true), ("user", false)]);
        let behind = users.page(Some(listed[1].id)).await.unwrap();
        assert_eq!(behind, listed[2..]);
        assert_eq!(users.page(Some(listed[2].id)).await.unwrap(), []);
    }
}
