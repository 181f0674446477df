//! Guests: people without an account whose browser keeps the same identity between calls.

mod store;

use axum::extract::FromRequestParts;
use axum_extra::extract::{CookieJar, cookie::Cookie};
use http::request::Parts;

use super::{
    UserName,
    cookie::{self, GUEST_COOKIE},
    token,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx, id},
    http::Problem,
};

id! {
    /// Names one guest's browser.
    GuestId
}

const GUEST_PREFIX: &str = "cvg_";

/// A guest whose browser has been here before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub id: GuestId,
    /// The name given last.
    pub name: UserName,
}

/// The guest behind a request's `convoke_guest` cookie, if there is one.
#[derive(Debug, Clone)]
pub struct GuestCookie(pub Option<Guest>);

impl FromRequestParts<App> for GuestCookie {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<GuestCookie, Problem> {
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(token) = jar.get(GUEST_COOKIE).map(Cookie::value) else {
            return Ok(GuestCookie(None));
        };
        let row = store::guest_by_token(&app.db, &token::hash_text(token), app.now()).await?;
        Ok(GuestCookie(row.map(|row| Guest {
            id: row.id,
            name: row.name,
        })))
    }
}

/// Makes a new guest; the cookie must be sent with the answer.
pub async fn welcome(
    app: &App,
    tx: &mut Tx,
    name: UserName,
) -> Result<(Guest, Cookie<'static>), DbError> {
    let now = app.now();
    let id = GuestId::new(&app.random, now);
    let token = token::new(&app.random, GUEST_PREFIX);
    let expires_at = now + app.config.auth.guest_lifetime();
    store::insert_guest(tx, id, &token::hash(&token), &name, now, expires_at).await?;
    Ok((Guest { id, name }, cookie::guest(&token)))
}

/// Notes that a known guest is back under `name`; returns the guest with that name.
pub async fn welcome_back(
    app: &App,
    tx: &mut Tx,
    guest: Guest,
    name: UserName,
) -> Result<Guest, DbError> {
    let now = app.now();
    let expires_at = now + app.config.auth.guest_lifetime();
    store::touch_guest(tx, guest.id, &name, now, expires_at).await?;
    Ok(Guest { name, ..guest })
}

/// Forgets guests who have not been here for long; how many there were.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    store::delete_expired_guests(tx, now).await
}
