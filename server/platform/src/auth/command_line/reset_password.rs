//! `convoke user reset-password`: a link with which an account's owner chooses a new password.

use secrecy::SecretString;
use thiserror::Error;

use super::{super::reset::issue::issue, Accounts};
use crate::{
    accounts::{self, Email},
    audit::Actor,
    clock::{Clock, SystemClock},
    random::Random,
};

/// Why there is no link.
#[derive(Debug, Error)]
pub enum ResetPasswordLinkError {
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

impl Accounts {
    /// Makes a link with which the owner of `email`'s account chooses a new password, once, within a day.
    pub async fn reset_password_link(
        &self,
        email: &str,
    ) -> Result<SecretString, ResetPasswordLinkError> {
        let unknown = || ResetPasswordLinkError::NoAccount(email.to_owned());
        let address: Email = email.parse().map_err(|_| unknown())?;
        let mut tx = self.db.begin().await?;
        let id = accounts::find_by_email(&mut tx, &address).await?;
        let id = id.ok_or_else(unknown)?;
        let user = accounts::find_to_change(&mut tx, id)
            .await?
            .ok_or_else(unknown)?;
        if user.disabled {
            return Err(ResetPasswordLinkError::Disabled(user.email.to_string()));
        }
        let by = (&Random::from_system(), SystemClock.now());
        let site = self.config.server.site_url();
        let link = issue(&mut tx, by, &site, &user, &Actor::command_line()).await?;
        tx.commit().await?;
        Ok(link.url)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn the_command_line_makes_a_link_beside_a_running_server() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let users = Accounts::of(&app);
        let link = users.reset_password_link(" ADA@example.org").await.unwrap();
        assert!(link.expose_secret().contains("/reset-password#token="));
        let nobody = users.reset_password_link("nobody@example.org").await;
        assert_eq!(
            nobody.unwrap_err().to_string(),
            "no account has the e-mail address nobody@example.org"
        );
        let mut admin = app.admin().await;
        let records = admin.get("/api/admin/audit").await.json;
        assert_eq!(records["items"][0]["action"], "user.reset_link_created");
        assert_eq!(records["items"][0]["actor"]["name"], "command line");
    }
}
