//! The cookies that keep a browser signed in or a guest the same: never readable by scripts.

use axum_extra::extract::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use crate::app::App;

/// Holds a session's token.
pub const SESSION_COOKIE: &str = "convoke_session";
/// Holds a guest's token.
pub const GUEST_COOKIE: &str = "convoke_guest";

// The longest that browsers keep a cookie: when it really ends is in the database, where each use
// extends it.
const LIFETIME: Duration = Duration::days(400);

/// The session cookie for `token`.
pub fn session(app: &App, token: &SecretString) -> Cookie<'static> {
    build(app, SESSION_COOKIE, token.expose_secret(), LIFETIME)
}

/// Makes the browser forget its session.
pub fn forget_session(app: &App) -> Cookie<'static> {
    build(app, SESSION_COOKIE, "", Duration::ZERO)
}

/// The guest cookie for `token`.
pub fn guest(app: &App, token: &SecretString) -> Cookie<'static> {
    build(app, GUEST_COOKIE, token.expose_secret(), LIFETIME)
}

fn build(app: &App, name: &'static str, value: &str, lifetime: Duration) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.server.is_https())
        .max_age(lifetime)
        .build()
}
