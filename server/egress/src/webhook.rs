//! Tells receivers what happens to egresses, each receiver in order and until it has taken it. What is not taken yet lies in the
//! egress's folder, so that a restart goes on. It must not know what an event means.

use std::{
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{
    HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use livekit_client::Endpoint;
use livekit_wire::{
    Claims,
    ids::random_id,
    proto::{EgressInfo, Room, WebhookEvent},
};
use serde::{Deserialize, Serialize};

use crate::journal::Journal;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Whoever lists egresses knows better by then.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);
const SIGNATURE_LIFE: Duration = Duration::from_mins(5);

/// One event for one receiver, as it lies on the disk.
#[derive(Debug, Serialize, Deserialize)]
struct Unsent {
    url: String,
    /// Milliseconds since 1970.
    since: u64,
    /// JSON.
    body: String,
}

/// Writes events down and sends them.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub(crate) journal: Journal,
    pub(crate) endpoint: Endpoint,
    pub(crate) http: reqwest::Client,
    pub(crate) urls: Arc<[String]>,
    pub(crate) wall_clock: fn() -> SystemTime,
}

impl Webhooks {
    /// Writes an event about `info` down for every receiver; [`Webhooks::send_all`] sends it.
    pub fn keep(&self, event: &str, info: &EgressInfo, more: &[String]) -> io::Result<()> {
        let now = (self.wall_clock)()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let event = WebhookEvent {
            event: event.to_owned(),
            room: Some(Room {
                sid: info.room_id.clone(),
                name: info.room_name.clone(),
                ..Room::default()
            }),
            egress_info: Some(info.clone()),
            id: random_id("EV_", &mut rand::rng()),
            created_at: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
            ..WebhookEvent::default()
        };
        let body = serde_json::to_string(&event)?;
        for url in self.urls.iter().chain(more) {
            let unsent = Unsent {
                url: url.clone(),
                since: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
                body: body.clone(),
            };
            self.journal
                .keep_event(&info.egress_id, &serde_json::to_vec(&unsent)?)?;
        }
        Ok(())
    }

    /// Sends what is kept for the egress, the oldest first, until nothing is left.
    pub async fn send_all(&self, id: &str) {
        let mut wait = FIRST_WAIT;
        loop {
            match self.send_kept(id).await {
                Ok(true) => return,
                Ok(false) => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) => {
                    tracing::error!(%error, egress = id, "webhooks cannot be read");
                    tokio::time::sleep(LONGEST_WAIT).await;
                }
            }
        }
    }

    /// Whether nothing is left.
    async fn send_kept(&self, id: &str) -> io::Result<bool> {
        for path in self.journal.unsent(id)? {
            let unsent: Unsent = serde_json::from_slice(&fs::read(&path)?)?;
            if !self.send(&unsent).await {
                return Ok(false);
            }
            remove(&path)?;
        }
        Ok(true)
    }

    /// Whether it need not be sent again.
    async fn send(&self, unsent: &Unsent) -> bool {
        let now = (self.wall_clock)();
        let since = SystemTime::UNIX_EPOCH + Duration::from_millis(unsent.since);
        if now
            .duration_since(since)
            .is_ok_and(|age| age > GIVE_UP_AFTER)
        {
            tracing::error!(url = unsent.url, "a webhook is given up");
            return true;
        }
        let claims = Claims::of_body(&unsent.body);
        let token = match self.endpoint.sign(&claims, now, SIGNATURE_LIFE) {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, "a webhook cannot be signed");
                return false;
            }
        };
        // LiveKit sends the bare token, without "Bearer".
        let Ok(mut token) = HeaderValue::from_str(&token) else {
            return false;
        };
        token.set_sensitive(true);
        let sent = self
            .http
            .post(&unsent.url)
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, "application/webhook+json")
            .body(unsent.body.clone())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) if answer.status().is_client_error() && answer.status() != 429 => {
                tracing::warn!(url = unsent.url, status = %answer.status(), "webhook refused");
                true
            }
            Ok(answer) => {
                tracing::warn!(url = unsent.url, status = %answer.status(), "webhook failed");
                false
            }
            Err(error) => {
                tracing::warn!(url = unsent.url, error = %error.without_url(), "webhook failed");
                false
            }
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // The egress was removed meanwhile.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
