//! What somebody gets who has just proved who they are: a cookie, or the session's token itself.

use axum_extra::extract::CookieJar;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::{self, SessionKind, User};

/// The answer to a successful sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    pub user: User,
    /// The Bearer token, only when asked for; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The answer for `user` with a session of `kind`: a cookie, or the token itself.
pub fn answer(user: User, kind: SessionKind, token: &SecretString) -> (CookieJar, SignedIn) {
    let (jar, token) = hand_out(kind, token);
    (jar, SignedIn { user, token })
}

/// A session's token on its way: in a cookie, or in the answer.
pub fn hand_out(kind: SessionKind, token: &SecretString) -> (CookieJar, Option<String>) {
    match kind {
        SessionKind::Cookie => (CookieJar::new().add(accounts::session_cookie(token)), None),
        SessionKind::Bearer => (CookieJar::new(), Some(token.expose_secret().to_owned())),
    }
}
