//! Makes the first administrator through a one-time link.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum_extra::extract::CookieJar;
use garde::Validate;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    password::{self, NewPassword, PasswordError, WeakPassword},
    signed_in::{self, SignedIn},
    store,
};
use crate::{
    accounts::{
        self, Device, Email, EmailTaken, Role, SessionKind, User, UserName, sessions, token,
    },
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Problem},
};

/// Makes a new link while there is no administrator, and forgets the one before; called at start.
pub async fn offer(app: &App) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    tx.lock("admins").await?;
    if accounts::has_admin(&mut tx).await? {
        store::delete_setup_link(&mut tx).await?;
        return tx.commit().await;
    }
    let token = token::new(&app.random, "");
    let replaced = store::replace_setup_link(&mut tx, &token::hash(&token), app.now()).await?;
    tx.commit().await?;
    if replaced {
        tracing::warn!("the set-up link of the start before is void: use the one of this start");
    }
    let link = format!(
        "{}/setup?token={}",
        app.config.server.site_url(),
        token.expose_secret()
    );
    *app.auth.setup_link.lock() = Some(link.into());
    Ok(())
}

/// Whether nobody is administrator yet. Asked of the database only until somebody is.
pub async fn is_required(app: &App) -> Result<bool, DbError> {
    let known = &app.auth.has_admin;
    if !known.load(Ordering::Relaxed) && accounts::has_admin(&app.db).await? {
        known.store(true, Ordering::Relaxed);
    }
    Ok(!known.load(Ordering::Relaxed))
}

/// The link's token and the administrator to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the link that the server printed when it started.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: SecretString,
    #[garde(skip)]
    email: Email,
    #[garde(skip)]
    name: UserName,
    #[garde(skip)]
    #[schema(value_type = NewPassword)]
    password: SecretString,
}

/// Why there is no first administrator.
#[derive(Debug, Error)]
pub enum SetupError {
    #[error("the link is wrong, old or used")]
    InvalidLink,
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Email(#[from] EmailTaken),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Problem {
        match error {
            SetupError::InvalidLink => Problem::new(
                StatusCode::FORBIDDEN,
                "setup_link_invalid",
                "This link is wrong, old or used. Each start of Convoke makes a new one and voids the one before: use \
                 the last.",
            ),
            SetupError::WeakPassword(weak) => weak.problem("password"),
            SetupError::Password(cause) => cause.into(),
            SetupError::Email(cause) => cause.into(),
            SetupError::Internal(cause) => cause.into(),
        }
    }
}

/// Makes the first administrator and signs them in.
#[utoipa::path(
    post, path = "/api/auth/setup", tag = "auth", operation_id = "setUp", request_body = Setup,
    responses(
        (status = 201, body = SignedIn),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn setup(
    State(app): State<App>,
    device: Device,
    Json(input): Json<Setup>,
) -> Result<(StatusCode, CookieJar, Json<SignedIn>), Problem> {
    app.auth.limits.setup(&app, device.ip).await?;
    let (user, token) = apply(&app, &device, input).await?;
    let (jar, signed_in) = signed_in::answer(user, SessionKind::Cookie, &token);
    Ok((StatusCode::CREATED, jar, Json(signed_in)))
}

async fn apply(
    app: &App,
    device: &Device,
    input: Setup,
) -> Result<(User, SecretString), SetupError> {
    password::check_strength(&input.password, app.config.auth.password_min_length)?;
    let token_hash = token::hash(&input.token);
    if !store::has_setup_link(&app.db, &token_hash).await? {
        return Err(SetupError::InvalidLink);
    }
    let hash = app.auth.passwords.hash(&app.random, input.password).await?;
    let mut tx = app.db.begin().await?;
    tx.lock("admins").await?;
    // Checked again: another request may have used the link while this one hashed.
    if !store::use_setup_link(&mut tx, &token_hash).await? || accounts::has_admin(&mut tx).await? {
        return Err(SetupError::InvalidLink);
    }
    let user = accounts::create(
        app,
        &mut tx,
        input.email,
        input.name,
        Role::Admin,
        Some(app.now()),
    );
    let user = user.await?;
    store::insert_password(&mut tx, user.id, &hash, app.now()).await?;
    let (by, created) = (Actor::user(&user), Happening::UserCreated(&user));
    happenings::tell(app, &mut tx, Some(&by), None, &created).await?;
    let kind = SessionKind::Cookie;
    let (_, token) = sessions::start(app, &mut tx, user.id, device, kind, None).await?;
    tx.commit().await?;
    *app.auth.setup_link.lock() = None;
    Ok((user, token))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{PASSWORD, TestApp};

    fn input(app: &TestApp, email: &str) -> Value {
        let link = app.platform.setup_link().unwrap();
        let token = link.split_once("token=").unwrap().1;
        json!({"token": token, "email": email, "name": "Root", "password": PASSWORD})
    }

    #[tokio::test]
    async fn the_link_makes_one_administrator_and_is_used_up() {
        let app = TestApp::start().await;
        assert_eq!(
            app.browser().get("/api/site").await.json["setup_required"],
            true
        );
        let input = input(&app, "root@example.org");
        let mut browser = app.browser();
        let answer = browser.post("/api/auth/setup", input.clone()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json["user"]["role"], "admin");
        assert_eq!(
            browser.get("/api/auth/me").await.json["email"],
            "root@example.org"
        );
        assert_eq!(app.platform.setup_link(), None);
        assert_eq!(
            app.browser().get("/api/site").await.json["setup_required"],
            false
        );
        let again = app.browser().post("/api/auth/setup", input).await;
        assert_eq!((again.status, again.code()), (403, "setup_link_invalid"));
    }

    #[tokio::test]
    async fn two_people_with_the_same_link_make_one_administrator() {
        let app = TestApp::start().await;
        let (mut one, mut other) = (app.browser(), app.browser());
        let (first, second) = tokio::join!(
            one.post("/api/auth/setup", input(&app, "one@example.org")),
            other.post("/api/auth/setup", input(&app, "other@example.org")),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403], "{first:?} {second:?}");
    }

    #[tokio::test]
    async fn a_wrong_token_and_a_short_password_leave_the_link_usable() {
        let app = TestApp::start().await;
        let mut wrong = input(&app, "root@example.org");
        wrong["token"] = json!("guess");
        let answer = app.browser().post("/api/auth/setup", wrong).await;
        assert_eq!(answer.code(), "setup_link_invalid");
        let mut short = input(&app, "root@example.org");
        short["password"] = json!("short");
        let answer = app.browser().post("/api/auth/setup", short).await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some("password"))
        );
        app.admin().await;
    }

    #[tokio::test]
    async fn every_start_without_an_administrator_makes_a_new_link() {
        let app = TestApp::start().await;
        let before = input(&app, "root@example.org");
        super::offer(app.app()).await.unwrap();
        assert_ne!(before["token"], input(&app, "root@example.org")["token"]);
        let answer = app.browser().post("/api/auth/setup", before).await;
        assert_eq!(answer.code(), "setup_link_invalid");
        app.admin().await;
        super::offer(app.app()).await.unwrap();
        assert_eq!(app.platform.setup_link(), None);
    }
}
