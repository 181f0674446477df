//! Creates an account, when the configuration or an invite allows it, and signs it in.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use garde::Validate;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    password::{self, NewPassword, PasswordError, WeakPassword},
    signed_in::{self, SignedIn},
    store,
};
use crate::{
    accounts::{self, Device, Email, EmailTaken, Role, SessionKind, User, UserName, sessions},
    app::App,
    audit::Actor,
    config::Registration,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Problem},
    invites::{self, InviteRefused},
};

/// The account to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    #[garde(skip)]
    email: Email,
    #[garde(skip)]
    name: UserName,
    #[garde(skip)]
    #[schema(value_type = NewPassword)]
    password: SecretString,
    /// Code of an invite; needed where registration is by invite.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    invite: Option<SecretString>,
}

/// Why there is no new account.
#[derive(Debug, Error)]
pub enum RegisterError {
    #[error("nobody may register")]
    Closed,
    #[error("only people with an invite may register")]
    InviteRequired,
    #[error(transparent)]
    Invite(#[from] InviteRefused),
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Email(#[from] EmailTaken),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Problem {
        match error {
            RegisterError::Closed => Problem::new(
                StatusCode::FORBIDDEN,
                "registration_closed",
                "Nobody can register here. Ask an administrator for an account.",
            ),
            RegisterError::InviteRequired => Problem::new(
                StatusCode::FORBIDDEN,
                "invite_required",
                "Registration needs an invite link from an administrator.",
            ),
            RegisterError::Invite(cause) => cause.into(),
            RegisterError::WeakPassword(weak) => weak.problem("password"),
            RegisterError::Password(cause) => cause.into(),
            RegisterError::Email(cause) => cause.into(),
            RegisterError::Internal(cause) => cause.into(),
        }
    }
}

/// Creates an account and signs it in.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "auth", operation_id = "register", request_body = Register,
    responses(
        (status = 201, body = SignedIn),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn register(
    State(app): State<App>,
    device: Device,
    Json(input): Json<Register>,
) -> Result<(StatusCode, CookieJar, Json<SignedIn>), Problem> {
    app.auth.limits.register(&app, device.ip).await?;
    let (user, token) = apply(&app, &device, input).await?;
    let (jar, signed_in) = signed_in::answer(user, SessionKind::Cookie, &token);
    Ok((StatusCode::CREATED, jar, Json(signed_in)))
}

async fn apply(
    app: &App,
    device: &Device,
    input: Register,
) -> Result<(User, SecretString), RegisterError> {
    match (app.settings.get().registration, &input.invite) {
        (Registration::Closed, _) => return Err(RegisterError::Closed),
        (Registration::Invite, None) => return Err(RegisterError::InviteRequired),
        (Registration::Invite, Some(_)) | (Registration::Open, _) => {}
    }
    password::check_strength(&input.password, app.config.auth.password_min_length)?;
    let hash = app.auth.passwords.hash(&app.random, input.password).await?;
    let mut tx = app.db.begin().await?;
    let invite = match &input.invite {
        Some(code) => Some(invites::redeem(app, &mut tx, code, &input.email).await?),
        None => None,
    };
    let role = invite.as_ref().map_or(Role::User, |invite| invite.role);
    let user = accounts::create(app, &mut tx, input.email, input.name, role, Some(app.now()));
    let user = user.await?;
    if let Some(invite) = invite {
        invites::note_user(&mut tx, invite.id, user.id).await?;
    }
    store::insert_password(&mut tx, user.id, &hash, app.now()).await?;
    let (by, created) = (Actor::user(&user), Happening::UserCreated(&user));
    happenings::tell(app, &mut tx, Some(&by), None, &created).await?;
    let kind = SessionKind::Cookie;
    let (_, token) = sessions::start(app, &mut tx, user.id, device, kind, None).await?;
    tx.commit().await?;
    Ok((user, token))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::Registration,
        testing::{PASSWORD, TestApp},
    };

    #[tokio::test]
    async fn open_registration_makes_an_ordinary_user_and_signs_in() {
        let app = TestApp::start().await;
        let mut browser = app.browser();
        let input = json!({"email": " Ada@Example.org ", "name": " Ada ", "password": PASSWORD});
        let answer = browser.post("/api/auth/register", input).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json["user"]["role"], "user");
        assert_eq!(answer.json["user"]["email"], "Ada@Example.org");
        assert_eq!(answer.json["token"], json!(null));
        assert_eq!(browser.get("/api/auth/me").await.json["name"], "Ada");
    }

