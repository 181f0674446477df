//! Password hashing: argon2id on a few blocking threads with memory of their own, the same work for every answer.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use http::StatusCode;
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    config,
    http::{Problem, openapi},
    random::Random,
};

/// Why a password cannot be hashed or checked now.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// The queue is full or does not move: somebody floods the sign-in.
    #[error("too many passwords are being checked")]
    Busy,
    #[error("password hashing failed: {0}")]
    Internal(String),
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Problem {
        match error {
            PasswordError::Busy => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The server is checking too many passwords. Try again in a moment.",
            )
            .retry_after(WAIT),
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

/// How a password that is chosen looks in the API's description.
pub struct NewPassword;

impl PartialSchema for NewPassword {
    fn schema() -> RefOr<Schema> {
        // The configuration may ask for more; `GET /api/site` tells.
        openapi::new_password(*config::Auth::PASSWORD_MIN_LENGTHS.start()..=MAX_LENGTH).into()
    }
}

impl ToSchema for NewPassword {}

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

// A hash takes 19 MiB for some 30 ms: more threads would only hold more memory for ever.
const MOST_THREADS: usize = 4;
// So many more may wait; at two threads the last of them is served within WAIT.
const LONGEST_QUEUE: usize = 128;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords(Arc<Shared>);

struct Shared {
    slots: Arc<Semaphore>,
    /// How many have or wait for a slot.
    queued: AtomicUsize,
    longest_queue: usize,
    /// Memory for one hash each, as many as ever ran at once: freed memory of a blocking thread stays in the heap
    /// of that thread, and there are hundreds of those.
    memories: Mutex<Vec<Memory>>,
}

type Memory = Vec<Block>;

/// One place in the queue.
struct Place(Passwords);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    pub fn new() -> Passwords {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Passwords::with(cores.min(MOST_THREADS), LONGEST_QUEUE)
    }

    fn with(threads: usize, longest_queue: usize) -> Passwords {
        Passwords(Arc::new(Shared {
            slots: Arc::new(Semaphore::new(threads)),
            queued: AtomicUsize::new(0),
            longest_queue: threads + longest_queue,
            memories: Mutex::new(Vec::with_capacity(threads)),
        }))
    }

    /// The PHC string to keep for `password`.
    pub async fn hash(
        &self,
        random: &Random,
        password: SecretString,
    ) -> Result<String, PasswordError> {
        let salt = random.bytes::<16>();
        self.work(move |memory| hash(&password, &salt, memory))
            .await
    }

    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work,
    /// so that the time tells nobody which accounts exist.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        self.work(move |memory| match hash {
            Some(hash) => verify(&password, &hash, memory),
            None => self::hash(&password, &[0; 16], memory).map(|_| false),
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let before = self.0.queued.fetch_add(1, Ordering::Relaxed);
        let place = Place(self.clone());
        if before >= self.0.longest_queue {
            return Err(PasswordError::Busy);
        }
        let slot = timeout(WAIT, self.0.slots.clone().acquire_owned())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Busy)?;
        let done = spawn_blocking(move || {
            // Whoever asked may have gone; the slot is free when the work is done.
            let (_slot, place) = (slot, place);
            let mut memory = place.0.0.memories.lock().pop().unwrap_or_default();
            let result = work(&mut memory);
            place.0.0.memories.lock().push(memory);
            result
        });
        done.await
            .map_err(|error| PasswordError::Internal(error.to_string()))?
    }
}

fn hash(
    password: &SecretString,
    salt: &[u8],
    memory: &mut Memory,
) -> Result<String, PasswordError> {
    let params = Params::default();
    let salt = Salt::new(salt).map_err(internal)?;
    let (algorithm, version) = (Algorithm::default(), Version::default());
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params).map_err(internal)?,
        hash: Some(output(password, algorithm, version, params, &salt, memory)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

fn verify(password: &SecretString, hash: &str, memory: &mut Memory) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash).map_err(internal)?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(internal)?;
    let version = match hash.version {
        Some(version) => Version::try_from(version).map_err(internal)?,
        None => Version::default(),
    };
    let params = Params::try_from(&hash).map_err(internal)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err(internal("the stored hash is incomplete"));
    };
    // Compared in constant time.
    Ok(output(password, algorithm, version, params, salt, memory)? == *expected)
}

fn output(
    password: &SecretString,
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: &Salt,
    memory: &mut Memory,
) -> Result<Output, PasswordError> {
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    memory.resize(params.block_count(), Block::new());
    let argon = Argon2::new(algorithm, version, params);
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes
        .get_mut(..length)
        .ok_or_else(|| internal("the stored hash is too long"))?;
    argon
        .hash_password_into_with_memory(
            password.expose_secret().as_bytes(),
            salt,
            bytes,
            memory.as_mut_slice(),
        )
        .map_err(internal)?;
    Output::new(bytes).map_err(internal)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn internal(error: impl ToString) -> PasswordError {
    PasswordError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;
    use axum::response::IntoResponse;

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

    #[tokio::test]
    async fn memory_is_used_again_and_there_is_no_more_of_it_than_threads() {
        let passwords = Passwords::with(2, 64);
        let hash = passwords.hash(&Random::seeded(1), "right".into()).await;
        let hash = hash.unwrap();
        let tries = (0..8).map(|_| passwords.verify("right".into(), Some(hash.clone())));
        let answers = futures::future::join_all(tries).await;
        assert!(answers.into_iter().all(|right| right.unwrap()));
        let memories = passwords.0.memories.lock();
        assert!((1..=2).contains(&memories.len()), "{}", memories.len());
        assert_eq!(passwords.0.queued.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_full_queue_turns_away_at_once_and_says_when_to_come_back() {
        let passwords = Passwords::with(1, 1);
        let tries = (0..4).map(|_| passwords.verify("right".into(), None));
        let answers = futures::future::join_all(tries).await;
        let busy = answers
            .into_iter()
            .filter(|answer| matches!(answer, Err(PasswordError::Busy)))
            .count();
        assert_eq!(busy, 2);
        assert!(!passwords.verify("right".into(), None).await.unwrap());
        let response = Problem::from(PasswordError::Busy).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "5");
    }

    #[tokio::test]
    async fn hashes_of_other_settings_stay_readable() {
        let mut memory = Vec::new();
        let params = Params::new(64, 1, 1, None).unwrap();
        let salt = Salt::new(b"somesalt").unwrap();
        let output = output(
            &"right".into(),
            Algorithm::Argon2id,
            Version::V0x13,
            params.clone(),
            &salt,
            &mut memory,
        )
        .unwrap();
        let stored = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).unwrap(),
            hash: Some(output),
            salt: Some(salt),
        };
        let stored = stored.to_string();
        let by_library = Argon2::default().verify_password(b"right", stored.as_str());
        assert!(by_library.is_ok(), "{stored}");
        assert!(verify(&"right".into(), &stored, &mut memory).unwrap());
        assert!(!verify(&"wrong".into(), &stored, &mut memory).unwrap());
    }

    #[test]
    fn length_is_counted_in_characters() {
        let check = |text: &str| check_strength(&text.into(), 10);
        assert_eq!(check("ааааааааа"), Err(WeakPassword::TooShort(10)));
        assert_eq!(check("аааааааааа"), Ok(()));
        assert_eq!(check(&"a".repeat(513)), Err(WeakPassword::TooLong));
    }
}
