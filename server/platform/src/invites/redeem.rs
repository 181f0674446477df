//! Uses an invite up; part of registering.

use http::StatusCode;
use secrecy::SecretString;
use thiserror::Error;

use super::store::{self, Redeemed};
use crate::{
    accounts::{self, Email, Right, Role, UserId, token},
    app::App,
    db::{DbError, Tx},
    http::Problem,
};

/// Why an invite does not help.
#[derive(Debug, Error)]
pub enum InviteRefused {
    /// One answer for all of these: it tells a guesser nothing.
    #[error("the invite is wrong, used or expired")]
    Invalid,
    /// Told only to somebody who has a good code.
    #[error("the invite is for another address")]
    AnotherAddress,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<InviteRefused> for Problem {
    fn from(error: InviteRefused) -> Problem {
        match error {
            InviteRefused::Invalid => Problem::new(
                StatusCode::FORBIDDEN,
                "invite_invalid",
                "This invite is wrong, used or expired.",
            ),
            InviteRefused::AnotherAddress => Problem::invalid_field(
                "email",
                "invited_address",
                "This invite is for another e-mail address.",
            ),
            InviteRefused::Internal(cause) => cause.into(),
        }
    }
}

/// Uses an invite up, in the transaction that creates the account.
pub async fn redeem(
    app: &App,
    tx: &mut Tx,
    code: &SecretString,
    email: &Email,
) -> Result<Redeemed, InviteRefused> {
    let (code, now) = (token::hash(code), app.now());
    if let Some(invite) = store::use_up(tx, &code, email, now).await? {
        // Rights are given by those who have them still.
        if invite.role != Role::User && !is_administrator(tx, invite.created_by).await? {
            return Err(InviteRefused::Invalid);
        }
        return Ok(invite);
    }
    Err(if store::is_open(tx, &code, now).await? {
        InviteRefused::AnotherAddress
    } else {
        InviteRefused::Invalid
    })
}

async fn is_administrator(tx: &mut Tx, user: Option<UserId>) -> Result<bool, DbError> {
    let Some(user) = user else {
        return Ok(false);
    };
    let user = accounts::find_to_change(tx, user).await?;
    Ok(user.is_some_and(|user| !user.disabled && user.role.may(Right::Administer)))
}

/// Whether somebody could register with this code.
pub async fn check(app: &App, code: &SecretString) -> Result<(), InviteRefused> {
    if store::is_open(&app.db, &token::hash(code), app.now()).await? {
        Ok(())
    } else {
        Err(InviteRefused::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::{
        config::Registration,
        testing::{PASSWORD, TestApp},
    };

    async fn app() -> TestApp {
        TestApp::start_with(|config, _| config.auth.registration = Registration::Invite).await
    }

    fn registration(email: &str, invite: &Value) -> Value {
        json!({"email": email, "name": "A", "password": PASSWORD, "invite": invite["code"]})
    }

    #[tokio::test]
    async fn an_invite_lets_one_person_register() {
        let app = app().await;
        let mut admin = app.admin().await;
        let invite = admin.post("/api/invites", json!({})).await.json;
        let first = registration("ada@example.org", &invite);
        assert_eq!(
            app.browser().post("/api/auth/register", first).await.status,
            201
        );
        let second = registration("grace@example.org", &invite);
        let answer = app.browser().post("/api/auth/register", second).await;
        assert_eq!((answer.status, answer.code()), (403, "invite_invalid"));
        let listed = admin.get("/api/invites").await.json;
        assert!(listed["items"][0]["used_at"].is_i64(), "{listed}");
    }

    #[tokio::test]
    async fn rights_are_given_by_those_only_who_have_them_still() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut other = app.user("eve").await;
        let eve = format!("/api/users/{}", other.user_id);
        admin.patch(&eve, json!({"role": "admin"})).await;
        let wish = |email: &str, role: &str| json!({"email": email, "role": role});
        let powerful = other
            .post("/api/invites", wish("mole@example.org", "admin"))
            .await
            .json;
        app.advance(Duration::from_millis(1));
        let plain = other
            .post("/api/invites", wish("ada@example.org", "user"))
            .await
            .json;
        let record = admin
            .get("/api/admin/audit?action=invite.created")
            .await
            .json;
        assert_eq!(record["items"][1]["detail"]["role"], "admin", "{record}");
        admin.patch(&eve, json!({"role": "user"})).await;
        let register = async |email: &str, invite: &Value| {
            let input = registration(email, invite);
            app.browser().post("/api/auth/register", input).await
        };
        let refused = register("mole@example.org", &powerful).await;
        assert_eq!((refused.status, refused.code()), (403, "invite_invalid"));
        assert_eq!(register("ada@example.org", &plain).await.status, 201);
        admin.patch(&eve, json!({"role": "admin"})).await;
        let made = register("mole@example.org", &powerful).await;
        assert_eq!(made.status, 201, "a refused try uses nothing up");
    }

    #[tokio::test]
    async fn of_many_at_once_one_gets_the_invite() {
        let app = app().await;
        let invite = app.admin().await.post("/api/invites", json!({})).await.json;
        let tries = (0..4).map(|n| {
            let mut browser = app.browser();
            let input = registration(&format!("user{n}@example.org"), &invite);
            async move { browser.post("/api/auth/register", input).await.status }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403, 403, 403]);
    }

    #[tokio::test]
    async fn a_refused_registration_leaves_the_invite_usable() {
        let app = app().await;
        let invite = app.admin().await.post("/api/invites", json!({})).await.json;
        let taken = registration("admin@example.org", &invite);
        let answer = app.browser().post("/api/auth/register", taken).await;
        assert_eq!(answer.code(), "email_taken");
        let good = registration("ada@example.org", &invite);
        assert_eq!(
            app.browser().post("/api/auth/register", good).await.status,
            201
        );
    }

    #[tokio::test]
    async fn an_invite_for_one_address_helps_no_other() {
        let app = app().await;
        let input = json!({"email": "Ada@example.org"});
        let invite = app.admin().await.post("/api/invites", input).await.json;
        let other = registration("grace@example.org", &invite);
        let answer = app.browser().post("/api/auth/register", other).await;
        let field = answer.json["field"].as_str();
        assert_eq!((answer.status, field), (422, Some("email")));
        let right = registration("ada@Example.org", &invite);
        assert_eq!(
            app.browser().post("/api/auth/register", right).await.status,
            201
        );
    }

    #[tokio::test]
    async fn an_invite_expires() {
        let app = app().await;
        let invite = app.admin().await.post("/api/invites", json!({})).await.json;
        app.advance(Duration::from_hours(7 * 24));
        let input = registration("ada@example.org", &invite);
        let answer = app.browser().post("/api/auth/register", input).await;
        assert_eq!(answer.code(), "invite_invalid");
    }
}
