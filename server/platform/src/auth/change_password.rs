//! Changes one's own password and ends every other session.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use garde::Validate;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    password::{self, NewPassword, PasswordError, WeakPassword},
    reset, signed_in, store,
};
use crate::{
    accounts::{CurrentUser, SessionKind, sessions},
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Problem},
};

/// The old and the new password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[garde(skip)]
    #[schema(value_type = String, format = "password")]
    current_password: SecretString,
    #[garde(skip)]
    #[schema(value_type = NewPassword)]
    new_password: SecretString,
}

/// Why the password stays.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("the new password is the current one")]
    Unchanged,
    #[error("the session ended meanwhile")]
    SignedOut,
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Problem {
        match error {
            ChangePasswordError::WrongPassword => Problem::invalid_field(
                "current_password",
                "wrong",
                "The current password is wrong.",
            ),
            ChangePasswordError::Unchanged => {
                Problem::invalid_field("new_password", "unchanged", "This is the current password.")
            }
            ChangePasswordError::SignedOut => Problem::unauthenticated(),
            ChangePasswordError::WeakPassword(weak) => weak.problem("new_password"),
            ChangePasswordError::Password(cause) => cause.into(),
            ChangePasswordError::Internal(cause) => cause.into(),
        }
    }
}

/// What this device signs in with from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordChanged {
    /// The new Bearer token, for sessions that have one; it is shown this once. Cookies are set anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Changes the signed-in user's password; every other session ends, and this one gets a new token.
