//! The cookies that keep a browser signed in or a guest the same: never readable by scripts. Whether they are `Secure`
//! is `http`'s to say, which knows how the browser came.

use axum_extra::extract::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

/// Holds a session's token.
pub const SESSION_COOKIE: &str = "convoke_session";
/// Holds a guest's token.
pub const GUEST_COOKIE: &str = "convoke_guest";

// The longest that browsers keep a cookie: when it really ends is in the database, where each use
// extends it.
const LIFETIME: Duration = Duration::days(400);

/// The session cookie for `token`.
pub fn session(token: &SecretString) -> Cookie<'static> {
    build(SESSION_COOKIE, token.expose_secret(), LIFETIME)
}

/// Makes the browser forget its session.
pub fn forget_session() -> Cookie<'static> {
    build(SESSION_COOKIE, "", Duration::ZERO)
}

/// The guest cookie for `token`.
pub fn guest(token: &SecretString) -> Cookie<'static> {
    build(GUEST_COOKIE, token.expose_secret(), LIFETIME)
}

fn build(name: &'static str, value: &str, lifetime: Duration) -> Cookie<'static> {
    Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .build()
}
