//! Data packets: stamped with who sent them, fanned out, kept a moment for those who come back (rtc/participant.go
//! handleReceivedDataMessage, rtc/room.go BroadcastDataPacketForRoom). What they carry stays opaque.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use livekit_protocol as proto;
use livekit_wire::ParticipantSid;
use prost::Message as _;
use proto::DataPacket;
use proto::data_packet::{Kind, Value};
use proto::participant_info::State;

use super::Room;
use crate::ground::{Now, RoomError};
use crate::participant::{CloseReason, Participant, ParticipantKey};
use crate::peer::{DataChannel, SendDataError};

/// How long reliable packets are kept for those who come back.
const CACHE_TTL: Duration = Duration::from_secs(2);
/// Bytes kept at most.
const CACHE_BYTES: usize = 16 * 1024 * 1024;
/// Nonces of API packets that are remembered.
const NONCES: usize = 1024;

impl Room {
    pub(super) fn handle_data(
        &mut self,
        key: ParticipantKey,
        channel: DataChannel,
        payload: &[u8],
        now: Now,
    ) {
        let kind = match channel {
            DataChannel::Reliable => Kind::Reliable,
            DataChannel::Lossy => Kind::Lossy,
            // Data tracks are not offered: a client does not send here.
            DataChannel::DataTrack => return,
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if !participant.data_allowance.take(1.0, now.instant) {
            tracing::warn!(participant = %participant.sid, "data flood");
            self.remove(key, CloseReason::Flooding, now);
            return;
        }
        if !participant.can_publish_data() {
            return;
        }
        let Ok(mut packet) = DataPacket::decode(payload) else {
            tracing::debug!(participant = %participant.sid, "data packet cannot be read");
            return;
        };
        if kind == Kind::Reliable && !participant.reliable.is_new(packet.sequence) {
            return;
        }
        stamp(&mut packet, participant, kind);
        if let Some(value) = &packet.value
            && self.take_rpc_reply(key, value)
        {
            return;
        }
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let is_agent =
            participant.claims.participant_kind() == proto::participant_info::Kind::Agent;
        match &packet.value {
            Some(Value::Transcription(_)) if !is_agent => {}
            Some(Value::Metrics(_)) => self.fan_out_metrics(key, &packet, now),
            Some(_) => self.fan_out(Some(key), packet, now),
            None => {}
        }
    }

    /// Sends a packet to those it is for; `sender` is None for the API.
    pub(super) fn fan_out(&mut self, sender: Option<ParticipantKey>, packet: DataPacket, now: Now) {
        let channel = match packet.kind() {
            Kind::Reliable => DataChannel::Reliable,
            Kind::Lossy => DataChannel::Lossy,
        };
        let bytes = Bytes::from(packet.encode_to_vec());
        let message = CachedPacket {
            publisher: ParticipantSid::from_wire(packet.participant_sid.clone()),
            sequence: packet.sequence,
            destinations: destinations(packet),
            sender,
            bytes: bytes.clone(),
            received: now.instant,
        };
        let receivers: Vec<_> = self
            .roster
            .iter()
            .filter(|participant| message.is_for(participant))
            .map(|participant| participant.key)
            .collect();
        if channel == DataChannel::Reliable && sender.is_some() && message.sequence > 0 {
            self.data_cache.add(message);
        }
        for receiver in receivers {
            self.send_data_to(sender, receiver, channel, &bytes, now);
        }
    }

    /// Sends a packet of the API, unless one with its nonce was sent already; an empty nonce says nothing.
    pub(crate) fn send_api_packet(
        &mut self,
        packet: DataPacket,
        nonce: Vec<u8>,
        now: Now,
    ) -> Result<(), RoomError> {
        if self.seen_nonces.has(&nonce) {
            return Ok(());
        }
        self.refuse_api_packet(&packet)?;
        self.seen_nonces.add(nonce);
        self.fan_out(None, packet, now);
        Ok(())
    }

    /// Why a packet of the API cannot be given to everybody it is for; nobody gets it then.
    pub(super) fn refuse_api_packet(&self, packet: &DataPacket) -> Result<(), RoomError> {
        let length = packet.encoded_len();
        let message = CachedPacket {
            publisher: ParticipantSid::from_wire(String::new()),
            sequence: 0,
            destinations: destinations(packet.clone()),
            sender: None,
            bytes: Bytes::new(),
            received: self.lifetime.created().instant,
        };
        let takers = self
            .roster
            .iter()
            .filter(|participant| participant.takes_data && message.is_for(participant));
        for receiver in takers {
            let most = receiver.max_data_size();
            if length > most {
                return Err(RoomError::DataTooLarge { length, most });
            }
            if packet.kind() == Kind::Reliable && !receiver.data_backlog().takes(length) {
                return Err(RoomError::ReceiverTooSlow);
            }
        }
        Ok(())
    }

    /// Metrics go to those who may see them, the sender included.
    fn fan_out_metrics(&mut self, sender: ParticipantKey, packet: &DataPacket, now: Now) {
        let bytes = Bytes::from(packet.encode_to_vec());
        let receivers: Vec<_> = self
            .roster
            .iter()
            .filter(|participant| participant.permission().can_subscribe_metrics)
            .map(|participant| participant.key)
            .collect();
        for receiver in receivers {
            self.send_data_to(Some(sender), receiver, DataChannel::Reliable, &bytes, now);
        }
    }

    pub(super) fn send_data_to(
        &mut self,
        sender: Option<ParticipantKey>,
        receiver: ParticipantKey,
        channel: DataChannel,
        bytes: &Bytes,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(receiver) else {
            return;
        };
        // Lossy data is worth nothing to somebody who is not there yet.
        if channel == DataChannel::Lossy && participant.state() != State::Active {
            return;
        }
        if !participant.takes_data {
            return;
        }
        let link = participant.down_link();
        let peer = link.id;
        match link.connection.send_data(channel, bytes, now.instant) {
            Ok(()) => {}
            Err(SendDataError::Full) if channel == DataChannel::Reliable => {
                self.backlog_is_full(sender, receiver, now);
                return;
            }
            Err(error) => {
                tracing::debug!(participant = %participant.sid, ?channel, %error, "data not sent");
            }
        }
        self.mark_dirty(peer);
        if channel == DataChannel::Reliable
            && let Some(sender) = sender
        {
            self.note_backlog(sender, receiver, now);
        }
    }
}

/// The server says who sent a packet and how it came, whatever the client claims.
#[expect(
    deprecated,
    reason = "older clients read the fields of the user packet"
)]
fn stamp(packet: &mut DataPacket, sender: &Participant, kind: Kind) {
    packet.kind = kind.into();
    sender.sid.as_str().clone_into(&mut packet.participant_sid);
    let hidden = sender.is_hidden();
    let visible = |text: &str| {
        if hidden {
            String::new()
        } else {
            text.to_owned()
        }
    };
    if let Some(Value::User(user)) = &mut packet.value {
        user.participant_sid = visible(sender.sid.as_str());
        user.participant_identity = visible(sender.identity.as_str());
        if packet.destination_identities.is_empty() {
            packet
                .destination_identities
                .clone_from(&user.destination_identities);
        } else {
            user.destination_identities
                .clone_from(&packet.destination_identities);
        }
    }
    if !speaks_for_another(packet, sender) {
        packet.participant_identity = visible(sender.identity.as_str());
    }
}

