//! The webhooks that a delayed leave has yet to read: bounded, and never a reason for the sender to wait.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::ParticipantEvent;

/// A reader is behind by this much only when it is flooded.
const CAPACITY: usize = 8;

/// Both ends are the same; there is one reader.
#[derive(Debug, Clone, Default)]
pub(super) struct Mailbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Vec<ParticipantEvent>>,
    arrived: Notify,
}

impl Mailbox {
    /// Leaves an event; the same one twice in a row counts once. A full mailbox drops it, which loses nothing that
    /// lasts: it holds joins and leaves by turns, of which a connected participant's first leave settles the matter,
    /// and before a participant is connected lookups find what was dropped.
    pub(super) fn put(&self, event: ParticipantEvent) {
        let mut waiting = self.0.waiting.lock();
        if waiting.len() < CAPACITY && waiting.last() != Some(&event) {
            waiting.push(event);
            self.0.arrived.notify_one();
        }
    }

    /// The oldest event, as soon as there is one.
    pub(super) async fn next(&self) -> ParticipantEvent {
        loop {
            // `notify_one` stores its permit, so what arrives between the look and the wait is not missed.
            if let Some(event) = self.take() {
                return event;
            }
            self.0.arrived.notified().await;
        }
    }

    fn take(&self) -> Option<ParticipantEvent> {
        let mut waiting = self.0.waiting.lock();
        (!waiting.is_empty()).then(|| waiting.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::{ParticipantEvent::*, *};

    #[tokio::test]
    async fn events_are_read_in_order_and_doubles_once() {
        let mailbox = Mailbox::default();
        for event in [Joined, Joined, LeftIntentionally, Joined] {
            mailbox.put(event);
        }
        assert_eq!(mailbox.next().await, Joined);
        assert_eq!(mailbox.next().await, LeftIntentionally);
        assert_eq!(mailbox.next().await, Joined);
        assert_eq!(mailbox.take(), None);
    }

    #[tokio::test]
    async fn a_flood_keeps_the_oldest_events_and_costs_no_memory() {
        let mailbox = Mailbox::default();
        for _ in 0..100_000 {
            mailbox.put(Joined);
            mailbox.put(Aborted);
        }
        assert_eq!(mailbox.0.waiting.lock().len(), CAPACITY);
        assert_eq!(mailbox.next().await, Joined);
        assert_eq!(mailbox.next().await, Aborted);
    }
}
