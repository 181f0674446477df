//! The webhooks that a delayed leave has yet to read: bounded, and never a reason for the sender to wait.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{ParticipantEvent, ParticipantSid};

/// A reader is behind by this much only when it is flooded.
const CAPACITY: usize = 8;

/// What a webhook said, and of which stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) event: ParticipantEvent,
    pub(super) sid: ParticipantSid,
}

/// Both ends are the same; there is one reader.
#[derive(Debug, Clone, Default)]
pub(super) struct Mailbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Vec<Told>>,
    arrived: Notify,
}

impl Mailbox {
    /// Leaves an event; the same one twice in a row counts once. In a full mailbox the newest takes the place of the
    /// one before it: what it says holds longest, and lookups find out the rest.
    pub(super) fn put(&self, told: Told) {
        let mut waiting = self.0.waiting.lock();
        if waiting.last() == Some(&told) {
            return;
        }
        if waiting.len() >= CAPACITY {
            waiting.pop();
        }
        waiting.push(told);
        self.0.arrived.notify_one();
    }

    /// The oldest event, as soon as there is one.
    pub(super) async fn next(&self) -> Told {
        loop {
            // `notify_one` stores its permit, so what arrives between the look and the wait is not missed.
            if let Some(event) = self.take() {
                return event;
            }
            self.0.arrived.notified().await;
        }
    }

    fn take(&self) -> Option<Told> {
        let mut waiting = self.0.waiting.lock();
        (!waiting.is_empty()).then(|| waiting.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::{ParticipantEvent::*, *};

    fn told(event: ParticipantEvent) -> Told {
        let sid = ParticipantSid::default();
        Told { event, sid }
    }

    #[tokio::test]
    async fn events_are_read_in_order_and_doubles_once() {
        let mailbox = Mailbox::default();
        for event in [Joined, Joined, LeftIntentionally, Joined] {
            mailbox.put(told(event));
        }
        assert_eq!(mailbox.next().await, told(Joined));
        assert_eq!(mailbox.next().await, told(LeftIntentionally));
        assert_eq!(mailbox.next().await, told(Joined));
        assert_eq!(mailbox.take(), None);
    }

    #[tokio::test]
    async fn the_same_of_another_stay_is_another_event() {
        let mailbox = Mailbox::default();
        for sid in ["PA_1", "PA_1", "PA_2"] {
            let sid = ParticipantSid::new(sid);
            mailbox.put(Told {
                event: Aborted,
                sid,
            });
        }
        assert_eq!(mailbox.0.waiting.lock().len(), 2);
    }

    #[tokio::test]
    async fn a_flood_keeps_the_oldest_events_and_the_newest_and_costs_no_memory() {
        let mailbox = Mailbox::default();
        for _ in 0..100_000 {
            mailbox.put(told(Joined));
            mailbox.put(told(Aborted));
        }
        mailbox.put(told(LeftIntentionally));
        assert_eq!(mailbox.0.waiting.lock().len(), CAPACITY);
        assert_eq!(mailbox.next().await, told(Joined));
        assert_eq!(mailbox.next().await, told(Aborted));
        let newest = mailbox.0.waiting.lock().last().cloned();
        assert_eq!(newest, Some(told(LeftIntentionally)));
    }
}
