//! Asking again, within a deadline. Only for lookups that may be repeated.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::LookupError;
use crate::sources::Random;

/// How often and how long a lookup is tried.
#[derive(Debug, Clone, Copy)]
pub struct RetrySettings {
    /// How long one attempt may take.
    pub attempt: Duration,
    /// How long all of them may take together.
    pub deadline: Duration,
    /// How many there are at most.
    pub attempts: u32,
    /// The pause after the first; it doubles each time, and half of it is chance.
    pub first_pause: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(5),
            deadline: Duration::from_secs(10),
            attempts: 3,
            first_pause: Duration::from_millis(200),
        }
    }
}

/// The first success or final failure of `lookup`, else its last transient failure.
pub async fn retry<T, F>(
    settings: RetrySettings,
    random: Random,
    mut lookup: impl FnMut() -> F,
) -> Result<T, LookupError>
where
    F: Future<Output = Result<T, LookupError>>,
{
    let deadline = Instant::now() + settings.deadline;
    let mut pause = settings.first_pause;
    let mut attempt = 1;
    loop {
        let until = deadline.min(Instant::now() + settings.attempt);
        let failure = match timeout_at(until, lookup()).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(failure)) => failure,
            Err(_) => LookupError::TimedOut,
        };
        let resume = Instant::now() + with_jitter(pause, random);
        if !failure.is_transient() || attempt >= settings.attempts || resume >= deadline {
            return Err(failure);
        }
        tracing::debug!(%failure, attempt, "a homeserver is asked again");
        sleep(resume - Instant::now()).await;
        pause *= 2;
        attempt += 1;
    }
}

/// Between half of `pause` and all of it.
fn with_jitter(pause: Duration, random: Random) -> Duration {
    let half = pause / 2;
    half + half.mul_f64(random.fraction())
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const RANDOM: Random = Random::new(|| 0);

    async fn tries(mut answers: Vec<Result<u8, LookupError>>) -> (usize, Result<u8, LookupError>) {
        answers.reverse();
        let mut count = 0;
        let result = retry(RetrySettings::default(), RANDOM, || {
            count += 1;
            ready(answers.pop().unwrap())
        })
        .await;
        (count, result)
    }

    fn unavailable() -> Result<u8, LookupError> {
        Err(LookupError::Unavailable("down".to_owned()))
    }

    #[tokio::test(start_paused = true)]
    async fn success_and_refusal_are_final() {
        assert_eq!(tries(vec![Ok(7)]).await, (1, Ok(7)));
        let denied = Err(LookupError::Denied(http::StatusCode::UNAUTHORIZED));
        assert_eq!(tries(vec![denied.clone()]).await, (1, denied));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_asked_again_but_not_for_ever() {
        assert_eq!(tries(vec![unavailable(), Ok(7)]).await, (2, Ok(7)));
        let (count, result) = tries(vec![unavailable(); 3]).await;
        assert_eq!((count, result), (3, unavailable()));
    }

    #[tokio::test(start_paused = true)]
    async fn all_attempts_share_one_deadline() {
        let start = Instant::now();
        let mut count = 0;
        let result: Result<(), _> = retry(RetrySettings::default(), RANDOM, || {
            count += 1;
            pending()
        })
        .await;
        assert_eq!(result, Err(LookupError::TimedOut));
        assert_eq!(count, 2);
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }
}
