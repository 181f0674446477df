//! Signs in with e-mail and password.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use garde::Validate;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use utoipa::{ToSchema, openapi::Object};

use super::{
    password::PasswordError,
    signed_in::{self, SignedIn},
    store,
};
use crate::{
    accounts::{self, Device, Email, SessionKind, User, sessions},
    app::App,
    db::DbError,
    http::{Json, Problem, openapi},
};

const LONGEST_LABEL: usize = 80;

fn label() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_LABEL))
}

/// Who signs in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[garde(skip)]
    email: Email,
    #[garde(skip)]
    #[schema(value_type = String, format = "password")]
    password: SecretString,
    /// Answer with a Bearer token instead of a cookie.
    #[garde(skip)]
    #[serde(default)]
    bearer: bool,
    /// What to call this device in the list of sessions.
    #[garde(length(chars, min = 1, max = LONGEST_LABEL))]
    #[schema(schema_with = label)]
    label: Option<String>,
}

/// Why nobody is signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    #[error("e-mail address or password is wrong")]
    WrongCredentials,
    #[error("the account is disabled")]
    Disabled,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Problem {
        match error {
            SignInError::WrongCredentials => Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong_credentials",
                "The e-mail address or the password is wrong.",
            ),
            SignInError::Disabled => Problem::new(
                StatusCode::FORBIDDEN,
                "account_disabled",
                "This account is disabled. Ask an administrator.",
            ),
            SignInError::Password(cause) => cause.into(),
            SignInError::Internal(cause) => cause.into(),
        }
    }
}

/// Signs in.
#[utoipa::path(
    post, path = "/api/auth/sign-in", tag = "auth", operation_id = "signIn", request_body = SignIn,
    responses(
        (status = 200, body = SignedIn),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sign_in(
    State(app): State<App>,
    device: Device,
    Json(input): Json<SignIn>,
) -> Result<(CookieJar, Json<SignedIn>), Problem> {
    app.auth
        .limits
        .sign_in(&app, device.ip, &input.email)
        .await?;
    let kind = if input.bearer {
        SessionKind::Bearer
    } else {
        SessionKind::Cookie
    };
    let signed_in = apply(&app, &device, kind, input).await;
    app.counters.signed_in(signed_in.is_ok());
    let (user, token) = signed_in?;
    let (jar, signed_in) = signed_in::answer(user, kind, &token);
    Ok((jar, Json(signed_in)))
}

async fn apply(
    app: &App,
    device: &Device,
    kind: SessionKind,
    input: SignIn,
) -> Result<(User, SecretString), SignInError> {
    let known = accounts::find_by_email(&app.db, &input.email).await?;
    let hash = match &known {
        Some(id) => store::password(&app.db, *id).await?,
        None => None,
    };
    let right = app
        .auth
        .passwords
        .verify(input.password, hash.clone())
        .await?;
    let (Some(id), Some(hash), true) = (known, hash, right) else {
        return Err(SignInError::WrongCredentials);
    };
    let mut tx = app.db.begin().await?;
    // The password may have been changed while this one was checked: then it is wrong now. Whoever changes it ends
    // the sessions that they find, so it waits until this one is there.
    if !store::hold_password(&mut tx, id, &hash).await? {
        return Err(SignInError::WrongCredentials);
    }
    // The account may have been disabled while the password was checked, and is not until this ends.
    let user = accounts::find_to_change(&mut tx, id)
        .await?
        .ok_or(SignInError::WrongCredentials)?;
    if user.disabled {
        return Err(SignInError::Disabled);
    }
    let label = input.label.as_deref();
    let (_, token) = sessions::start(app, &mut tx, user.id, device, kind, label).await?;
    tx.commit().await?;
    Ok((
        User {
            last_seen_at: Some(app.now()),
            ..user
        },
        token,
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn the_right_password_signs_in_with_a_protected_cookie() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let mut browser = app.browser();
        let input = json!({"email": "ADA@example.org", "password": PASSWORD});
        let answer = browser.post("/api/auth/sign-in", input).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("convoke_session=cvk_"), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "{cookie}");
        assert_eq!(browser.get("/api/auth/me").await.json["name"], "ada");
    }

    #[tokio::test]
    async fn the_cookie_is_secure_where_the_site_has_tls() {
        let app = TestApp::start_with(|config, _| {
            config.server.public_url = Some("https://meet.example.org".parse().unwrap());
        })
        .await;
        let mut browser = app.browser();
        let input = json!({"email": "a@example.org", "name": "A", "password": PASSWORD});
        let answer = browser.post("/api/auth/register", input).await;
        assert!(
            answer.headers["set-cookie"]
                .to_str()
                .unwrap()
                .contains("Secure")
        );
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let mut answers = Vec::new();
        for email in ["ada@example.org", "nobody@example.org"] {
            let input = json!({"email": email, "password": "wrong password"});
            let answer = app.browser().post("/api/auth/sign-in", input).await;
            assert_eq!((answer.status, answer.code()), (401, "wrong_credentials"));
            answers.push(answer.text);
        }
        assert_eq!(answers[0], answers[1]);
    }

    #[tokio::test]
    async fn a_bearer_token_works_without_cookies_and_csrf_proof() {
        let app = TestApp::start().await;
        app.user("ada").await;
        app.advance(Duration::from_millis(1));
        let mut client = app.browser();
        let input = json!({
            "email": "ada@example.org", "password": PASSWORD, "bearer": true, "label": "script",
        });
        let answer = client.post("/api/auth/sign-in", input).await;
        assert!(answer.headers.get("set-cookie").is_none());
        let token = answer.json["token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("cvk_"));
        client.use_bearer(&token);
        assert_eq!(
            client
                .patch("/api/auth/me", json!({"name": "Ada"}))
                .await
                .status,
            200
        );
        let sessions = client.get("/api/auth/sessions").await;
        assert_eq!(sessions.json["items"][0]["kind"], "bearer");
        assert_eq!(sessions.json["items"][0]["label"], "script");
    }

    #[tokio::test]
    async fn too_many_tries_on_one_account_must_wait_from_anywhere() {
        let app = TestApp::start_with(|config, _| config.auth.sign_in_per_minute = 2).await;
        app.user("ada").await;
        let input = json!({"email": "ada@example.org", "password": "wrong password"});
        for last in 1..=2 {
            let mut browser = app.browser();
            browser.ip = format!("198.51.100.{last}").parse().unwrap();
            assert_eq!(
                browser
                    .post("/api/auth/sign-in", input.clone())
                    .await
                    .status,
                401
            );
        }
        let mut browser = app.browser();
        browser.ip = "198.51.100.9".parse().unwrap();
        let answer = browser.post("/api/auth/sign-in", input).await;
        assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
        assert!(answer.headers.contains_key("retry-after"));
    }

    #[tokio::test]
    async fn too_many_tries_from_one_address_must_wait_on_any_account() {
        let app = TestApp::start_with(|config, _| config.auth.sign_in_per_minute = 2).await;
        for (email, status) in [("a@x.org", 401), ("b@x.org", 401), ("c@x.org", 429)] {
            let input = json!({"email": email, "password": "wrong password"});
            assert_eq!(
                app.browser().post("/api/auth/sign-in", input).await.status,
                status
            );
        }
    }
}
