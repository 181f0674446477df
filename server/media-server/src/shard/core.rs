//! The rooms of one shard: routes commands and datagrams to the room they are for. It must not know sockets or the
//! clock; `net` drives it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use livekit_wire::{Identity, RoomName};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use str0m::net::Transmit;
use tokio::sync::mpsc;

use super::revocation::Revocations;
use super::routes::Routes;
use super::{Command, Place};
use crate::config::{Limit, TooLong};
use crate::ground::{JoinRefused, JoinRequest, Joined, Now, SignalOut};
use crate::net;
use crate::participant::CloseReason;
use crate::peer::{Datagram, PeerId};
use crate::room::{PeerChange, Room, RoomOptions, Shared};

/// All rooms of one shard.
pub struct Core {
    shared: Arc<Shared>,
    wall_clock: fn() -> SystemTime,
    random: StdRng,
    rooms: HashMap<RoomName, Room>,
    peers: HashMap<PeerId, RoomName>,
    routes: Routes<PeerId>,
    deadlines: BTreeSet<(Instant, RoomName)>,
    known_deadlines: HashMap<RoomName, Instant>,
    touched: BTreeSet<RoomName>,
    transmitting: Vec<RoomName>,
    revocations: Revocations,
    closing: bool,
}

impl Core {
    /// A shard without rooms. The wall clock dates what is written down; `random` makes ids.
    pub fn new(shared: Arc<Shared>, wall_clock: fn() -> SystemTime, random: StdRng) -> Self {
        Self {
            shared,
            wall_clock,
            random,
            rooms: HashMap::new(),
            peers: HashMap::new(),
            routes: Routes::default(),
            deadlines: BTreeSet::new(),
            known_deadlines: HashMap::new(),
            touched: BTreeSet::new(),
            transmitting: Vec::new(),
            revocations: Revocations::default(),
            closing: false,
        }
    }

    fn now(&self, instant: Instant) -> Now {
        Now {
            instant,
            system: (self.wall_clock)(),
        }
    }

    fn join(
        &mut self,
        request: &JoinRequest,
        frames: mpsc::Sender<SignalOut>,
        now: Now,
    ) -> Result<Joined, JoinRefused> {
        if self.closing {
            return Err(JoinRefused::Unavailable);
        }
        self.remove_if_finished(&request.room, now);
        if self.revocations.forbid(request) {
            return Err(JoinRefused::TokenRevoked);
        }
        check_sizes(&self.shared.settings.limit, request)?;
        if !self.rooms.contains_key(&request.room) {
            if !self.shared.settings.room.auto_create && request.reconnect.is_none() {
                return Err(JoinRefused::RoomNotFound);
            }
            let claims = &request.token.claims;
            let options = claims.room_config.as_ref().map(RoomOptions::from);
            let mut options = options.unwrap_or_default();
            if !claims.room_preset.is_empty() {
                let preset = self.shared.settings.room.presets.get(&claims.room_preset);
                options = options.or_as_in(preset.ok_or(JoinRefused::UnknownPreset)?);
            }
            self.open_room(&request.room, options, now);
        }
        let room = self
            .rooms
            .get_mut(&request.room)
            .ok_or(JoinRefused::RoomNotFound)?;
        Ok(room.join(request, frames, now))
    }

    /// The open room of this name.
    pub(super) fn room(&mut self, name: &RoomName) -> Option<&mut Room> {
        self.rooms.get_mut(name)
    }

    /// Opens a room where none is; not while the server goes down.
    pub(super) fn open_room(&mut self, name: &RoomName, options: RoomOptions, now: Now) {
        if self.closing {
            return;
        }
        let random = StdRng::from_seed(self.random.random());
        let room = Room::new(Arc::clone(&self.shared), name.clone(), options, random, now);
        self.rooms.insert(name.clone(), room);
    }

    pub(super) fn revoke_tokens(
        &mut self,
        room: RoomName,
        identity: Identity,
        before: i64,
        now: Now,
    ) {
        self.revocations.add(room, identity, before, now.instant);
    }

    /// Forgets a room that has ended since the last flush, so that its name is free again.
    fn remove_if_finished(&mut self, name: &RoomName, now: Now) {
        if self.rooms.get(name).is_some_and(Room::is_finished) {
            self.settle(name, now);
            self.rooms.remove(name);
        }
    }

