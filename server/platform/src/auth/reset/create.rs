//! Makes a reset link for somebody; for administrators.

use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::issue::{ResetLink, issue};
use crate::{
    accounts::{self, Admin, User, UserId},
    app::App,
    audit::Actor,
    clock::Timestamp,
    db::DbError,
    http::{Json, Path, Problem, SiteAddress},
};

/// A link to send to the account's owner; it is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewResetLink {
    pub url: String,
    pub expires_at: Timestamp,
}

/// Why there is no link.
#[derive(Debug, Error)]
pub enum CreateResetLinkError {
    #[error("no such user")]
    NotFound,
    #[error("the account is disabled")]
    Disabled,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<CreateResetLinkError> for Problem {
    fn from(error: CreateResetLinkError) -> Problem {
        match error {
            CreateResetLinkError::NotFound => Problem::not_found("user"),
            CreateResetLinkError::Disabled => Problem::new(
                StatusCode::CONFLICT,
                "account_is_disabled",
                "This account is disabled; enable it first.",
            ),
            CreateResetLinkError::Internal(cause) => cause.into(),
        }
    }
}

/// Makes a link with which the account's owner chooses a new password, once, within a day.
#[utoipa::path(
    post, path = "/api/users/{id}/reset-link", tag = "users", operation_id = "createResetLink",
    params(("id" = UserId, Path)),
    responses(
        (status = 201, body = NewResetLink),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Path(id): Path<UserId>,
) -> Result<(StatusCode, Json<NewResetLink>), Problem> {
    let link = apply(&app, &site, &admin.user, id).await?;
    let link = NewResetLink {
        url: link.url.expose_secret().to_owned(),
        expires_at: link.expires_at,
    };
    Ok((StatusCode::CREATED, Json(link)))
}

async fn apply(
    app: &App,
    site: &SiteAddress,
    admin: &User,
    id: UserId,
) -> Result<ResetLink, CreateResetLinkError> {
    let mut tx = app.db.begin().await?;
    let user = accounts::find_to_change(&mut tx, id)
        .await?
        .ok_or(CreateResetLinkError::NotFound)?;
    if user.disabled {
        return Err(CreateResetLinkError::Disabled);
    }
    let by = (&app.random, app.now());
    let link = issue(&mut tx, by, site.origin(), &user, &Actor::user(admin)).await?;
    tx.commit().await?;
    Ok(link)
}