    #[tokio::test]
    async fn one_address_has_one_account_however_it_is_spelled() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let input = json!({"email": "ADA@example.ORG", "name": "Ada", "password": PASSWORD});
        let answer = app.browser().post("/api/auth/register", input).await;
        assert_eq!((answer.status, answer.code()), (409, "email_taken"));
        assert_eq!(answer.json["field"], "email");
    }

    #[tokio::test]
    async fn closed_registration_refuses_everybody() {
        let app =
            TestApp::start_with(|config, _| config.auth.registration = Registration::Closed).await;
        let input = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD});
        let answer = app.browser().post("/api/auth/register", input).await;
        assert_eq!((answer.status, answer.code()), (403, "registration_closed"));
    }

    #[tokio::test]
    async fn registration_by_invite_needs_one() {
        let app =
            TestApp::start_with(|config, _| config.auth.registration = Registration::Invite).await;
        let mut input = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD});
        let answer = app
            .browser()
            .post("/api/auth/register", input.clone())
            .await;
        assert_eq!((answer.status, answer.code()), (403, "invite_required"));
        input["invite"] = json!("guess");
        let answer = app.browser().post("/api/auth/register", input).await;
        assert_eq!((answer.status, answer.code()), (403, "invite_invalid"));
    }

    #[tokio::test]
    async fn wrong_input_names_the_field() {
        let app = TestApp::start().await;
        let good = json!({"email": "ada@example.org", "name": "Ada", "password": PASSWORD});
        for (field, value) in [
            ("email", json!("ada")),
            ("email", json!("a b@example.org")),
            ("name", json!("  ")),
            ("name", json!("x".repeat(81))),
            ("password", json!("short")),
            ("password", json!(7)),
        ] {
            let mut input = good.clone();
            input[field] = value;
            let answer = app.browser().post("/api/auth/register", input).await;
            assert_eq!(answer.status, 422, "{answer:?}");
            assert_eq!(answer.code(), "validation_failed");
            assert_eq!(answer.json["errors"][0]["field"], field, "{answer:?}");
            assert!(!answer.text.contains("at line"), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_missing_and_an_unknown_field_are_named() {
        let app = TestApp::start().await;
        let missing = json!({"email": "ada@example.org", "password": PASSWORD});
        let answer = app.browser().post("/api/auth/register", missing).await;
        let error = &answer.json["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("name"), &json!("missing"))
        );
        let unknown = json!({"email": "ada@example.org", "role": "admin"});
        let answer = app.browser().post("/api/auth/register", unknown).await;
        let error = &answer.json["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("role"), &json!("unknown"))
        );
    }

    #[tokio::test]
    async fn too_many_registrations_from_one_address_must_wait() {
        let app = TestApp::start_with(|config, _| config.auth.register_per_hour = 1).await;
        app.user("ada").await;
        let input = json!({"email": "b@example.org", "name": "B", "password": PASSWORD});
        let answer = app
            .browser()
            .post("/api/auth/register", input.clone())
            .await;
        assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
        let mut elsewhere = app.browser();
        elsewhere.ip = "198.51.100.7".parse().unwrap();
        assert_eq!(
            elsewhere.post("/api/auth/register", input).await.status,
            201
        );
    }
}
