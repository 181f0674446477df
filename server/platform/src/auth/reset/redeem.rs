//! Chooses a new password with a reset link, and signs in.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use garde::Validate;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    super::{
        password::{self, NewPassword, PasswordError, WeakPassword},
        signed_in::{self, SignedIn},
    },
    store,
};
use crate::{
    accounts::{self, Device, SessionKind, User, sessions, token},
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Problem},
};

/// The link's token and the new password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the link that an administrator made.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: SecretString,
    #[garde(skip)]
    #[schema(value_type = NewPassword)]
    password: SecretString,
}

/// Why the password stays.
#[derive(Debug, Error)]
pub enum ResetPasswordError {
    #[error("the link is wrong, used or expired")]
    InvalidLink,
    #[error("the account is disabled")]
    Disabled,
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Problem {
        match error {
            ResetPasswordError::InvalidLink => Problem::new(
                StatusCode::FORBIDDEN,
                "reset_link_invalid",
                "This link is wrong, used or expired. Ask an administrator for a new one.",
            ),
            ResetPasswordError::Disabled => Problem::new(
                StatusCode::FORBIDDEN,
                "account_disabled",
                "This account is disabled.",
            ),
            ResetPasswordError::WeakPassword(weak) => weak.problem("password"),
            ResetPasswordError::Password(cause) => cause.into(),
            ResetPasswordError::Internal(cause) => cause.into(),
        }
    }
}

