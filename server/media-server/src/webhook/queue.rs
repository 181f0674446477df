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

use super::{Receiver, deliver::Outcome};
use crate::config::WebHook;

/// Older events are dropped: whoever lists rooms knows better by then.
const MAX_AGE: Duration = Duration::from_secs(30);

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
    abort: tokio_util::sync::CancellationToken,
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
        let abort = tokio_util::sync::CancellationToken::new();
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
    abort: tokio_util::sync::CancellationToken,
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
            if waiting.since.elapsed() > MAX_AGE {
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
