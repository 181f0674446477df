//! Tokens that were withdrawn before their time. It must not know rooms.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use livekit_wire::{Identity, RoomName};

use crate::ground::JoinRequest;

/// Revocations are remembered for at least this long; no token lives longer in practice.
const MEMORY: Duration = Duration::from_hours(24);

/// Tokens made before this moment do not let the identity in any more.
struct Revocation {
    before: i64,
    forget_at: Instant,
}

/// What was withdrawn in one shard.
#[derive(Default)]
pub(super) struct Revocations(HashMap<(RoomName, Identity), Revocation>);

impl Revocations {
    /// Withdraws the identity's tokens for a room that were made before this moment (Unix seconds).
    pub fn add(&mut self, room: RoomName, identity: Identity, before: i64, now: Instant) {
        let forget_at = now + MEMORY;
        self.0.retain(|_, revocation| revocation.forget_at > now);
        self.0
            .insert((room, identity), Revocation { before, forget_at });
    }

    /// Whether the token of a request was withdrawn.
    pub fn forbid(&self, request: &JoinRequest) -> bool {
        // A token that does not say since when it is valid may be as old as any.
        let made = request.token.not_before.map_or(0, unix_seconds);
        // A connection that only publishes has a name of its own and the token of its person.
        let subject = Identity::parse(request.token.claims.identity.as_str()).ok();
        std::iter::once(&request.identity)
            .chain(&subject)
            .filter_map(|identity| self.0.get(&(request.room.clone(), identity.clone())))
            .any(|revocation| made < revocation.before)
    }
}

fn unix_seconds(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
