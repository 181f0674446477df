//! Sends one message to one receiver and says what came of it. It must not know what is sent, nor what happens then.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, InvalidHeaderValue, LOCATION, RETRY_AFTER},
};
use http_edge::outbound::{
    AddressGuard, AllowedNetworks, Answer, ClientError, GuardedClient, GuardedError, NoDestination,
    Request, SystemNames, Trust,
};
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::{secret::SigningKey, url::WebhookUrl};
use crate::{clock::Timestamp, config};

const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How much of an answer is read, and kept.
const BEGINNING: usize = 1024;

/// A message that is ready to go.
pub struct Outgoing<'a> {
    pub url: &'a WebhookUrl,
    /// The same for every attempt.
    pub message_id: &'a str,
    pub at: Timestamp,
    pub body: &'a str,
    pub keys: &'a [SigningKey],
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub status: Option<StatusCode>,
    /// Why it counts as failed; `None`: it was taken.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    pub duration: Duration,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
}

#[derive(Debug, Error)]
enum SendError {
    #[error("its {0}")]
    Destination(#[from] NoDestination),
    #[error("a header cannot be sent: {0}")]
    Header(#[from] InvalidHeaderValue),
    #[error("{0}")]
    Exchange(#[from] GuardedError),
    #[error("no answer within {} seconds", ANSWER_WITHIN.as_secs())]
    Late,
}

/// Sends messages, and wakes up whoever delivers.
pub struct Sender {
    client: GuardedClient,
    guard: AddressGuard,
    pub(super) news: Notify,
}

impl Sender {
    /// Reaches what the configuration allows.
    pub fn new(config: &config::Webhooks) -> Result<Sender, ClientError> {
        let guard = if config.allow_private_addresses {
            AddressGuard::Open
        } else {
            AddressGuard::Closed(AllowedNetworks {
                networks: Vec::new(),
                setting: "webhooks.allow_private_addresses",
            })
        };
        let tls = Trust::System.client_config()?;
        let names = Arc::new(SystemNames::open());
        Ok(Sender {
            client: GuardedClient::new(tls, names, guard.clone()),
            guard,
            news: Notify::new(),
        })
    }

    /// Which addresses a receiver may have.
    pub fn guard(&self) -> &AddressGuard {
        &self.guard
    }

    /// Sends it once.
    pub async fn send(&self, outgoing: &Outgoing<'_>) -> Said {
        let start = Instant::now();
        let answer = timeout(ANSWER_WITHIN, self.ask(outgoing)).await;
        let duration = start.elapsed();
        match answer.unwrap_or(Err(SendError::Late)) {
            Ok(answer) => said(&answer, duration, outgoing.at),
            Err(error) => Said {
                status: None,
                error: Some(error.to_string()),
                answer: None,
                duration,
                retry_after: None,
            },
        }
    }

    async fn ask(&self, outgoing: &Outgoing<'_>) -> Result<Answer, SendError> {
        let (destination, path_and_query) = outgoing.url.destination()?;
        let request = Request {
            method: Method::POST,
            path_and_query,
            headers: headers(outgoing)?,
            body: Bytes::copy_from_slice(outgoing.body.as_bytes()),
            largest_answer: BEGINNING,
        };
        Ok(self.client.ask_beginning(&destination, request).await?)
    }
}

fn headers(outgoing: &Outgoing<'_>) -> Result<HeaderMap, InvalidHeaderValue> {
    let sign = |key: &SigningKey| key.sign(outgoing.message_id, outgoing.at, outgoing.body);
    let signatures: Vec<String> = outgoing.keys.iter().map(sign).collect();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", outgoing.message_id.parse()?);
    headers.insert("webhook-timestamp", outgoing.at.as_seconds().into());
    headers.insert("webhook-signature", signatures.join(" ").parse()?);
    Ok(headers)
}

fn said(answer: &Answer, duration: Duration, now: Timestamp) -> Said {
    let status = answer.status;
    let header = |name| answer.headers.get(name).and_then(|it| it.to_str().ok());
    let error = if status.is_success() {
        None
    } else if status.is_redirection() {
        let place = header(LOCATION).and_then(|place| place.split(['?', '#']).next());
        let place = place.map_or(String::new(), |place| format!(" to {place}"));
        Some(format!(
            "redirects{place} are not followed: enter the new address"
        ))
    } else {
        Some(format!("answered {}", status.as_u16()))
    };
    let waits = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    let retry_after = header(RETRY_AFTER).filter(|_| waits.contains(&status));
    // No database keeps a NUL in a text.
    let beginning = String::from_utf8_lossy(&answer.body).replace('\0', "\u{fffd}");
    Said {
        status: Some(status),
        error,
        answer: Some(beginning).filter(|text| !text.is_empty()),
        duration,
        retry_after: retry_after.and_then(|text| wait(text, now)),
    }
}

/// Seconds or a date.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
    let millis = i64::try_from(date.unix_timestamp_nanos() / 1_000_000).ok()?;
    Some(Timestamp(millis).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Said {
        let headers = headers.iter().map(|(name, value)| {
            let name: http::HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_static(value))
        });
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.collect(),
            body: Bytes::from_static(body.as_bytes()),
        };
        said(&answer, Duration::ZERO, Timestamp(784_111_777_000))
    }

    #[test]
    fn only_a_success_counts_and_a_redirect_is_told_without_its_query() {
        assert_eq!(answered(204, &[], "").error, None);
        let moved = answered(302, &[("location", "https://b.example/x?token=1")], "");
        let error = moved.error.unwrap();
        assert!(error.contains("https://b.example/x"), "{error}");
        assert!(!error.contains("token"), "{error}");
        assert_eq!(
            answered(500, &[], "").error.as_deref(),
            Some("answered 500")
        );
        assert_eq!(
            answered(200, &[], "a\0b").answer.as_deref(),
            Some("a\u{fffd}b")
        );
    }

    #[test]
    fn a_busy_receiver_says_how_long_in_seconds_or_as_a_date() {
        let asked = |status, value| answered(status, &[("retry-after", value)], "").retry_after;
        assert_eq!(asked(429, "90"), Some(Duration::from_secs(90)));
        let date = "Sun, 06 Nov 1994 08:50:37 GMT";
        assert_eq!(asked(503, date), Some(Duration::from_mins(1)));
        assert_eq!(asked(500, "90"), None);
        assert_eq!(asked(503, "soon"), None);
    }
}
