//! One event to one receiver: signed, posted, tried again while there is hope.

use std::time::{Duration, SystemTime};

use http::{
    HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_edge::outbound::{ClientError, Trust};
use livekit_wire::{Claims, token::sign};
use reqwest::redirect::{Action, Attempt, Policy};
use secrecy::SecretString;

/// A receiver that has not answered by then counts as failed.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Places that an event is sent on to, one after the other.
const MOST_REDIRECTS: usize = 5;
/// How long a signature is good.
const TOKEN_VALIDITY: Duration = Duration::from_mins(5);

/// A client that posts what it was given, or nothing: 301 to 303 would have it sent on as a GET without a body, which
/// no receiver can take for the event.
pub(super) fn client() -> Result<reqwest::Client, ClientError> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(Trust::System.client_config()?)
        .user_agent("convoke-media-server")
        .timeout(TIMEOUT)
        .redirect(Policy::custom(follow))
        .build()?;
    Ok(client)
}

fn follow(attempt: Attempt<'_>) -> Action {
    let keeps_the_post = matches!(
        attempt.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    if keeps_the_post && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

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
        let claims = Claims::of_body(&body);
        let mut wait = self.attempts.first_wait;
        for attempt in 1..=self.attempts.most {
            match self.post(&claims, body.clone()).await {
                Ok(status) if status.is_success() => return Outcome::Delivered,
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

    async fn post(&self, claims: &Claims, body: bytes::Bytes) -> Result<StatusCode, String> {
        let token = sign(
            claims,
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

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        extract::Path,
        http::header::LOCATION,
        response::IntoResponse,
        routing::{any, post},
    };
    use tokio::net::TcpListener;

    use super::*;

    /// How a delivery ends at a receiver that answers with this status and another place, which takes what has a body.
    async fn sent_on(status: u16) -> Outcome {
        // Other tests may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let moved = |Path(status): Path<u16>| async move {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(LOCATION, "/there")]).into_response()
        };
        let there = |body: String| async move {
            assert_eq!(body, "{}", "an event arrives whole or not at all");
            StatusCode::OK
        };
        let app = Router::new()
            .route("/from/{status}", post(moved))
            .route("/there", any(there));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let receiver = Receiver {
            url: format!("http://{address}/from/{status}"),
            api_key: "k".to_owned(),
            secret: "s".into(),
            client: client().unwrap(),
            wall_clock: SystemTime::now,
            attempts: Attempts::default(),
        };
        let outcome = receiver
            .deliver("room_started", "EV_1", b"{}".to_vec())
            .await;
        server.abort();
        outcome
    }

    #[tokio::test]
    async fn an_event_is_delivered_where_its_body_is_taken() {
        for status in [301, 302, 303, 304] {
            assert_eq!(sent_on(status).await, Outcome::Refused, "{status}");
        }
        for status in [307, 308] {
            assert_eq!(sent_on(status).await, Outcome::Delivered, "{status}");
        }
    }
}
