//! Makes a reset link; the server and the command line do it the same way.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::store;
use crate::{
    accounts::{User, token},
    audit::Actor,
    clock::Timestamp,
    db::{DbError, Tx},
    happenings::{self, Happening},
    random::Random,
};

/// Long enough to be sent and read, too short to be found in an old mailbox.
const LIFETIME: Duration = Duration::from_hours(24);

/// A link that lets its holder choose a new password for one account.
#[derive(Debug)]
pub struct ResetLink {
    pub url: SecretString,
    pub expires_at: Timestamp,
}

/// Makes a link to `site` for `user` and notes who did; a link made before is worthless.
pub async fn issue(
    tx: &mut Tx,
    (random, now): (&Random, Timestamp),
    site: &str,
    user: &User,
    actor: &Actor,
) -> Result<ResetLink, DbError> {
    let token = token::new(random, "");
    let expires_at = now + LIFETIME;
    store::replace(tx, user.id, &token::hash(&token), now, expires_at).await?;
    let created = Happening::ResetLinkCreated(user);
    happenings::tell_at(tx, (random, now), Some(actor), None, &created).await?;
    // Behind the `#` no server and no proxy sees the token, and none logs it.
    let url = format!("{site}/reset-password#token={}", token.expose_secret());
    Ok(ResetLink {
        url: url.into(),
        expires_at,
    })
}