    /// Takes over what a room changed: its connections, its deadline, its end.
    fn settle(&mut self, name: &RoomName, now: Now) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        room.flush(now);
        for change in room.take_peer_changes() {
            match change {
                PeerChange::Added(peer) => {
                    self.peers.insert(peer, name.clone());
                }
                PeerChange::Removed(peer) => {
                    self.peers.remove(&peer);
                    self.routes.forget(peer);
                }
            }
        }
        if let Some(known) = self.known_deadlines.remove(name) {
            self.deadlines.remove(&(known, name.clone()));
        }
        self.transmitting.push(name.clone());
        if room.is_finished() && !room.has_transmits() {
            self.rooms.remove(name);
            return;
        }
        let deadline = room.deadline();
        self.known_deadlines.insert(name.clone(), deadline);
        self.deadlines.insert((deadline, name.clone()));
    }

    fn close_all(&mut self, now: Now) {
        self.closing = true;
        for (name, room) in &mut self.rooms {
            room.close(CloseReason::ServerShutdown, now);
            self.touched.insert(name.clone());
        }
    }
}

impl net::Core for Core {
    type Command = Command;

    fn handle_command(&mut self, command: Command, instant: Instant) {
        let now = self.now(instant);
        match command {
            Command::Join {
                request,
                frames,
                reply,
            } => {
                let name = request.room.clone();
                let joined = self.join(&request, frames, now);
                self.touched.insert(name);
                // A WebSocket that is gone by now drops its session, which the room is told.
                drop(reply.send(joined));
            }
            Command::Signal {
                room: name,
                participant,
                session,
                message,
                permit,
            } => {
                if let Some(room) = self.rooms.get_mut(&name) {
                    room.handle_signal(&participant, session, *message, now);
                    self.touched.insert(name);
                }
                drop(permit);
            }
            Command::SignalClosed {
                room: name,
                participant,
                session,
            } => {
                if let Some(room) = self.rooms.get_mut(&name) {
                    room.handle_signal_closed(&participant, session, now);
                    self.touched.insert(name);
                }
            }
            Command::OnRoom { room, work } => {
                self.remove_if_finished(&room, now);
                work(&mut Place::new(self, &room, now));
                self.touched.insert(room);
            }
            Command::OnRooms { work } => {
                work(&mut self.rooms.values().filter(|room| !room.is_finished()));
            }
            Command::ShutDown { reply } => {
                self.close_all(now);
                // Whoever asked may have stopped waiting.
                let _ = reply.send(());
            }
        }
    }

    fn handle_datagram(&mut self, datagram: Datagram, instant: Instant) {
        let named = datagram.stun_ufrag().and_then(PeerId::from_ufrag);
        let Some(peer) = named.or_else(|| self.routes.owner(&datagram.route)) else {
            return;
        };
        let traffic = &self.shared.traffic;
        traffic.datagrams_in.add(1);
        traffic.bytes_in.add(datagram.payload.len() as u64);
        let now = self.now(instant);
        let Some(name) = self.peers.get(&peer) else {
            return;
        };
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        if room.handle_datagram(peer, &datagram, now) {
            if named.is_some() {
                self.routes.learn(datagram.route, peer);
            }
            if !self.touched.contains(name) {
                self.touched.insert(name.clone());
            }
        }
    }

    fn handle_timeout(&mut self, instant: Instant) {
        let now = self.now(instant);
        while let Some((deadline, name)) = self.deadlines.first()
            && *deadline <= instant
        {
            let name = name.clone();
            self.deadlines.pop_first();
            self.known_deadlines.remove(&name);
            if let Some(room) = self.rooms.get_mut(&name) {
                room.handle_timeout(now);
                self.touched.insert(name);
            }
        }
    }

    fn flush(&mut self, instant: Instant) {
        let now = self.now(instant);
        for name in std::mem::take(&mut self.touched) {
            self.settle(&name, now);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        while let Some(name) = self.transmitting.last() {
            if let Some(room) = self.rooms.get_mut(name) {
                if let Some(transmit) = room.poll_transmit() {
                    let traffic = &self.shared.traffic;
                    traffic.datagrams_out.add(1);
                    traffic.bytes_out.add(transmit.contents.len() as u64);
                    return Some(transmit);
                }
                if room.is_finished() {
                    let name = name.clone();
                    self.rooms.remove(&name);
                    if let Some(known) = self.known_deadlines.remove(&name) {
                        self.deadlines.remove(&(known, name));
                    }
                }
            }
            self.transmitting.pop();
        }
        None
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}

/// The newcomer's texts, from its token and from the request, which goes before.
fn check_sizes(limit: &Limit, request: &JoinRequest) -> Result<(), TooLong> {
    let claims = &request.token.claims;
    limit.check_name(&claims.name)?;
    limit.check_metadata(&claims.metadata)?;
    limit.check_metadata(&request.metadata)?;
    limit.check_attributes(&claims.attributes, &request.attributes)
}

impl super::ShardSender for net::Shard<Command> {
    fn send(&self, command: Command) -> bool {
        Self::send(self, command)
    }

    fn load(&self) -> super::ShardLoad {
        super::ShardLoad {
            waiting: self.waiting(),
            dropped: self.dropped(),
        }
    }
}
