//! Hands live events to whoever listens now; it keeps no history and must not know who may see what.

use std::{
    fmt,
    num::ParseIntError,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tokio::sync::broadcast;

use super::{EventBody, EventKind, event};
use crate::{
    clock::Timestamp,
    db::{Draft, Message, outbox},
    livekit::identity::{Identity, Subject},
};

// More sign-outs at once than this make every listener look.
const ACCESS_CAPACITY: usize = 256;
// A burst of a large room's joins; a listener further behind than this is told to start over.
const CAPACITY: usize = 1024;

/// One event as streams tell it.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its place in the outbox; one that only this server tells has none.
    pub id: Option<EventId>,
    pub kind: EventKind,
    /// The id of the room it is about; `None` concerns everybody.
    pub room: Option<String>,
    /// Who in the call it is about.
    pub subject: Option<String>,
    /// The stream's `data`.
    pub data: String,
}

impl Published {
    /// What a message of the outbox tells; `None` for one that is no event here.
    pub fn of(message: Message) -> Option<Published> {
        Some(Published {
            id: Some(EventId {
                message: message.id,
                at: Some(message.at),
            }),
            kind: EventKind::named(&message.kind)?,
            room: message.room,
            subject: message.subject,
            data: message.body,
        })
    }
}

/// What a stream calls an event: where a page goes on that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// Of the outbox.
    pub message: i64,
    /// When it was left, where that is known.
    pub at: Option<Timestamp>,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EventId { message, at } = self;
        match at {
            Some(at) => write!(f, "{message}-{}", at.0),
            None => write!(f, "{message}"),
        }
    }
}

impl FromStr for EventId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<EventId, ParseIntError> {
        let (message, at) = match text.split_once('-') {
            Some((message, at)) => (message, Some(Timestamp(at.parse()?))),
            None => (text, None),
        };
        Ok(EventId {
            message: message.parse()?,
            at,
        })
    }
}

/// An event as its transaction leaves it in the outbox. `concerns`: whom it is about, where its body does not say.
pub fn draft(
    room: Option<String>,
    body: &EventBody,
    concerns: Option<&Subject>,
    at: Timestamp,
) -> Draft {
    let named = body.identity().map(Identity::subject);
    Draft {
        kind: body.kind().as_str(),
        subject: concerns.or(named.as_ref()).map(ToString::to_string),
        body: event::data(room.as_deref(), body),
        webhook: None,
        room,
        at,
    }
}

/// What a transaction leaves when it changes an account's sessions or rights.
pub fn access_draft(user: &impl ToString, at: Timestamp) -> Draft {
    Draft {
        kind: outbox::ACCESS,
        room: None,
        subject: Some(user.to_string()),
        body: "{}".to_owned(),
        webhook: None,
        at,
    }
}

/// What a transaction leaves that no stream tells: `subject` is what it is about.
pub fn webhook_draft(
    room: Option<String>,
    subject: Option<String>,
    webhook: String,
    at: Timestamp,
) -> Draft {
    Draft {
        kind: outbox::WEBHOOK,
        room,
        subject,
        body: "{}".to_owned(),
        webhook: Some(webhook),
        at,
    }
}

/// The events of this process.
pub struct Hub {
    /// The newest message of the outbox that was handed on.
    newest: AtomicI64,
    sender: broadcast::Sender<Arc<Published>>,
    access: broadcast::Sender<String>,
}

impl Hub {
    /// A silent hub; what the outbox holds up to `newest` is told.
    pub fn new(newest: i64) -> Hub {
        Hub {
            newest: AtomicI64::new(newest),
            sender: broadcast::Sender::new(CAPACITY),
            access: broadcast::Sender::new(ACCESS_CAPACITY),
        }
    }

    /// Tells everybody who listens here what the outbox holds.
    pub fn hand_on(&self, message: Message) {
        // Before it is sent: whoever begins to listen in between finds that something is missing, and reads it.
        self.newest.store(message.id, Ordering::Release);
        // No listener is no error.
        if message.is_of_access() {
            // For streams, not on them. Without a name, nobody's rights changed that a stream depends on.
            if let Some(user) = message.subject {
                let _ = self.access.send(user);
            }
        } else if let Some(published) = Published::of(message) {
            let _ = self.sender.send(Arc::new(published));
        }
    }

    /// Tells everybody who listens here what is so on this server only.
    pub fn tell_here(&self, body: &EventBody) {
        let _ = self.sender.send(Arc::new(Published {
            id: None,
            kind: body.kind(),
            room: None,
            subject: None,
            data: event::data(None, body),
        }));
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Published>> {
        self.sender.subscribe()
    }

    /// The ids of accounts whose sessions or rights change from now on.
    pub fn watch_access(&self) -> broadcast::Receiver<String> {
        self.access.subscribe()
    }

    /// How many streams are open.
    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }

    /// The newest message of the outbox that was handed on.
    pub fn newest(&self) -> i64 {
        self.newest.load(Ordering::Acquire)
    }
}
