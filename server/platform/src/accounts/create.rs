//! Creates an account; `auth` calls it once somebody may have one.

use http::StatusCode;
use thiserror::Error;

use super::{Email, Role, User, UserId, UserName, store};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx, is_unique_violation},
    http::Problem,
    random::Random,
};

/// Why an account cannot be created.
#[derive(Debug, Error)]
pub enum EmailTaken {
    #[error("this e-mail address has an account already")]
    Taken,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<EmailTaken> for Problem {
    fn from(error: EmailTaken) -> Problem {
        match error {
            EmailTaken::Taken => Problem::new(
                StatusCode::CONFLICT,
                "email_taken",
                "This e-mail address has an account already.",
            )
            .about("email"),
            EmailTaken::Internal(cause) => cause.into(),
        }
    }
}

/// Creates an account; its password is `auth`'s business. Who makes it for somebody else has not seen them.
pub async fn create(
    app: &App,
    tx: &mut Tx,
    email: Email,
    name: UserName,
    role: Role,
    last_seen_at: Option<Timestamp>,
) -> Result<User, EmailTaken> {
    let at = (&app.random, app.now());
    create_at(tx, at, email, name, role, last_seen_at).await
}

/// [`create`] where no server runs.
pub async fn create_at(
    tx: &mut Tx,
    (random, now): (&Random, Timestamp),
    email: Email,
    name: UserName,
    role: Role,
    last_seen_at: Option<Timestamp>,
) -> Result<User, EmailTaken> {
    let user = User {
        id: UserId::new(random, now),
        email,
        name,
        role,
        disabled: false,
        created_at: now,
        last_seen_at,
        updated_at: now,
    };
    store::insert(tx, &user).await.map_err(|error| {
        if is_unique_violation(&error) {
            EmailTaken::Taken
        } else {
            EmailTaken::Internal(error)
        }
    })?;
    Ok(user)
}
