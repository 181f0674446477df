//! Makes an account for somebody, with a password or with a link to choose one; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    password::{self, NewPassword, PasswordError, WeakPassword},
    reset::{create::NewResetLink, issue::issue},
    store,
};
use crate::{
    accounts::{self, Admin, Email, EmailTaken, Role, User, UserName},
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress},
};

/// The account to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    #[garde(skip)]
    email: Email,
    #[garde(skip)]
    name: UserName,
    /// `user` when left out.
    #[garde(skip)]
    role: Option<Role>,
    /// What they sign in with at first. When left out the answer has a link with which they choose one.
    #[garde(skip)]
    #[schema(value_type = Option<NewPassword>)]
    password: Option<SecretString>,
}

/// The new account, and how its owner comes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedUser {
    user: User,
    /// To send to its owner, where no password was given; it is shown this once.
    #[schema(required = true)]
    link: Option<NewResetLink>,
}

/// Why there is no new account.
#[derive(Debug, Error)]
pub enum CreateUserError {
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Email(#[from] EmailTaken),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Problem {
        match error {
            CreateUserError::WeakPassword(weak) => weak.problem("password"),
            CreateUserError::Password(cause) => cause.into(),
            CreateUserError::Email(cause) => cause.into(),
            CreateUserError::Internal(cause) => cause.into(),
        }
    }
}

/// Makes an account, whether people may register or not.
#[utoipa::path(
    post, path = "/api/users", tag = "users", operation_id = "createUser", request_body = CreateUser,
    responses(
        (status = 201, body = CreatedUser),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Json(input): Json<CreateUser>,
) -> Result<(StatusCode, Json<CreatedUser>), Problem> {
    let created = apply(&app, &site, &admin.user, input).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn apply(
    app: &App,
    site: &SiteAddress,
    admin: &User,
    input: CreateUser,
) -> Result<CreatedUser, CreateUserError> {
    let hash = match input.password {
        Some(chosen) => {
            password::check_strength(&chosen, app.config.auth.password_min_length)?;
            Some(app.auth.passwords.hash(&app.random, chosen).await?)
        }
        None => None,
    };
    let role = input.role.unwrap_or(Role::User);
    let by = Actor::user(admin);
    let mut tx = app.db.begin().await?;
    let user = accounts::create(app, &mut tx, input.email, input.name, role, None).await?;
    let created = Happening::UserCreated(&user);
    happenings::tell(app, &mut tx, Some(&by), None, &created).await?;
    let link = if let Some(hash) = hash {
        store::insert_password(&mut tx, user.id, &hash, app.now()).await?;
        None
    } else {
        let made = (&app.random, app.now());
        let link = issue(&mut tx, made, site.origin(), &user, &by).await?;
        Some(NewResetLink {
            url: link.url.expose_secret().to_owned(),
            expires_at: link.expires_at,
        })
    };
    tx.commit().await?;
    Ok(CreatedUser { user, link })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::Registration,
        testing::{PASSWORD, TestApp},
    };

    #[tokio::test]
    async fn somebody_signs_in_with_the_password_that_an_administrator_gave() {
        let app = TestApp::start_with(|config, _| {
            config.auth.registration = Registration::Closed;
        })
        .await;
        let mut admin = app.admin().await;
        let input = json!({
            "email": "grace@example.org", "name": "Grace", "role": "support", "password": PASSWORD,
        });
        let made = admin.post("/api/users", input.clone()).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.json["user"]["role"], "support");
        assert_eq!(made.json["user"]["last_seen_at"], json!(null));
        assert_eq!(made.json["link"], json!(null));
        let sign_in = json!({"email": "grace@example.org", "password": PASSWORD});
        let mut grace = app.browser();
        assert_eq!(grace.post("/api/auth/sign-in", sign_in).await.status, 200);
        assert_eq!(grace.get("/api/admin/rooms").await.status, 200);
        let again = admin.post("/api/users", input).await;
        assert_eq!((again.status, again.code()), (409, "email_taken"));
        let records = admin.get("/api/admin/audit?action=user.created").await.json;
        assert_eq!(records["items"][0]["actor"]["name"], "Admin");
        assert!(!records.to_string().contains(PASSWORD), "{records}");
    }

    #[tokio::test]
    async fn somebody_chooses_a_password_with_the_link_that_an_administrator_got() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let input = json!({"email": "linus@example.org", "name": "Linus"});
        let made = admin.post("/api/users", input).await.json;
        assert_eq!(made["user"]["role"], "user");
        let url = made["link"]["url"].as_str().unwrap();
        let token = url.split_once("#token=").unwrap().1;
        let empty = json!({"email": "linus@example.org", "password": ""});
        let refused = app.browser().post("/api/auth/sign-in", empty).await;
        assert_eq!(refused.code(), "wrong_credentials");
        let chosen = json!({"token": token, "password": PASSWORD});
        let mut linus = app.browser();
        let answer = linus.post("/api/auth/reset-password", chosen).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(linus.get("/api/auth/me").await.json["name"], "Linus");
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused_by_name_and_leaves_no_account() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        for (field, input) in [
            ("email", json!({"email": "nobody", "name": "N"})),
            ("name", json!({"email": "n@example.org", "name": " "})),
            (
                "password",
                json!({"email": "n@example.org", "name": "N", "password": "short"}),
            ),
            (
                "role",
                json!({"email": "n@example.org", "name": "N", "role": "king"}),
            ),
        ] {
            let refused = admin.post("/api/users", input).await;
            let told = refused.json["field"].as_str();
            assert_eq!((refused.status, told), (422, Some(field)), "{refused:?}");
        }
        let all = admin.get("/api/users").await.json;
        assert_eq!(all["items"].as_array().unwrap().len(), 1);
    }
}
