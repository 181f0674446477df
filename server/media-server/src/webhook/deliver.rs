//! One event to one receiver: signed, posted, tried again while there is hope.

use std::time::{Duration, SystemTime};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use livekit_wire::{Claims, token::sign};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// A receiver that has not answered by then counts as failed.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a signature is good.
const TOKEN_VALIDITY: Duration = Duration::from_mins(5);

/// Where events go, and how they are signed.
pub struct Receiver {
    /// Its address.
    pub url: String,
    /// Issuer of the signature.
    pub api_key: String,
    /// Its secret.
    pub secret: SecretString,
    /// The client to post with.
    pub client: reqwest::Client,
    /// The time signatures start.
    pub wall_clock: fn() -> SystemTime,
    /// How often to try.
    pub attempts: Attempts,
}

/// How often, and how long between: doubling from `first_wait` to `longest_wait`.
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    /// With the first.
    pub most: u32,
    /// After the first.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// Older events are dropped: whoever lists rooms knows better by then.
    pub max_age: Duration,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            most: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            max_age: Duration::from_secs(30),
        }
    }
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver does not want it; trying again would not help.
    Refused,
    /// Given up.
    Failed,
}

impl Receiver {
    /// Posts `body` until it is taken, refused, or the attempts are used up.
    pub(super) async fn deliver(&self, event: &str, id: &str, body: Vec<u8>) -> Outcome {
        let body = bytes::Bytes::from(body);
        let hash = BASE64_STANDARD.encode(Sha256::digest(&body));
        let mut wait = self.attempts.first_wait;
        for attempt in 1..=self.attempts.most {
            match self.post(&hash, body.clone()).await {
                Ok(status) if status.is_success() || status.is_redirection() => {
                    return Outcome::Delivered;
                }
                Ok(status) if !worth_another(status) => {
                    tracing::warn!(
                        event,
                        id,
                        url = self.url,
                        status = status.as_u16(),
                        "webhook refused"
                    );
                    return Outcome::Refused;
                }
                Ok(status) => {
                    tracing::warn!(
                        event,
                        id,
                        url = self.url,
                        status = status.as_u16(),
                        attempt,
                        "webhook failed"
                    );
                }
                Err(error) => {
                    tracing::warn!(event, id, url = self.url, error, attempt, "webhook failed");
                }
            }
            if attempt < self.attempts.most {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(self.attempts.longest_wait);
            }
        }
        Outcome::Failed
    }

    async fn post(&self, hash: &str, body: bytes::Bytes) -> Result<StatusCode, String> {
        let claims = Claims {
            sha256: hash.to_owned(),
            ..Claims::default()
        };
        let token = sign(
            &claims,
            &self.api_key,
            &self.secret,
            (self.wall_clock)(),
            TOKEN_VALIDITY,
        )
        .map_err(|error| error.to_string())?;
        // LiveKit sends the bare token, without "Bearer".
        let mut token = HeaderValue::from_str(&token).map_err(|error| error.to_string())?;
        token.set_sensitive(true);
        let response = self
            .client
            .post(&self.url)
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, "application/webhook+json")
            .body(body)
            .send()
            .await;
        match response {
            Ok(response) => Ok(response.status()),
            // Without the address, which the log has already, and with the cause, which it has not.
            Err(error) => Err(chain(&error.without_url())),
        }
    }
}

fn worth_another(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || status == StatusCode::TOO_MANY_REQUESTS
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
