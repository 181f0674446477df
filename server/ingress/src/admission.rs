//! Asks whoever runs the rooms whether an encoder may come in by a stream key, before the media server is asked. What that is for,
//! it must not know.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode, header};
use livekit_client::Endpoint;
use livekit_wire::Claims;
use serde::{Deserialize, Serialize};
use url::Url;

const SIGNATURE_LIFE: Duration = Duration::from_mins(1);
const REFUSED: &str = "the room does not take this stream now";

/// Where to ask.
#[derive(Debug, Clone)]
pub struct Admission {
    pub url: Url,
    pub endpoint: Endpoint,
    pub http: reqwest::Client,
    pub wall_clock: fn() -> SystemTime,
}

#[derive(Serialize)]
struct Question<'a> {
    stream_key: &'a str,
}

/// A problem (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    detail: Option<String>,
}

impl Admission {
    /// An error is why not, for whoever tends the encoder.
    pub async fn ask(&self, stream_key: &str) -> Result<(), String> {
        let unasked = |error: &dyn ToString| {
            tracing::warn!(error = error.to_string(), "admission cannot be asked for");
            "the server is not ready".to_owned()
        };
        let body = serde_json::to_string(&Question { stream_key }).map_err(|e| unasked(&e))?;
        let claims = Claims::of_body(&body);
        let now = (self.wall_clock)();
        let token = self.endpoint.sign(&claims, now, SIGNATURE_LIFE);
        let token = token.map_err(|error| unasked(&error))?;
        let mut token = HeaderValue::from_str(&token).map_err(|error| unasked(&error))?;
        token.set_sensitive(true);
        let asked = self
            .http
            .post(self.url.clone())
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .send();
        let answer = asked.await.map_err(|error| unasked(&error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() || status == StatusCode::UNAUTHORIZED => {
                Err(unasked(&status))
            }
            _ => {
                let problem = answer.json::<Problem>().await.ok();
                let says = problem.and_then(|problem| problem.detail);
                Err(says.unwrap_or_else(|| REFUSED.to_owned()))
            }
        }
    }
}
