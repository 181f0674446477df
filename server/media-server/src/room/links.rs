//! The room's peer connections: whose each is, which have something to say, what they have said, and when they want to be
//! called. It must not know what they carry.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Instant;

use str0m::net::Transmit;

use super::PeerChange;
use super::roster::Roster;
use crate::participant::{Link, ParticipantKey, Target};
use crate::peer::PeerId;

/// All connections. A link's `dirty` and `deadline` say whether it is in the lists of these names.
#[derive(Default)]
pub(super) struct Links {
    owners: HashMap<PeerId, (ParticipantKey, Target)>,
    changes: Vec<PeerChange>,
    dirty: Vec<PeerId>,
    deadlines: BTreeSet<(Instant, PeerId)>,
    transmits: VecDeque<Transmit>,
}

impl Links {
    /// A participant's connection was opened.
    pub fn add(&mut self, peer: PeerId, key: ParticipantKey, target: Target) {
        self.owners.insert(peer, (key, target));
        self.changes.push(PeerChange::Added(peer));
    }

    /// A connection is gone.
    pub fn remove(&mut self, link: &Link) {
        self.owners.remove(&link.id);
        self.changes.push(PeerChange::Removed(link.id));
        if let Some(deadline) = link.deadline {
            self.deadlines.remove(&(deadline, link.id));
        }
    }

    /// Whose connection it is, and which.
    pub fn owner(&self, peer: PeerId) -> Option<(ParticipantKey, Target)> {
        self.owners.get(&peer).copied()
    }

    /// A connection, which its owner holds.
    pub fn find<'a>(&self, roster: &'a mut Roster, peer: PeerId) -> Option<&'a mut Link> {
        let (key, target) = self.owner(peer)?;
        Some(roster.get_mut(key)?.link(target))
    }

    /// Connections that came or went since the last call.
    pub fn take_changes(&mut self) -> Vec<PeerChange> {
        std::mem::take(&mut self.changes)
    }

    /// A connection may have something to say.
    pub fn mark_dirty(&mut self, link: &mut Link) {
        if !std::mem::replace(&mut link.dirty, true) {
            self.dirty.push(link.id);
        }
    }

    /// A connection that may have something to say.
    pub fn next_dirty(&mut self) -> Option<PeerId> {
        self.dirty.pop()
    }

    /// A connection wants to be called then, and not when it wanted before.
    pub fn set_deadline(&mut self, link: &mut Link, deadline: Instant) {
        let previous = link.deadline.replace(deadline);
        if previous == Some(deadline) {
            return;
        }
        if let Some(previous) = previous {
            self.deadlines.remove(&(previous, link.id));
        }
        self.deadlines.insert((deadline, link.id));
    }

    /// A connection whose time has come; whoever takes it clears the deadline of its link.
    pub fn next_due(&mut self, now: Instant) -> Option<PeerId> {
        let &(deadline, peer) = self.deadlines.first()?;
        if deadline > now {
            return None;
        }
        self.deadlines.pop_first();
        Some(peer)
    }

    /// When the first connection wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// A connection wants this sent.
    pub fn push_transmit(&mut self, transmit: Transmit) {
        self.transmits.push_back(transmit);
    }

    /// The next datagram to send.
    pub fn next_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// Whether datagrams wait to be sent.
    pub fn has_transmits(&self) -> bool {
        !self.transmits.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::participant::{ConnectionFactory, IceLite};
    use crate::peer::PeerRole;
    use crate::room::tests::harness::FakeConnections;

    fn open(links: &mut Links, connections: &FakeConnections, now: Instant) -> Link {
        let (id, connection) = connections.open(PeerRole::Single, IceLite::AsSet, now);
        links.add(id, ParticipantKey(0), Target::Publisher);
        Link::new(id, connection)
    }

    #[test]
    fn a_connection_has_one_deadline_and_none_once_it_is_gone() {
        let now = Instant::now();
        let later = |seconds| now + Duration::from_secs(seconds);
        let (mut links, connections) = (Links::default(), FakeConnections::default());
        let mut first = open(&mut links, &connections, now);
        let mut second = open(&mut links, &connections, now);
        links.set_deadline(&mut first, later(1));
        links.set_deadline(&mut second, later(2));
        links.set_deadline(&mut first, later(3));
        assert_eq!(links.deadline(), Some(later(2)));
        assert_eq!(links.next_due(later(1)), None);
        assert_eq!(links.next_due(later(2)), Some(second.id));
        links.remove(&first);
        assert_eq!(links.deadline(), None);
        assert_eq!(links.owner(first.id), None);
        assert_eq!(
            links.take_changes(),
            [
                PeerChange::Added(first.id),
                PeerChange::Added(second.id),
                PeerChange::Removed(first.id)
            ]
        );
    }

    #[test]
    fn a_connection_is_listed_once_however_often_it_is_marked() {
        let now = Instant::now();
        let (mut links, connections) = (Links::default(), FakeConnections::default());
        let mut link = open(&mut links, &connections, now);
        links.mark_dirty(&mut link);
        links.mark_dirty(&mut link);
        assert_eq!(links.next_dirty(), Some(link.id));
        assert_eq!(links.next_dirty(), None);
    }
}
