//! Tells receivers what happens to egresses, each receiver in order and until it has taken it. What is not taken yet lies in the
//! egress's folder, so that a restart goes on. It must not know what an event means.

use std::{
    collections::HashSet,
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
    secret_file,
};
use serde::{Deserialize, Serialize};

use crate::journal::Journal;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Whoever lists egresses knows better by then.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);
const SIGNATURE_LIFE: Duration = Duration::from_mins(5);

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Receiver {
    /// Where the one with this place in the settings is by then: a site that starts again is somewhere else.
    Configured(usize),
    /// One that the egress's own order names.
    Url(String),
}

/// One event for one receiver, as it lies on the disk.
#[derive(Debug, Serialize, Deserialize)]
struct Unsent {
    #[serde(flatten)]
    receiver: Receiver,
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
        let configured = (0..self.urls.len()).map(Receiver::Configured);
        for receiver in configured.chain(more.iter().cloned().map(Receiver::Url)) {
            let unsent = Unsent {
                receiver,
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

    /// Whether nothing is left. A receiver that does not take an event is asked no more this time, and holds up no other.
    async fn send_kept(&self, id: &str) -> io::Result<bool> {
        let mut waiting = HashSet::new();
        for path in self.journal.unsent(id)? {
            let unsent: Unsent = secret_file::json(&fs::read(&path)?)?;
            if waiting.contains(&unsent.receiver) {
                continue;
            }
            if self.send(&unsent).await {
                remove(&path)?;
            } else {
                waiting.insert(unsent.receiver);
            }
        }
        Ok(waiting.is_empty())
    }

    /// Whether it need not be sent again.
    async fn send(&self, unsent: &Unsent) -> bool {
        let url = match &unsent.receiver {
            Receiver::Url(url) => url,
            Receiver::Configured(place) => {
                let Some(url) = self.urls.get(*place) else {
                    tracing::warn!(place, "a webhook's receiver is configured no more");
                    return true;
                };
                url
            }
        };
        let now = (self.wall_clock)();
        let since = SystemTime::UNIX_EPOCH + Duration::from_millis(unsent.since);
        if now
            .duration_since(since)
            .is_ok_and(|age| age > GIVE_UP_AFTER)
        {
            tracing::error!(url, "a webhook is given up");
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
            .post(url)
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, "application/webhook+json")
            .body(unsent.body.clone())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) if answer.status().is_client_error() && answer.status() != 429 => {
                tracing::warn!(url, status = %answer.status(), "webhook refused");
                true
            }
            Ok(answer) => {
                tracing::warn!(url, status = %answer.status(), "webhook failed");
                false
            }
            Err(error) => {
                tracing::warn!(url, error = %error.without_url(), "webhook failed");
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

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use axum::{Router, extract::State, routing::post};
    use tokio::{net::TcpListener, sync::mpsc};

    use super::*;
    use crate::journal::tests::record;

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_hours(24 * 10_000)
    }

    fn webhooks(journal: &Journal, url: &str) -> Webhooks {
        // Other tests may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Webhooks {
            journal: journal.clone(),
            endpoint: Endpoint {
                url: "http://127.0.0.1:1".parse().unwrap(),
                keys: livekit_wire::ApiKeys::one("k".to_owned(), "s".into()),
            },
            http: reqwest::Client::builder().build().unwrap(),
            urls: [url.to_owned()].into(),
            wall_clock: now,
        }
    }

    /// Where nobody listens, and a receiver with what it takes.
    async fn receivers() -> (String, String, mpsc::UnboundedReceiver<String>) {
        let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dead = format!("http://{}/", dead.local_addr().unwrap());
        let (took, taken) = mpsc::unbounded_channel();
        let take = async |State(took): State<mpsc::UnboundedSender<String>>, body: String| {
            took.send(body).unwrap();
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = format!("http://{}/", listener.local_addr().unwrap());
        let receiver = Router::new().route("/", post(take)).with_state(took);
        tokio::spawn(async { axum::serve(listener, receiver).await.unwrap() });
        (dead, alive, taken)
    }

    #[tokio::test]
    async fn what_waits_goes_to_where_the_site_is_now_and_past_a_receiver_that_is_away() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().to_owned()).unwrap();
        let (dead, alive, mut taken) = receivers().await;
        let info = record("EG_a").info;
        let before = webhooks(&journal, &dead);
        let more = [dead.clone()];
        before.keep("egress_started", &info, &more).unwrap();
        before.keep("egress_ended", &info, &more).unwrap();
        assert!(!before.send_kept("EG_a").await.unwrap());

        let after = webhooks(&journal, &alive);
        assert!(!after.send_kept("EG_a").await.unwrap());
        for event in ["egress_started", "egress_ended"] {
            assert!(taken.try_recv().unwrap().contains(event));
        }
        assert!(taken.try_recv().is_err());
        assert_eq!(journal.unsent("EG_a").unwrap().len(), 2);
    }
}