/// Sets a new password with a reset link, ends every session of the account and signs in here.
#[utoipa::path(
    post, path = "/api/auth/reset-password", tag = "auth", operation_id = "resetPassword",
    request_body = ResetPassword,
    responses(
        (status = 200, body = SignedIn),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn redeem(
    State(app): State<App>,
    device: Device,
    Json(input): Json<ResetPassword>,
) -> Result<(CookieJar, Json<SignedIn>), Problem> {
    app.auth.limits.reset_password(&app, device.ip).await?;
    let (user, token) = apply(&app, &device, input).await?;
    let (jar, signed_in) = signed_in::answer(user, SessionKind::Cookie, &token);
    Ok((jar, Json(signed_in)))
}

async fn apply(
    app: &App,
    device: &Device,
    input: ResetPassword,
) -> Result<(User, SecretString), ResetPasswordError> {
    password::check_strength(&input.password, app.config.auth.password_min_length)?;
    let token_hash = token::hash(&input.token);
    let id = store::find(&app.db, &token_hash, app.now())
        .await?
        .ok_or(ResetPasswordError::InvalidLink)?;
    let hash = app.auth.passwords.hash(&app.random, input.password).await?;
    let mut tx = app.db.begin().await?;
    // Checked again: another request may have used the link while this one hashed.
    if !store::use_up(&mut tx, &token_hash).await? {
        return Err(ResetPasswordError::InvalidLink);
    }
    let user = accounts::find_to_change(&mut tx, id)
        .await?
        .ok_or(ResetPasswordError::InvalidLink)?;
    if user.disabled {
        return Err(ResetPasswordError::Disabled);
    }
    store::set_password(&mut tx, id, &hash, app.now()).await?;
    let kind = SessionKind::Cookie;
    let (own, token) = sessions::start(app, &mut tx, id, device, kind, None).await?;
    sessions::end_others(app, &mut tx, id, own).await?;
    let (by, reset) = (Actor::user(&user), Happening::PasswordReset(&user));
    happenings::tell(app, &mut tx, Some(&by), None, &reset).await?;
    tx.commit().await?;
    Ok((user, token))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{PASSWORD, TestApp, TestClient};

    const NEW: &str = "another horse battery";

    /// The token of a fresh link for `user`.
    async fn link(admin: &mut TestClient, user: &str) -> String {
        let answer = admin
            .post(&format!("/api/users/{user}/reset-link"), json!({}))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let url = answer.json["url"].as_str().unwrap();
        let (page, token) = url.split_once("#token=").unwrap();
        assert_eq!(page, "http://localhost:8080/reset-password");
        token.to_owned()
    }

    fn input(token: &str) -> Value {
        json!({"token": token, "password": NEW})
    }

    #[tokio::test]
    async fn a_link_gives_a_new_password_once_and_ends_every_session() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let token = link(&mut admin, &ada.user_id.clone()).await;
        // Records of one moment stand in any order.
        app.advance(Duration::from_millis(1));
        let mut phone = app.browser();
        let answer = phone.post("/api/auth/reset-password", input(&token)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(
            phone.get("/api/auth/me").await.json["email"],
            "ada@example.org"
        );
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
        for (password, status) in [(PASSWORD, 401), (NEW, 200)] {
            let sign_in = json!({"email": "ada@example.org", "password": password});
            let answer = app.browser().post("/api/auth/sign-in", sign_in).await;
            assert_eq!(answer.status, status);
        }
        let again = app
            .browser()
            .post("/api/auth/reset-password", input(&token))
            .await;
        assert_eq!((again.status, again.code()), (403, "reset_link_invalid"));
        let records = admin.get("/api/admin/audit").await.json;
        let seen = |index: usize| {
            let record = &records["items"][index];
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (word(&record["action"]), word(&record["detail"]["name"]))
        };
        assert_eq!(
            seen(0),
            ("user.password_reset".to_owned(), "ada".to_owned())
        );
        assert_eq!(
            seen(1),
            ("user.reset_link_created".to_owned(), "ada".to_owned())
        );
        assert!(!records.to_string().contains(&token));
    }

    #[tokio::test]
    async fn a_link_is_worthless_after_a_day_a_newer_one_or_a_changed_password() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let id = ada.user_id.clone();
        let first = link(&mut admin, &id).await;
        let second = link(&mut admin, &id).await;
        let change = json!({"current_password": PASSWORD, "new_password": "a third horse battery"});
        let refused = async |token: &str| {
            let answer = app
                .browser()
                .post("/api/auth/reset-password", input(token))
                .await;
            assert_eq!((answer.status, answer.code()), (403, "reset_link_invalid"));
        };
        refused(&first).await;
        assert!(ada.post("/api/auth/password", change).await.status < 300);
        refused(&second).await;
        let third = link(&mut admin, &id).await;
        app.advance(Duration::from_hours(24));
        refused(&third).await;
        crate::auth::clean_up(app.app()).await.unwrap();
    }

    #[tokio::test]
    async fn only_administrators_make_links_and_none_for_a_disabled_account() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let id = ada.user_id.clone();
        let path = format!("/api/users/{id}/reset-link");
        assert_eq!(ada.post(&path, json!({})).await.code(), "forbidden");
        let answer = app.browser().post(&path, json!({})).await;
        assert_eq!(answer.code(), "unauthenticated");
        let token = link(&mut admin, &id).await;
        let user = format!("/api/users/{id}");
        admin.patch(&user, json!({"disabled": true})).await;
        let answer = admin.post(&path, json!({})).await;
        assert_eq!((answer.status, answer.code()), (409, "account_is_disabled"));
        let answer = app
            .browser()
            .post("/api/auth/reset-password", input(&token))
            .await;
        assert_eq!(answer.code(), "account_disabled");
        let nobody = "/api/users/01900000-0000-7000-8000-000000000000/reset-link";
        assert_eq!(admin.post(nobody, json!({})).await.code(), "not_found");
    }

    #[tokio::test]
    async fn two_people_with_one_link_make_one_password_and_a_short_one_uses_nothing_up() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let ada = app.user("ada").await;
        let token = link(&mut admin, &ada.user_id).await;
        let short = json!({"token": token, "password": "short"});
        let answer = app.browser().post("/api/auth/reset-password", short).await;
        assert_eq!(
            (answer.status, &answer.json["field"]),
            (422, &json!("password"))
        );
        let (mut one, mut other) = (app.browser(), app.browser());
        let (first, second) = tokio::join!(
            one.post("/api/auth/reset-password", input(&token)),
            other.post("/api/auth/reset-password", input(&token)),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "{first:?} {second:?}");
    }
}
