//! Password hashing: argon2id on blocking threads, a few at a time, the same work for every answer.

use std::{num::NonZeroUsize, thread, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::{http::Problem, random::Random};

/// Why a password cannot be hashed or checked now.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Every slot stays taken: somebody floods the sign-in.
    #[error("too many passwords are being checked")]
    Busy,
    #[error("password hashing failed: {0}")]
    Internal(String),
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Problem {
        match error {
            PasswordError::Busy => Problem::rate_limited(WAIT),
            PasswordError::Internal(_) => Problem::internal(&error),
        }
    }
}

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeakPassword {
    #[error("A password has at least {0} characters.")]
    TooShort(usize),
    #[error("A password has at most {MAX_LENGTH} characters.")]
    TooLong,
}

impl WeakPassword {
    /// The refusal, for the input's field that held the password.
    pub fn problem(self, field: &str) -> Problem {
        let code = match self {
            WeakPassword::TooShort(_) => "too_short",
            WeakPassword::TooLong => "too_long",
        };
        Problem::invalid_field(field, code, self.to_string())
    }
}

const MAX_LENGTH: usize = 512;
const WAIT: Duration = Duration::from_secs(5);

/// Whether `password` may be chosen; length is the only rule (NIST SP 800-63B).
pub fn check_strength(password: &SecretString, min_length: usize) -> Result<(), WeakPassword> {
    let length = password.expose_secret().chars().count();
    if length < min_length {
        Err(WeakPassword::TooShort(min_length))
    } else if length > MAX_LENGTH {
        Err(WeakPassword::TooLong)
    } else {
        Ok(())
    }
}

/// Hashes and checks passwords. Each takes 19 MiB, so no more run at once than there are cores.
pub struct Passwords {
    slots: Semaphore,
}

impl Passwords {
    pub fn new() -> Passwords {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Passwords {
            slots: Semaphore::new(cores),
        }
    }

    /// The PHC string to keep for `password`.
    pub async fn hash(
        &self,
        random: &Random,
        password: SecretString,
    ) -> Result<String, PasswordError> {
        let salt = random.bytes::<16>();
        self.work(move || hash(&password, &salt)).await
    }

    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work,
    /// so that the time tells nobody which accounts exist.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        self.work(move || match hash {
            Some(hash) => verify(&password, &hash),
            None => self::hash(&password, &[0; 16]).map(|_| false),
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let slot = timeout(WAIT, self.slots.acquire())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Busy)?;
        let result = spawn_blocking(work)
            .await
            .map_err(|error| PasswordError::Internal(error.to_string()))?;
        drop(slot);
        result
    }
}

fn hash(password: &SecretString, salt: &[u8]) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password_with_salt(password.expose_secret().as_bytes(), salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| PasswordError::Internal(error.to_string()))
}

fn verify(password: &SecretString, hash: &str) -> Result<bool, PasswordError> {
    let hash =
        PasswordHash::new(hash).map_err(|error| PasswordError::Internal(error.to_string()))?;
    Ok(Argon2::default()
        .verify_password(password.expose_secret().as_bytes(), &hash)
        .is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash(&Random::seeded(1), "right".into())
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("right".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("right".into(), None).await.unwrap());
    }

    #[test]
    fn length_is_counted_in_characters() {
        let check = |text: &str| check_strength(&text.into(), 10);
        assert_eq!(check("ааааааааа"), Err(WeakPassword::TooShort(10)));
        assert_eq!(check("аааааааааа"), Ok(()));
        assert_eq!(check(&"a".repeat(513)), Err(WeakPassword::TooLong));
    }
}
