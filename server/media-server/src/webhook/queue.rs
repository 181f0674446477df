//! The queues: one per receiver and room, so that a room's events arrive in order and one dead receiver holds up
//! nobody else's. What waits too long or piles up too high is dropped and counted.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use livekit_protocol::WebhookEvent;
use parking_lot::Mutex;
use tokio::{
    sync::mpsc::UnboundedReceiver,
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use tokio_util::sync::CancellationToken;

use super::{Receiver, deliver::Outcome};
use crate::config::WebHook;

/// One event, written down.
struct Waiting {
    name: String,
    id: String,
    body: Vec<u8>,
    since: Instant,
}

/// The queues that have something in them; a queue that is there has a task that works on it.
type Queues = Arc<Mutex<HashMap<(usize, String), VecDeque<Waiting>>>>;

/// Running deliveries.
pub struct Deliveries {
    dispatcher: JoinHandle<JoinSet<()>>,
    abort: CancellationToken,
    dropped: Arc<AtomicU64>,
}

impl Deliveries {
    /// Takes events until their channel closes.
    pub fn start(
        receivers: Vec<Arc<Receiver>>,
        config: &WebHook,
        events: UnboundedReceiver<WebhookEvent>,
    ) -> Self {
        let dropped = Arc::new(AtomicU64::new(0));
        let abort = CancellationToken::new();
        let dispatcher = Dispatcher {
            receivers,
            filter: config.filter_params.clone(),
            max_depth: config.resource_url_notifier.max_depth,
            queues: Queues::default(),
            dropped: dropped.clone(),
            abort: abort.clone(),
        };
        Self {
            dispatcher: tokio::spawn(dispatcher.run(events)),
            abort,
            dropped,
        }
    }

    /// Events dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Delivers what is left, for at most `bound`. The events' channel should be closed by now.
    pub async fn drain(self, bound: Duration) {
        let dispatcher = self.dispatcher;
        let drained = tokio::time::timeout(bound, async {
            if let Ok(mut workers) = dispatcher.await {
                while workers.join_next().await.is_some() {}
            }
        });
        if drained.await.is_err() {
            tracing::warn!("webhooks are left undelivered");
        }
        self.abort.cancel();
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "webhooks were dropped since the start");
        }
    }
}

struct Dispatcher {
    receivers: Vec<Arc<Receiver>>,
    filter: crate::config::FilterParams,
    max_depth: usize,
    queues: Queues,
    dropped: Arc<AtomicU64>,
    abort: CancellationToken,
}

impl Dispatcher {
    async fn run(self, mut events: UnboundedReceiver<WebhookEvent>) -> JoinSet<()> {
        let mut workers = JoinSet::new();
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                Some(_) = workers.join_next() => continue,
                () = self.abort.cancelled() => None,
            };
            match event {
                Some(event) => self.dispatch(&event, &mut workers),
                None => return workers,
            }
        }
    }

    fn dispatch(&self, event: &WebhookEvent, workers: &mut JoinSet<()>) {
        if self.receivers.is_empty() || !self.filter.allows(&event.event) {
            return;
        }
        let body = match serde_json::to_vec(event) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(event = event.event, %error, "an event cannot be written as JSON");
                return;
            }
        };
        let room = event
            .room
            .as_ref()
            .map(|room| room.name.clone())
            .unwrap_or_default();
        for index in 0..self.receivers.len() {
            let waiting = Waiting {
                name: event.event.clone(),
                id: event.id.clone(),
                body: body.clone(),
                since: Instant::now(),
            };
            self.enqueue((index, room.clone()), waiting, workers);
        }
    }

    fn enqueue(&self, key: (usize, String), waiting: Waiting, workers: &mut JoinSet<()>) {
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get_mut(&key) {
            if queue.len() >= self.max_depth {
                drop_event(&self.dropped, &waiting, "too many events wait");
            } else {
                queue.push_back(waiting);
            }
            return;
        }
        queues.insert(key.clone(), VecDeque::from([waiting]));
        drop(queues);
        let worker = Worker {
            receiver: self.receivers[key.0].clone(),
            key,
            queues: self.queues.clone(),
            dropped: self.dropped.clone(),
        };
        let abort = self.abort.clone();
        workers.spawn(async move {
            abort.run_until_cancelled(worker.run()).await;
        });
    }
}

