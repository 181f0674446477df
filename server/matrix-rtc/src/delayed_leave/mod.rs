//! Delayed leave events taken over from clients (MSC4140): kept alive while the participant is connected to the SFU,
//! sent when it has gone. It must not know HTTP, tokens or how a homeserver is found.

mod backoff;
mod counts;
mod entry_json;
mod handle;
mod journal;
mod leave;
mod leaves;
mod mailbox;
mod note_json;
mod ports;
mod redis_store;
mod redis_turns;
mod registry;
mod shared;
mod state;
mod store;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use livekit_wire::{Identity, RoomName};

use crate::{
    ids::{DelayId, ServerName},
    sources::Sources,
};

pub use handle::DelayedLeaves;
pub use leaves::{Kept, Leaves};
pub use redis_store::{RedisStore, RedisStoreError};
pub use redis_turns::SharedRedis;
pub use shared::{Note, Shared, SharedLeaves, Turn};
pub use store::{Store, StoreError, Stored};

/// A delayed leave event that a client hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The homeserver that holds the event.
    pub server_name: ServerName,
    /// Its id there.
    pub delay_id: DelayId,
    /// How long after its last restart the homeserver sends it by itself.
    pub delay_timeout: Duration,
    /// The LiveKit room of the call.
    pub room: RoomName,
    /// The participant that leaves by this event.
    pub identity: Identity,
}

/// One participant of one room, who has one delayed leave at most: an identity names the Matrix user, homeserver
/// included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    room: RoomName,
    identity: Identity,
}

impl Key {
    fn of(delegation: &Delegation) -> Self {
        Self {
            room: delegation.room.clone(),
            identity: delegation.identity.clone(),
        }
    }
}

/// What can be done to a delayed event (MSC4140's `restart`, `send` and `cancel`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start its timeout again.
    Restart,
    /// Send it now.
    Send,
    /// Forget it unsent.
    Cancel,
}

/// A homeserver's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acted {
    /// It did.
    Done,
    /// The event to send or cancel was sent or cancelled before.
    AlreadyGone,
}

/// Why a homeserver did not act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The event to restart is not there any more.
    #[error("the homeserver has no such delayed event")]
    NotFound,
    /// No client-server API is known for this server name.
    #[error("the homeserver's client-server API cannot be found")]
    NoClientApi,
    /// Too many requests; the time to wait before the next.
    #[error("the homeserver asks to wait {} s", .0.as_secs_f32())]
    RetryAfter(Duration),
    /// Anything that may pass, in words for the log.
    #[error("{0}")]
    Transient(String),
}

/// The homeservers' side: one attempt, without retries of its own.
pub trait DelayedEvents: Send + Sync {
    /// Does `action` to the event.
    fn act<'a>(
        &'a self,
        server: &'a ServerName,
        delay_id: &'a DelayId,
        action: Action,
    ) -> BoxFuture<'a, Result<Acted, ActError>>;
}

/// The SFU did not say whether somebody is there; why, in words for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PresenceUnknown(pub String);

/// The SFU's name for one stay of a participant: whoever comes back has another. Empty where it is not told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParticipantSid(Arc<str>);

impl ParticipantSid {
    /// As it is on the wire.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }
}

/// The SFU's side: one lookup, without retries of its own.
pub trait Presence: Send + Sync {
    /// The participant's stay in the room, if it is there; a missing room means no.
    fn find<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<Option<ParticipantSid>, PresenceUnknown>>;
}

/// What the SFU's webhooks say of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParticipantEvent {
    /// `participant_joined`.
    Joined,
    /// `participant_left` with the reason CLIENT_INITIATED.
    LeftIntentionally,
    /// `participant_left` for any other reason, or `participant_connection_aborted`.
    Aborted,
    /// `participant_left` with the reason SERVER_SHUTDOWN, or the SFU has started anew: nobody meant to leave.
    Interrupted,
}

/// How delayed leaves are kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often to ask the SFU whether a connected participant is still there; `None`: never.
    pub sanity_check_interval: Option<Duration>,
    /// How many delegations may be held at once.
    pub max_delegations: usize,
    /// The time that is stored with a delegation, and what keeps retries of many from coming at once.
    pub sources: Sources,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sanity_check_interval: None,
            max_delegations: 10_000,
            sources: Sources::default(),
        }
    }
}

/// Why a delegation was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeOverError {
    /// `close` was called.
    #[error("Service is shutting down")]
    ShuttingDown,
    /// `max_delegations` are held. A client may try again later.
    #[error("too many delayed leave events are held")]
    Full,
    /// The timeout is zero, or beyond 292 years.
    #[error("invalid delay timeout: {} ms", .0.as_millis())]
    InvalidTimeout(Duration),
    /// Another process would have to hold it, and cannot be told. A client may try again later.
    #[error("who holds delayed leave events is out of reach")]
    OutOfReach,
    /// The names are longer than 1 KiB in all.
    #[error("the names of this delayed event are too long")]
    TooLong,
}

/// What the delayed leaves have been doing, as plain numbers; totals are since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether this process holds delegations: where several share them, one does.
    pub holds: bool,
    /// Delegations held now.
    pub live: usize,
    /// Delegations taken over, those from the store included.
    pub taken_over: u64,
    /// Restarts that a homeserver accepted.
    pub restarts: u64,
    /// Delegations given up because no restart was accepted.
    pub failed_restarts: u64,
    /// Leaves that a homeserver accepted or had sent before.
    pub sends: u64,
    /// Leaves given up because none was accepted in time.
    pub failed_sends: u64,
    /// Lookups that the SFU did not answer.
    pub failed_lookups: u64,
    /// Writes to the store that failed; they are tried again.
    pub failed_writes: u64,
}

impl Snapshot {
    fn of(counts: &counts::Counts, live: usize, holds: bool) -> Self {
        Self {
            holds,
            live,
            taken_over: counts.taken_over.get(),
            restarts: counts.restarts.get(),
            failed_restarts: counts.failed_restarts.get(),
            sends: counts.sends.get(),
            failed_sends: counts.failed_sends.get(),
            failed_lookups: counts.failed_lookups.get(),
            failed_writes: counts.failed_writes.get(),
        }
    }
}
