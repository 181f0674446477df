//! One room: who is in it, who may see and hear whom, and when it ends. It must not know sockets, the clock or HTTP;
//! commands, datagrams and time come in, frames, datagrams and webhook events go out.

mod agents;
mod announce;
mod audience;
mod auto_egress;
mod backup_codec;
mod broadcast;
mod census;
mod close_down_track;
mod data;
mod down_track;
mod events;
mod forwarding;
mod info;
mod join;
mod keyframe;
mod leave;
mod lifetime;
mod links;
mod media;
mod mute;
mod negotiate;
mod open_down_track;
mod options;
mod peer_event;
mod permission;
mod publish;
mod quality;
mod request_response;
mod resume;
mod roster;
mod rpc;
mod signal;
mod simulate;
mod slow_receiver;
mod speakers;
mod subscribe;
mod subscription_permission;
mod timers;
mod totals;
mod track;
mod track_settings;
mod tracks;
mod unpublish;
mod update_track;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use livekit_protocol as proto;
use livekit_wire::{RoomName, RoomSid};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use str0m::net::Transmit;
use tokio::sync::mpsc::{Sender, UnboundedSender};

use crate::ground::{EgressWish, Now, Settings, TellAgents, Traffic};
use crate::participant::ConnectionFactory;
use crate::peer::Datagram;
use crate::peer::{Output, PeerId};

use broadcast::Updates;
pub use census::{Census, Tracks};
use data::{DataCache, SeenNonces};
use lifetime::Lifetime;
use links::Links;
use media::Media;
pub use options::RoomOptions;
use roster::Roster;
use rpc::PendingRpcs;
pub(crate) use rpc::RpcAnswer;

/// Bytes of the trailer that marks frames the server injects into encrypted tracks.
const SIF_TRAILER_LENGTH: usize = 20;
/// Letters of `Room.turn_password`: 256 bits, as LiveKit makes it. Nothing here asks for it.
const TURN_PASSWORD_LENGTH: usize = 43;

/// What all rooms of a shard share.
pub struct Shared {
    /// From the YAML.
    pub settings: Settings,
    /// Makes peer connections.
    pub connections: Box<dyn ConnectionFactory>,
    /// Takes what is to be told over webhooks, in order.
    pub webhooks: UnboundedSender<proto::WebhookEvent>,
    /// Takes what is to be recorded.
    pub egress: Sender<EgressWish>,
    /// Takes what agents are to know.
    pub agents: Box<TellAgents>,
    /// Counts what is moved.
    pub traffic: Arc<Traffic>,
}

/// A peer connection that the shard must know how to find, or may forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerChange {
    /// It belongs to this room now.
    Added(PeerId),
    /// It is gone.
    Removed(PeerId),
}

/// One open room.
pub struct Room {
    shared: Arc<Shared>,
    random: StdRng,
    name: RoomName,
    sid: RoomSid,
    max_participants: u32,
    metadata: String,
    sync_streams: bool,
    auto_egress: proto::RoomEgress,
    sif_trailer: Vec<u8>,
    turn_password: String,
    last_version: proto::TimedVersion,
    roster: Roster,
    links: Links,
    media: Media,
    lifetime: Lifetime,
    updates: Updates,
    data_cache: DataCache,
    seen_nonces: SeenNonces,
    rpcs: PendingRpcs,
    timers: timers::Timers,
    simulations: simulate::Simulations,
}

