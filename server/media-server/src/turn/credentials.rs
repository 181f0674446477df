//! Credentials that say themselves until when they are good (TURN REST API): nothing is kept of those that were handed out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{CryptoRng, RngExt as _};
use secrecy::{ExposeSecret, SecretString};

use crate::config::rest_password;

/// How long they let somebody in. What was begun with them goes on.
const LIFETIME: Duration = Duration::from_mins(10);
/// Ours are shorter.
const MAX_NAME: usize = 128;

/// What one participant signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `expiry:participant`
    pub username: String,
    /// Its signature.
    pub password: String,
}

/// What credentials are signed with.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// One that nobody knows.
    pub fn made(random: &mut impl CryptoRng) -> Self {
        let bytes: [u8; 32] = random.random();
        Self(BASE64_STANDARD.encode(bytes).into())
    }

    /// For one participant, from now on.
    pub fn credentials(&self, participant: &str, now: SystemTime) -> Credentials {
        let expiry = since_1970(now) + LIFETIME;
        let username = format!("{}:{participant}", expiry.as_secs());
        let password = rest_password(self.0.expose_secret(), &username);
        Credentials { username, password }
    }

    /// The password of a name that is still good.
    pub(super) fn password_of(&self, username: &str, now: SystemTime) -> Option<String> {
        if username.len() > MAX_NAME {
            return None;
        }
        let (expiry, _) = username.split_once(':')?;
        let expiry = Duration::from_secs(expiry.parse().ok()?);
        // A name from a later time than any of ours is no name of ours, whoever signed it.
        let good = since_1970(now)..=since_1970(now) + LIFETIME;
        good.contains(&expiry)
            .then(|| rest_password(self.0.expose_secret(), username))
    }
}

impl From<SecretString> for Secret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

fn since_1970(now: SystemTime) -> Duration {
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_name_has_a_password_until_it_expires() {
        let secret = Secret::from(SecretString::from("s3cret"));
        let given = secret.credentials("PA_1", at(1_000));
        assert_eq!(given.username, "1600:PA_1");
        // printf '1600:PA_1' | openssl dgst -sha1 -hmac s3cret -binary | base64
        assert_eq!(given.password, "Rl37zIyhk2aFG/bS3FGp5n90umc=");
        let password_at = |now| secret.password_of(&given.username, at(now));
        assert_eq!(password_at(1_600), Some(given.password.clone()));
        assert_eq!(password_at(1_601), None);
    }

    #[test]
    fn what_was_never_given_has_no_password() {
        let secret = Secret::from(SecretString::from("s3cret"));
        for name in ["", "PA_1", ":PA_1", "x:PA_1", "-5:PA_1", "9999999999:PA_1"] {
            assert_eq!(secret.password_of(name, at(1_000)), None, "{name}");
        }
        let long = format!("1100:{}", "x".repeat(MAX_NAME));
        assert_eq!(secret.password_of(&long, at(1_000)), None);
    }

    #[test]
    fn a_secret_is_not_in_the_debug_text() {
        let made = Secret::made(&mut rand::rng());
        assert!(!format!("{made:?}").contains(made.0.expose_secret()));
    }
}
