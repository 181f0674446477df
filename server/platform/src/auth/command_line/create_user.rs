//! `convoke user create`: an account with a password, or with a link to choose one.

use secrecy::SecretString;
use thiserror::Error;

use super::{
    super::{
        password::{self, PasswordError, Passwords, WeakPassword},
        reset::issue::issue,
        store,
    },
    Accounts,
};
use crate::{
    accounts::{self, Email, EmailTaken, NotAName, NotAnEmail, Role, User, UserName},
    audit::Actor,
    clock::{Clock, SystemClock},
    happenings::{self, Happening},
    random::Random,
};

/// The account to be, as it was typed.
pub struct NewAccount {
    /// What its owner signs in with.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// What its owner may do.
    pub role: Role,
    /// What they sign in with at first; without one there is a link.
    pub password: Option<SecretString>,
}

/// The account, and how its owner comes in where no password was given.
pub struct CreatedAccount {
    /// The account.
    pub user: User,
    /// Good once, within a day.
    pub link: Option<SecretString>,
}

/// Why there is no new account.
#[derive(Debug, Error)]
pub enum NewAccountError {
    /// The address is none.
    #[error("{0} is no e-mail address")]
    Email(String, #[source] NotAnEmail),
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NotAName),
    /// The password may not be chosen.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The password cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Somebody has the address.
    #[error(transparent)]
    Taken(#[from] EmailTaken),
    /// The database failed.
    #[error("the database failed: {0}")]
    Query(#[from] sqlx::Error),
}

impl Accounts {
    /// Makes an account, whether people may register or not.
    pub async fn create(&self, account: NewAccount) -> Result<CreatedAccount, NewAccountError> {
        let email: Email = account
            .email
            .parse()
            .map_err(|error| NewAccountError::Email(account.email, error))?;
        let name: UserName = account.name.parse()?;
        let random = Random::from_system();
        let hash = match account.password {
            Some(chosen) => {
                password::check_strength(&chosen, self.config.auth.password_min_length)?;
                Some(Passwords::new().hash(&random, chosen).await?)
            }
            None => None,
        };
        let at = (&random, SystemClock.now());
        let by = Actor::command_line();
        let mut tx = self.db.begin().await?;
        let user = accounts::create_at(&mut tx, at, email, name, account.role, None).await?;
        let created = Happening::UserCreated(&user);
        happenings::tell_at(&mut tx, at, Some(&by), None, &created).await?;
        let link = if let Some(hash) = hash {
            store::insert_password(&mut tx, user.id, &hash, at.1).await?;
            None
        } else {
            let site = self.config.server.site_url();
            Some(issue(&mut tx, at, &site, &user, &by).await?.url)
        };
        tx.commit().await?;
        Ok(CreatedAccount { user, link })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;
    use crate::testing::{PASSWORD, TestApp};

    fn account(email: &str, password: Option<&str>) -> NewAccount {
        NewAccount {
            email: email.to_owned(),
            name: "Grace".to_owned(),
            role: Role::Support,
            password: password.map(SecretString::from),
        }
    }

    #[tokio::test]
    async fn whoever_was_made_on_the_command_line_signs_in_at_the_running_server() {
        let app = TestApp::start().await;
        let users = Accounts::of(&app);
        let made = users.create(account("grace@example.org", Some(PASSWORD)));
        assert!(made.await.unwrap().link.is_none());
        let mut grace = app.browser();
        let sign_in = json!({"email": "grace@example.org", "password": PASSWORD});
        assert_eq!(grace.post("/api/auth/sign-in", sign_in).await.status, 200);
        assert_eq!(grace.get("/api/auth/me").await.json["role"], "support");

        let made = users.create(account("linus@example.org", None)).await;
        let link = made.unwrap().link.unwrap();
        let token = link.expose_secret().split_once("#token=").unwrap().1;
        let chosen = json!({"token": token, "password": PASSWORD});
        let mut linus = app.browser();
        let answer = linus.post("/api/auth/reset-password", chosen).await;
        assert_eq!(answer.status, 200, "{answer:?}");

        let mut admin = app.admin().await;
        let path = "/api/admin/audit?action=user.created";
        let records = admin.get(path).await.json;
        assert_eq!(records["items"][1]["actor"]["name"], "command line");
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_and_leaves_no_account() {
        let app = TestApp::start().await;
        let users = Accounts::of(&app);
        users
            .create(account("grace@example.org", None))
            .await
            .unwrap();
        let nameless = NewAccount {
            name: " ".to_owned(),
            ..account("n@example.org", None)
        };
        for (account, says) in [
            (account("nobody", None), "nobody is no e-mail address"),
            (nameless, "A name has 1 to 80 characters"),
            (
                account("n@example.org", Some("short")),
                "A password has at least",
            ),
            (account("GRACE@example.org", None), "has an account already"),
        ] {
            let Err(error) = users.create(account).await else {
                panic!("{says}");
            };
            assert!(error.to_string().contains(says), "{error}");
        }
        assert_eq!(accounts::count(&app.app().db).await.unwrap(), 1);
    }
}
