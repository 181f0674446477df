//! Starts and ends sessions.

use axum_extra::extract::CookieJar;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    SessionId, cookie,
    device::Device,
    model::SessionKind,
    store::{self, NewSession},
    token::{self, SESSION_PREFIX},
};
use crate::{
    app::App,
    db::{DbError, Tx},
    users::{self, User, UserId},
};

/// The answer to a successful sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    pub user: User,
    /// The Bearer token, only when asked for; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

// Enough for every device of a person; more is a script that never signs out.
const MOST_SESSIONS: i64 = 100;

/// Starts a session on `device`; only the token's hash is kept.
pub async fn start(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    device: &Device,
    kind: SessionKind,
    label: Option<&str>,
) -> Result<SecretString, DbError> {
    let now = app.now();
    let token = token::new(&app.random, SESSION_PREFIX);
    let session = NewSession {
        id: SessionId::new(&app.random, now),
        user_id: user,
        token_hash: token::hash(&token),
        kind,
        label,
        user_agent: device.user_agent.as_deref(),
        ip: device.ip.0.to_string(),
        created_at: now,
        expires_at: now + app.config.auth.session_lifetime(),
    };
    store::insert_session(tx, &session).await?;
    store::delete_oldest_sessions(tx, user, MOST_SESSIONS).await?;
    users::seen(tx, user, now).await?;
    Ok(token)
}

/// The answer for `user` with a session of `kind`: a cookie, or the token itself.
pub fn answer(
    app: &App,
    user: User,
    kind: SessionKind,
    token: &SecretString,
) -> (CookieJar, SignedIn) {
    match kind {
        SessionKind::Cookie => {
            let jar = CookieJar::new().add(cookie::session(app, token));
            (jar, SignedIn { user, token: None })
        }
        SessionKind::Bearer => {
            let token = Some(token.expose_secret().to_owned());
            (CookieJar::new(), SignedIn { user, token })
        }
    }
}

/// Ends every session of `user`, at once.
pub async fn end_all(tx: &mut Tx, user: UserId) -> Result<(), DbError> {
    store::delete_sessions(tx, user).await
}
