//! Who is in the room, found by key, by identity or by sid. It must not know what they publish or get.

use std::collections::{BTreeMap, HashMap};

use livekit_wire::{Identity, ParticipantSid};

use crate::ground::SessionId;
use crate::participant::{Participant, ParticipantKey};

/// The participants, in the order they came. Each is found by exactly one identity and one sid, its own.
#[derive(Default)]
pub(super) struct Roster {
    participants: BTreeMap<ParticipantKey, Participant>,
    by_identity: HashMap<Identity, ParticipantKey>,
    by_sid: HashMap<ParticipantSid, ParticipantKey>,
    next_key: u32,
    next_session: u64,
}

impl Roster {
    /// A key that nobody had before.
    pub fn new_key(&mut self) -> ParticipantKey {
        let key = ParticipantKey(self.next_key);
        self.next_key += 1;
        key
    }

    /// A name for a signal connection that none had before.
    pub fn new_session(&mut self) -> SessionId {
        let session = SessionId(self.next_session);
        self.next_session += 1;
        session
    }

    /// Takes somebody in. Whoever had the identity before must have been removed.
    pub fn add(&mut self, participant: Participant) {
        let key = participant.key;
        debug_assert!(
            !self.by_identity.contains_key(&participant.identity),
            "an identity is in a room once"
        );
        self.by_identity.insert(participant.identity.clone(), key);
        self.by_sid.insert(participant.sid.clone(), key);
        self.participants.insert(key, participant);
    }

    /// Somebody is not here any more.
    pub fn remove(&mut self, key: ParticipantKey) -> Option<Participant> {
        let participant = self.participants.remove(&key)?;
        self.by_identity.remove(&participant.identity);
        self.by_sid.remove(&participant.sid);
        Some(participant)
    }

    /// A participant.
    pub fn get(&self, key: ParticipantKey) -> Option<&Participant> {
        self.participants.get(&key)
    }

    /// A participant.
    pub fn get_mut(&mut self, key: ParticipantKey) -> Option<&mut Participant> {
        self.participants.get_mut(&key)
    }

    /// Who has this identity now.
    pub fn by_identity(&self, identity: &str) -> Option<ParticipantKey> {
        self.by_identity.get(identity).copied()
    }

    /// Who has this sid.
    pub fn by_sid(&self, sid: &ParticipantSid) -> Option<ParticipantKey> {
        self.by_sid.get(sid).copied()
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = &Participant> {
        self.participants.values()
    }

    /// Everybody.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Participant> {
        self.participants.values_mut()
    }

    /// The keys of everybody who is here now.
    pub fn keys(&self) -> Vec<ParticipantKey> {
        self.participants.keys().copied().collect()
    }

    /// Whether nobody is here, not even a dependent participant.
    pub fn is_empty(&self) -> bool {
        self.participants.is_empty()
    }

    /// How many are here who count as company.
    pub fn company(&self) -> u32 {
        let company = self
            .iter()
            .filter(|participant| !participant.is_dependent());
        u32::try_from(company.count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use tokio::sync::mpsc;

    use super::*;
    use crate::ground::Now;
    use crate::participant::{ConnectionFactory, IceLite, Link, SignalConnection};
    use crate::peer::PeerRole;
    use crate::room::tests::harness::{FakeConnections, request};

    fn arrive(roster: &mut Roster, identity: &str, sid: &str) -> ParticipantKey {
        let now = Now {
            instant: Instant::now(),
            system: SystemTime::UNIX_EPOCH,
        };
        let (frames, _) = mpsc::channel(1);
        let signal = SignalConnection::open(roster.new_session(), frames);
        let (id, connection) =
            FakeConnections::default().open(PeerRole::Single, IceLite::AsSet, now.instant);
        let key = roster.new_key();
        let link = Link::new(id, connection);
        let sid = ParticipantSid::from_wire(sid);
        let request = request(identity);
        roster.add(Participant::new(
            key, sid, &request, false, signal, link, None, now,
        ));
        key
    }

    #[test]
    fn everybody_is_found_by_identity_and_by_sid_until_they_leave() {
        let mut roster = Roster::default();
        let alice = arrive(&mut roster, "alice", "PA_1");
        let bob = arrive(&mut roster, "bob", "PA_2");
        assert_eq!(roster.by_identity("alice"), Some(alice));
        assert_eq!(roster.by_sid(&ParticipantSid::from_wire("PA_2")), Some(bob));
        roster.remove(alice).unwrap();
        assert_eq!(roster.by_identity("alice"), None);
        assert_eq!(roster.by_sid(&ParticipantSid::from_wire("PA_1")), None);
        assert_eq!((roster.keys(), roster.company()), (vec![bob], 1));
    }

    #[test]
    fn an_identity_that_comes_back_is_somebody_new() {
        let mut roster = Roster::default();
        let first = arrive(&mut roster, "alice", "PA_1");
        roster.remove(first).unwrap();
        let second = arrive(&mut roster, "alice", "PA_2");
        assert_ne!(first, second);
        assert_eq!(roster.by_identity("alice"), Some(second));
        assert_eq!(roster.by_sid(&ParticipantSid::from_wire("PA_1")), None);
    }
}