struct Worker {
    receiver: Arc<Receiver>,
    key: (usize, String),
    queues: Queues,
    dropped: Arc<AtomicU64>,
}

impl Worker {
    async fn run(self) {
        while let Some(waiting) = self.next() {
            if waiting.since.elapsed() > self.receiver.attempts.max_age {
                drop_event(&self.dropped, &waiting, "too old");
                continue;
            }
            let Waiting { name, id, body, .. } = waiting;
            match self.receiver.deliver(&name, &id, body).await {
                Outcome::Delivered => tracing::debug!(
                    event = name,
                    id,
                    url = self.receiver.url,
                    "webhook delivered"
                ),
                Outcome::Refused => {}
                Outcome::Failed => {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                    tracing::error!(
                        event = name,
                        id,
                        url = self.receiver.url,
                        "webhook given up"
                    );
                }
            }
        }
    }

    /// The next event; removes the queue with its last one, under the lock, so that nobody adds to a queue without a
    /// worker.
    fn next(&self) -> Option<Waiting> {
        let mut queues = self.queues.lock();
        let next = queues.get_mut(&self.key)?.pop_front();
        if next.is_none() {
            queues.remove(&self.key);
        }
        next
    }
}

fn drop_event(dropped: &AtomicU64, waiting: &Waiting, reason: &str) {
    let total = dropped.fetch_add(1, Ordering::Relaxed) + 1;
    tracing::error!(
        event = waiting.name,
        id = waiting.id,
        reason,
        total,
        "webhook dropped"
    );
}

#[cfg(test)]
mod tests {
    use std::time::{Instant as StdInstant, SystemTime};

    use livekit_protocol::Room;
    use tokio::{net::TcpListener, sync::mpsc};

    use super::*;
    use crate::webhook::Attempts;

    fn event(room: &str) -> WebhookEvent {
        let room = Some(Room {
            name: room.to_owned(),
            ..Room::default()
        });
        WebhookEvent {
            event: "room_started".to_owned(),
            room,
            ..WebhookEvent::default()
        }
    }

    /// Deliveries to a socket that accepts connections and never answers.
    async fn to_a_mute_receiver(
        max_depth: usize,
        attempts: Attempts,
    ) -> (Deliveries, mpsc::UnboundedSender<WebhookEvent>, TcpListener) {
        // Other tests may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Arc::new(Receiver {
            url: format!("http://{}/", socket.local_addr().unwrap()),
            api_key: "k".to_owned(),
            secret: "s".into(),
            client: reqwest::Client::new(),
            wall_clock: SystemTime::now,
            attempts,
        });
        let mut config = WebHook::default();
        config.resource_url_notifier.max_depth = max_depth;
        let (sender, events) = mpsc::unbounded_channel();
        (
            Deliveries::start(vec![receiver], &config, events),
            sender,
            socket,
        )
    }

    async fn until_dropped(deliveries: &Deliveries, count: u64) {
        let patience = StdInstant::now() + Duration::from_secs(30);
        while deliveries.dropped() < count {
            assert!(
                StdInstant::now() < patience,
                "{} dropped",
                deliveries.dropped()
            );
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_piles_up_too_high_is_dropped_and_counted_for_its_room_only() {
        let (deliveries, events, _socket) = to_a_mute_receiver(2, Attempts::default()).await;
        for _ in 0..20 {
            events.send(event("a")).unwrap();
        }
        // At most one is on its way and two wait.
        until_dropped(&deliveries, 17).await;
        let dropped = deliveries.dropped();
        events.send(event("b")).unwrap();
        drop(events);
        deliveries.drain(Duration::ZERO).await;
        assert!(dropped <= 18, "{dropped}");
    }

    #[tokio::test]
    async fn what_waits_too_long_is_dropped() {
        let attempts = Attempts {
            max_age: Duration::ZERO,
            ..Attempts::default()
        };
        let (deliveries, events, _socket) = to_a_mute_receiver(10, attempts).await;
        events.send(event("a")).unwrap();
        until_dropped(&deliveries, 1).await;
    }

    #[tokio::test]
    async fn draining_a_mute_receiver_ends_at_its_bound() {
        let (deliveries, events, _socket) = to_a_mute_receiver(10, Attempts::default()).await;
        events.send(event("a")).unwrap();
        drop(events);
        let drained = deliveries.drain(Duration::from_millis(10));
        tokio::time::timeout(Duration::from_secs(30), drained)
            .await
            .unwrap();
    }
}
