//! Says whether a one-time link is still good, before somebody fills in its form.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    reset::{self, redeem::ResetPasswordError},
    setup::SetupError,
    store,
};
use crate::{
    accounts::token,
    app::App,
    http::{ClientIp, Json, Problem},
    invites,
};

/// A one-time link.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckLink {
    #[garde(skip)]
    kind: LinkKind,
    /// What the link ends with.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: SecretString,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Making the first administrator.
    Setup,
    /// Choosing a new password.
    ResetPassword,
    /// Registering.
    Invite,
}

/// Answers as the use of the link would, and leaves it unused.
#[utoipa::path(
    post, path = "/api/auth/check-link", tag = "auth", operation_id = "checkLink", request_body = CheckLink,
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn check_link(
    State(app): State<App>,
    ip: ClientIp,
    Json(input): Json<CheckLink>,
) -> Result<StatusCode, Problem> {
    app.auth.limits.check_link(&app, ip).await?;
    let token_hash = token::hash(&input.token);
    match input.kind {
        LinkKind::Setup => {
            if !store::has_setup_link(&app.db, &token_hash).await? {
                return Err(SetupError::InvalidLink.into());
            }
        }
        LinkKind::ResetPassword => {
            let user = reset::store::find(&app.db, &token_hash, app.now()).await?;
            user.ok_or(ResetPasswordError::InvalidLink)?;
        }
        LinkKind::Invite => invites::check(&app, &input.token).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::Registration,
        testing::{PASSWORD, TestApp},
    };

    #[tokio::test]
    async fn a_link_is_good_until_it_is_used() {
        let app =
            TestApp::start_with(|config, _| config.auth.registration = Registration::Invite).await;
        let check = async |kind: &str, token: &str| {
            let link = json!({"kind": kind, "token": token});
            let answer = app.browser().post("/api/auth/check-link", link).await;
            match answer.status {
                204 => "good".to_owned(),
                _ => answer.code().to_owned(),
            }
        };
        let setup = app.platform.setup_link().unwrap();
        let setup = setup.split_once("token=").unwrap().1.to_owned();
        assert_eq!(check("setup", &setup).await, "good");
        assert_eq!(check("setup", "guess").await, "setup_link_invalid");
        let mut admin = app.admin().await;
        assert_eq!(check("setup", &setup).await, "setup_link_invalid");

        let invite = admin.post("/api/invites", json!({})).await.json;
        let code = invite["code"].as_str().unwrap();
        assert_eq!(check("invite", code).await, "good");
        assert_eq!(check("invite", "guess").await, "invite_invalid");
        let ada = json!({
            "email": "ada@example.org", "name": "Ada", "password": PASSWORD, "invite": code,
        });
        let ada = app.browser().post("/api/auth/register", ada).await;
        assert_eq!(ada.status, 201, "{ada:?}");
        assert_eq!(check("invite", code).await, "invite_invalid");

        let id = ada.json["user"]["id"].as_str().unwrap();
        let path = format!("/api/users/{id}/reset-link");
        let link = admin.post(&path, json!({})).await.json["url"].clone();
        let token = link.as_str().unwrap().split_once("token=").unwrap().1;
        assert_eq!(check("reset_password", token).await, "good");
        assert_eq!(check("reset_password", code).await, "reset_link_invalid");
    }

    #[tokio::test]
    async fn nobody_guesses_for_long() {
        let app = TestApp::start_with(|config, _| config.auth.sign_in_per_minute = 2).await;
        let guess = json!({"kind": "invite", "token": "guess"});
        for status in [403, 403, 429] {
            let mut browser = app.browser();
            let answer = browser.post("/api/auth/check-link", guess.clone()).await;
            assert_eq!(answer.status, status);
        }
    }
}