#[utoipa::path(
    post, path = "/api/auth/password", tag = "auth", operation_id = "changePassword", request_body = ChangePassword,
    responses(
        (status = 200, body = PasswordChanged),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn change_password(
    State(app): State<App>,
    current: CurrentUser,
    Json(input): Json<ChangePassword>,
) -> Result<(CookieJar, Json<PasswordChanged>), Problem> {
    app.auth
        .limits
        .confirm_password(&app, current.user.id)
        .await?;
    let (kind, token) = apply(&app, &current, input).await?;
    let (jar, token) = signed_in::hand_out(kind, &token);
    Ok((jar, Json(PasswordChanged { token })))
}

async fn apply(
    app: &App,
    current: &CurrentUser,
    input: ChangePassword,
) -> Result<(SessionKind, SecretString), ChangePasswordError> {
    password::check_strength(&input.new_password, app.config.auth.password_min_length)?;
    let unchanged = input.new_password.expose_secret() == input.current_password.expose_secret();
    let old = store::password(&app.db, current.user.id).await?;
    let right = app
        .auth
        .passwords
        .verify(input.current_password, old.clone())
        .await?;
    let Some(old) = old.filter(|_| right) else {
        return Err(ChangePasswordError::WrongPassword);
    };
    if unchanged {
        return Err(ChangePasswordError::Unchanged);
    }
    let hash = app
        .auth
        .passwords
        .hash(&app.random, input.new_password)
        .await?;
    let mut tx = app.db.begin().await?;
    // Another request may have changed it while this one hashed: then the old one is wrong now.
    if !store::replace_password(&mut tx, current.user.id, &old, &hash, app.now()).await? {
        return Err(ChangePasswordError::WrongPassword);
    }
    // A link that somebody else may hold is of no use to the owner any more.
    reset::store::withdraw(&mut tx, current.user.id).await?;
    sessions::end_others(app, &mut tx, current.user.id, current.session).await?;
    // Whoever copied this device's token has no use of it either.
    let token = sessions::renew(app, &mut tx, current.session)
        .await?
        .ok_or(ChangePasswordError::SignedOut)?;
    let by = Actor::user(&current.user);
    let changed = Happening::PasswordChanged(&current.user);
    happenings::tell(app, &mut tx, Some(&by), None, &changed).await?;
    tx.commit().await?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    const NEW: &str = "another horse battery";

    #[tokio::test]
    async fn a_new_password_ends_every_other_session() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut phone = app.browser();
        let old = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(
            phone.post("/api/auth/sign-in", old.clone()).await.status,
            200
        );
        let mut copy = ada.clone();
        let change = json!({"current_password": PASSWORD, "new_password": NEW});
        let changed = ada.post("/api/auth/password", change).await;
        assert_eq!((changed.status, &changed.json), (200, &json!({})));
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        // Whoever copied the token before has no use of it.
        assert_eq!(copy.get("/api/auth/me").await.status, 401);
        assert_eq!(phone.get("/api/auth/me").await.status, 401);
        assert_eq!(phone.post("/api/auth/sign-in", old).await.status, 401);
        let new = json!({"email": "ada@example.org", "password": NEW});
        assert_eq!(phone.post("/api/auth/sign-in", new).await.status, 200);
    }

    #[tokio::test]
    async fn a_program_is_told_its_new_token() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let mut program = app.browser();
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD, "bearer": true});
        let signed_in = program.post("/api/auth/sign-in", sign_in).await;
        let old = signed_in.json["token"].as_str().unwrap().to_owned();
        program.use_bearer(&old);
        let change = json!({"current_password": PASSWORD, "new_password": NEW});
        let changed = program.post("/api/auth/password", change).await;
        assert!(!changed.headers.contains_key("set-cookie"));
        assert_eq!(program.get("/api/auth/me").await.status, 401);
        program.use_bearer(changed.json["token"].as_str().unwrap());
        assert_eq!(program.get("/api/auth/me").await.status, 200);
    }

    #[tokio::test]
    async fn a_wrong_current_password_or_a_short_new_one_changes_nothing() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        for (current, new, field) in [
            ("wrong password", NEW, "current_password"),
            (PASSWORD, "short", "new_password"),
            (PASSWORD, PASSWORD, "new_password"),
        ] {
            let change = json!({"current_password": current, "new_password": new});
            let answer = ada.post("/api/auth/password", change).await;
            assert_eq!(
                (answer.status, answer.json["field"].as_str()),
                (422, Some(field))
            );
        }
        let old = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(
            app.browser().post("/api/auth/sign-in", old).await.status,
            200
        );
    }

    #[tokio::test]
    async fn a_stolen_session_cannot_guess_the_password_for_long() {
        let app = TestApp::start_with(|config, _| config.auth.sign_in_per_minute = 1).await;
        let mut ada = app.user("ada").await;
        let change = json!({"current_password": "wrong password", "new_password": NEW});
        assert_eq!(
            ada.post("/api/auth/password", change.clone()).await.status,
            422
        );
        assert_eq!(
            ada.post("/api/auth/password", change).await.code(),
            "rate_limited"
        );
    }

    #[tokio::test]
    async fn a_sign_in_with_the_old_password_does_not_outlive_the_change() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let change = json!({"current_password": PASSWORD, "new_password": NEW});
        let mut phones: Vec<_> = (0..6).map(|_| app.browser()).collect();
        let sign_ins = futures::future::join_all(phones.iter_mut().map(async |phone| {
            let old = json!({"email": "ada@example.org", "password": PASSWORD});
            phone.post("/api/auth/sign-in", old).await.status
        }));
        let (changed, _) = tokio::join!(ada.post("/api/auth/password", change), sign_ins);
        assert_eq!(changed.status, 200, "{changed:?}");
        for mut phone in phones {
            assert_eq!(phone.get("/api/auth/me").await.status, 401);
        }
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
    }

    #[tokio::test]
    async fn of_two_changes_at_once_the_one_that_was_answered_counts() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut other_tab = ada.clone();
        let change = |new: &str| json!({"current_password": PASSWORD, "new_password": new});
        let (one, other) = tokio::join!(
            ada.post("/api/auth/password", change(NEW)),
            other_tab.post("/api/auth/password", change("a third horse battery")),
        );
        let (kept, refused) = if one.status == 200 {
            (NEW, other)
        } else {
            ("a third horse battery", one)
        };
        assert_eq!((refused.status, refused.code()), (422, "validation_failed"));
        assert_eq!(refused.json["field"], "current_password");
        let sign_in = json!({"email": "ada@example.org", "password": kept});
        let answer = app.browser().post("/api/auth/sign-in", sign_in).await;
        assert_eq!(answer.status, 200);
    }
}