/// Agents write chat and text in the name of the participant they listen to.
fn speaks_for_another(packet: &mut DataPacket, sender: &Participant) -> bool {
    use proto::data_stream::header::ContentHeader;
    if sender.claims.participant_kind() != proto::participant_info::Kind::Agent
        || packet.participant_identity.is_empty()
        || packet.participant_identity == sender.identity.as_str()
    {
        return false;
    }
    match &mut packet.value {
        Some(Value::ChatMessage(message)) => {
            message.generated = true;
            true
        }
        Some(Value::StreamHeader(header)) => match &mut header.content_header {
            Some(ContentHeader::TextHeader(text)) => {
                text.generated = true;
                true
            }
            Some(ContentHeader::ByteHeader(_)) | None => false,
        },
        _ => false,
    }
}

#[derive(Debug, Default)]
struct Destinations {
    identities: Vec<String>,
    sids: Vec<String>,
}

#[expect(deprecated, reason = "older servers' SDKs still name sids")]
fn destinations(packet: DataPacket) -> Destinations {
    let sids = match packet.value {
        Some(Value::User(user)) => user.destination_sids,
        _ => Vec::new(),
    };
    Destinations {
        identities: packet.destination_identities,
        sids,
    }
}

/// A packet that went out a moment ago.
#[derive(Debug)]
pub(super) struct CachedPacket {
    /// Who sent it.
    pub publisher: ParticipantSid,
    /// Its number among the publisher's reliable packets.
    pub sequence: u32,
    /// As it was sent.
    pub bytes: Bytes,
    destinations: Destinations,
    sender: Option<ParticipantKey>,
    received: Instant,
}

impl CachedPacket {
    /// Whether a participant is to have it; never the sender itself.
    pub fn is_for(&self, participant: &Participant) -> bool {
        let named = &self.destinations;
        let everybody = named.identities.is_empty() && named.sids.is_empty();
        self.sender != Some(participant.key)
            && (everybody
                || named
                    .identities
                    .iter()
                    .any(|name| name == participant.identity.as_str())
                || named.sids.iter().any(|sid| sid == participant.sid.as_str()))
    }
}

/// The room's last reliable packets.
#[derive(Debug, Default)]
pub(super) struct DataCache {
    packets: VecDeque<CachedPacket>,
    bytes: usize,
}

impl DataCache {
    fn add(&mut self, packet: CachedPacket) {
        let now = packet.received;
        self.bytes += packet.bytes.len();
        self.packets.push_back(packet);
        self.prune(now);
    }

    /// Forgets what is too old or too much.
    pub fn prune(&mut self, now: Instant) {
        while let Some(oldest) = self.packets.front()
            && (now.saturating_duration_since(oldest.received) >= CACHE_TTL
                || self.bytes > CACHE_BYTES)
        {
            self.bytes -= oldest.bytes.len();
            self.packets.pop_front();
        }
    }

    /// What is young enough, oldest first.
    pub fn iter(&self, now: Instant) -> impl Iterator<Item = &CachedPacket> {
        self.packets
            .iter()
            .filter(move |packet| now.saturating_duration_since(packet.received) < CACHE_TTL)
    }
}

/// Nonces of packets sent through the API, which SDKs repeat when an answer is late.
#[derive(Debug, Default)]
pub(super) struct SeenNonces(VecDeque<Vec<u8>>);

impl SeenNonces {
    /// Whether a packet with this nonce was sent; an empty one says nothing.
    pub fn has(&self, nonce: &[u8]) -> bool {
        !nonce.is_empty() && self.0.iter().any(|seen| seen == nonce)
    }

    /// A packet with this nonce is sent now.
    pub fn add(&mut self, nonce: Vec<u8>) {
        if nonce.is_empty() {
            return;
        }
        if self.0.len() == NONCES {
            self.0.pop_front();
        }
        self.0.push_back(nonce);
    }
}