impl Room {
    /// Opens a room and tells so.
    pub fn new(
        shared: Arc<Shared>,
        name: RoomName,
        options: RoomOptions,
        mut random: StdRng,
        now: Now,
    ) -> Self {
        let defaults = &shared.settings.room;
        let seconds = |asked: u32, default: Duration| {
            if asked == 0 {
                default
            } else {
                Duration::from_secs(asked.into())
            }
        };
        let mut room = Self {
            sid: RoomSid::random(&mut random),
            lifetime: Lifetime::new(
                seconds(options.empty_timeout, defaults.empty_timeout),
                seconds(options.departure_timeout, defaults.departure_timeout),
                now,
            ),
            max_participants: match options.max_participants {
                0 => defaults.max_participants,
                most => most,
            },
            metadata: options.metadata,
            sync_streams: options.sync_streams || defaults.sync_streams,
            auto_egress: options.egress.unwrap_or_default(),
            sif_trailer: (0..SIF_TRAILER_LENGTH).map(|_| random.random()).collect(),
            turn_password: (0..TURN_PASSWORD_LENGTH)
                .map(|_| char::from(random.sample(Alphanumeric)))
                .collect(),
            last_version: proto::TimedVersion::default(),
            name,
            random,
            roster: Roster::default(),
            links: Links::default(),
            media: Media::default(),
            updates: Updates::default(),
            data_cache: DataCache::default(),
            seen_nonces: SeenNonces::default(),
            rpcs: PendingRpcs::default(),
            timers: timers::Timers::new(now.instant),
            simulations: simulate::Simulations::default(),
            shared,
        };
        room.tell_room_started(now);
        room.tell_agents_opened(options.agents);
        if let Some(composite) = room.auto_egress.room.take() {
            room.wish_room_composite(composite);
        }
        room
    }

    /// Its name.
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// Whether the room has ended and can be forgotten.
    pub fn is_finished(&self) -> bool {
        self.lifetime.is_finished()
    }

    /// A version later than every one before it (protocol utils/timed_version.go).
    fn next_version(&mut self, now: Now) -> proto::TimedVersion {
        let since = now.system.duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_micro = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        let last = &mut self.last_version;
        if unix_micro > last.unix_micro {
            *last = proto::TimedVersion {
                unix_micro,
                ticks: 0,
            };
        } else {
            last.ticks += 1;
        }
        *last
    }

    /// A datagram for one of the room's peer connections; false when its ICE integrity is wrong.
    pub fn handle_datagram(&mut self, peer: PeerId, datagram: &Datagram, now: Now) -> bool {
        if self.holds_back(peer, datagram, now) {
            return true;
        }
        let Some(link) = self.links.find(&mut self.roster, peer) else {
            return false;
        };
        if datagram.stun_ufrag().is_some() && !link.connection.accepts(datagram) {
            return false;
        }
        link.connection.handle_datagram(datagram, now.instant);
        self.links.mark_dirty(link);
        true
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(peer) = self.links.next_due(now.instant) {
            if let Some(link) = self.links.find(&mut self.roster, peer) {
                link.deadline = None;
                link.connection.handle_timeout(now.instant);
                self.links.mark_dirty(link);
            }
        }
        if self.timers.wake() <= now.instant {
            self.tick(now);
        }
    }

    /// Collects what peer connections have to say after any input, until they have nothing left.
    pub fn flush(&mut self, now: Now) {
        while let Some(peer) = self.links.next_dirty() {
            let Some(link) = self.links.find(&mut self.roster, peer) else {
                continue;
            };
            link.dirty = false;
            self.drain(peer, now);
        }
    }

    fn drain(&mut self, peer: PeerId, now: Now) {
        while let Some(link) = self.links.find(&mut self.roster, peer) {
            match link.connection.poll_output(now.instant) {
                Output::Timeout(deadline) => {
                    self.links.set_deadline(link, deadline);
                    return;
                }
                Output::Transmit(transmit) => self.links.push_transmit(transmit),
                Output::Event(event) => self.handle_peer_event(peer, event, now),
            }
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.links.next_transmit()
    }

    /// Whether datagrams wait to be sent.
    pub fn has_transmits(&self) -> bool {
        self.links.has_transmits()
    }

    /// Connections that came or went since the last call.
    pub fn take_peer_changes(&mut self) -> Vec<PeerChange> {
        self.links.take_changes()
    }

    /// When the room wants to be called next.
    pub fn deadline(&self) -> Instant {
        let wake = self.timers.wake();
        self.links
            .deadline()
            .map_or(wake, |deadline| wake.min(deadline))
    }

    fn wake_at(&mut self, instant: Instant) {
        self.timers.wake_at(instant);
    }

    fn mark_dirty(&mut self, peer: PeerId) {
        if let Some(link) = self.links.find(&mut self.roster, peer) {
            self.links.mark_dirty(link);
        }
    }
}
