//! One client's allocation: a `turn-server-proto` server of its own, which ends with it. Every request is proved and judged
//! here first, then told to it in our words; whom it may reach is decided here alone.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use turn_server_proto::{
    api::{SocketAllocateError, Transmit, TurnServerApi, TurnServerPollRet},
    server::TurnServer,
    types::{
        AddressFamily, Instant as SinceBegun, TransportType,
        attribute::{
            AdditionalAddressFamily, ChannelNumber, DontFragment, EvenPort, Lifetime,
            RequestedAddressFamily, RequestedTransport, ReservationToken, XorPeerAddress,
        },
        message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH},
        prelude::DelayedTransmitBuild,
        stun::{
            attribute::{AttributeType, ErrorCode, Nonce, RawAttribute},
            message::{BINDING, Message, MessageClass, StunWriteError, TransactionId},
            prelude::{Attribute, AttributeFromRaw, AttributeStaticType, AttributeWrite},
        },
    },
};

use super::{
    door::{Answer, Door},
    message::{self, User},
    places::Place,
    relays::{Lease, Parcel},
};
use crate::ground::Now;

/// Where the server in here believes to listen. It has one client, so that it need not know better.
const LISTENS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3478);
/// Nonces of clients are ours; that of the server in here is known to us alone.
const FOR_EVER: Duration = Duration::from_hours(24 * 36_500);
/// Peers that one CreatePermission may name.
const MAX_PEERS: usize = 16;

/// What one client has.
pub struct Allocation {
    server: TurnServer,
    begun: Instant,
    client: SocketAddr,
    user: User,
    /// The one that `server` gave.
    nonce: String,
    /// The request that opened it, and its answer, which may have been lost.
    opened: (TransactionId, Vec<u8>),
    leases: Vec<Lease>,
    /// The media server's addresses as they were when the client last asked for a permission.
    peers: Vec<SocketAddr>,
    _place: Place,
}

impl std::fmt::Debug for Allocation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Allocation")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Where something goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Passed {
    /// Back to the client.
    ToClient(Vec<u8>),
    /// To the media server.
    ToPeer {
        /// From the client's relayed address.
        relayed: SocketAddr,
        /// To the media server's own.
        peer: SocketAddr,
        /// What it holds.
        payload: Vec<u8>,
    },
}

impl Allocation {
    pub(super) fn open(
        door: &Door,
        request: &Message<'_>,
        (client, user, place): (SocketAddr, User, Place),
        mailbox: &mpsc::Sender<Parcel>,
        now: Instant,
    ) -> Answer {
        let mut server = TurnServer::new(TransportType::Udp, LISTENS, message::REALM.to_owned());
        server.set_nonce_expiry_duration(FOR_EVER);
        server.add_user(user.name.clone(), user.password.clone());
        let Some(nonce) = first_nonce(&mut server, client) else {
            return Answer::Nothing;
        };
        let mut allocation = Self {
            server,
            begun: now,
            client,
            user,
            nonce,
            opened: (request.transaction_id(), Vec::new()),
            leases: Vec::new(),
            peers: Vec::new(),
            _place: place,
        };
        match allocation.allocate(door, request, mailbox) {
            Ok(answer) if allocation.leases.is_empty() => Answer::Reply(answer),
            Ok(answer) => {
                allocation.opened.1.clone_from(&answer);
                Answer::Opened(Box::new(allocation), answer)
            }
            Err(NoAnswer) => Answer::Nothing,
        }
    }

    fn allocate(
        &mut self,
        door: &Door,
        request: &Message<'_>,
        mailbox: &mpsc::Sender<Parcel>,
    ) -> Result<Vec<u8>, NoAnswer> {
        const KNOWN: [AttributeType; 7] = [
            RequestedTransport::TYPE,
            Lifetime::TYPE,
            RequestedAddressFamily::TYPE,
            AdditionalAddressFamily::TYPE,
            EvenPort::TYPE,
            ReservationToken::TYPE,
            DontFragment::TYPE,
        ];
        let unknown = message::not_understood(request, &KNOWN);
        if !unknown.is_empty() {
            return Ok(message::unknown(request, &unknown, &self.user)?);
        }
        let wants_two = request
            .attribute::<EvenPort>()
            .is_ok_and(|even| even.requested());
        if wants_two || request.has_attribute(ReservationToken::TYPE) {
            let code = ErrorCode::INSUFFICIENT_CAPACITY;
            return Ok(message::refusal(request, code, &self.user)?);
        }
        // Every port is even and nothing is ever fragmented. How long it lasts is the server's to say.
        let told = [
            RequestedTransport::TYPE,
            RequestedAddressFamily::TYPE,
            AdditionalAddressFamily::TYPE,
        ];
        let now = self.begun;
        if let Some(answer) = self.tell(&carried(request, &told), request, now)? {
            return Ok(answer);
        }
        let ours = door.our_addresses();
        let at = self.since_begun(now);
        while let TurnServerPollRet::AllocateSocket { family, .. } = self.server.poll(at) {
            let ipv6 = is_ipv6(family, request, &ours);
            let lease = lease(door, ipv6, &ours, mailbox);
            let address = lease.as_ref().map(Lease::address).map_err(|error| *error);
            self.leases.extend(lease.ok());
            self.server.allocated_socket(
                TransportType::Udp,
                LISTENS,
                self.client,
                TransportType::Udp,
                family,
                address,
                at,
            );
        }
        let answer = self.server.poll_transmit(at);
        answer.map(|answer| answer.data).ok_or(NoAnswer)
    }

    /// Takes a message of the client.
    pub fn hear(&mut self, door: &Door, datagram: Vec<u8>, now: Now) -> Option<Passed> {
        let is_request = datagram.first().is_some_and(|first| *first < 0x40)
            && Message::from_bytes(&datagram)
                .ok()?
                .has_class(MessageClass::Request);
        if !is_request {
            return self.pass(datagram, now.instant);
        }
        let request = Message::from_bytes(&datagram).ok()?;
        let answer = self.answer(door, &request, now).ok()?;
        self.settle(now.instant);
        Some(Passed::ToClient(answer))
    }

    /// Data for a peer: an indication, or a channel's.
    fn pass(&mut self, datagram: Vec<u8>, now: Instant) -> Option<Passed> {
        let heard = Transmit::new(datagram, TransportType::Udp, self.client, LISTENS);
        let passed = self.server.recv(heard, self.since_begun(now))?;
        // A permission is for every port of an address: that of HTTP is none of theirs.
        if !self.peers.contains(&passed.to) {
            return None;
        }
        Some(Passed::ToPeer {
            relayed: passed.from,
            peer: passed.to,
            payload: passed.data.build(),
        })
    }

    fn answer(
        &mut self,
        door: &Door,
        request: &Message<'_>,
        now: Now,
    ) -> Result<Vec<u8>, NoAnswer> {
        if request.method() == BINDING {
            return Ok(message::mapped(request, self.client)?);
        }
        let user = match door.prove(request, Some(&self.user), self.client, now) {
            Ok(user) => user,
            Err(unproven) => return Ok(door.refuse(request, unproven, self.client, now)?),
        };
        if user.name != self.user.name {
            return Ok(message::refusal(
                request,
                ErrorCode::WRONG_CREDENTIALS,
                &user,
            )?);
        }
        let known: &[AttributeType] = match request.method() {
            ALLOCATE if request.transaction_id() == self.opened.0 => {
                return Ok(self.opened.1.clone());
            }
            ALLOCATE => {
                let code = ErrorCode::ALLOCATION_MISMATCH;
                return Ok(message::refusal(request, code, &self.user)?);
            }
            REFRESH => &[Lifetime::TYPE, RequestedAddressFamily::TYPE],
            CREATE_PERMISSION => &[XorPeerAddress::TYPE],
            CHANNEL_BIND => &[ChannelNumber::TYPE, XorPeerAddress::TYPE],
            _ => {
                return Ok(message::refusal(
                    request,
                    ErrorCode::BAD_REQUEST,
                    &self.user,
                )?);
            }
        };
        let unknown = message::not_understood(request, known);
        if !unknown.is_empty() {
            return Ok(message::unknown(request, &unknown, &self.user)?);
        }
        if let Some(code) = self.judge(door, request) {
            door.relays().traffic().refused.add(1);
            return Ok(message::refusal(request, code, &self.user)?);
        }
        let ends = request
            .attribute::<Lifetime>()
            .is_ok_and(|lifetime| lifetime.seconds() == 0);
        let told = known.iter().filter(|kind| **kind != Lifetime::TYPE || ends);
        let told: Vec<AttributeType> = told.copied().collect();
        self.tell(&carried(request, &told), request, now.instant)?
            .ok_or(NoAnswer)
    }

    /// Why a request may not reach whom it names.
    fn judge(&mut self, door: &Door, request: &Message<'_>) -> Option<u16> {
        if request.method() == REFRESH {
            return None;
        }
        let peers: Vec<SocketAddr> = request
            .iter_attributes()
            .filter(|(_, attribute)| attribute.get_type() == XorPeerAddress::TYPE)
            .map(|(_, attribute)| XorPeerAddress::from_raw(attribute))
            .map(|peer| peer.map(|peer| peer.addr(request.transaction_id())))
            .collect::<Result<_, _>>()
            .unwrap_or_default();
        if peers.is_empty() || peers.len() > MAX_PEERS {
            return Some(ErrorCode::BAD_REQUEST);
        }
        let ours = door.our_addresses();
        let is_ours = |peer: &SocketAddr| match request.method() {
            CHANNEL_BIND => ours.contains(peer),
            _ => ours.iter().any(|address| address.ip() == peer.ip()),
        };
        if !peers.iter().all(is_ours) {
            return Some(ErrorCode::FORBIDDEN);
        }
        self.peers = ours;
        None
    }

    /// Tells `server` a request of the client with these attributes.
    fn tell(
        &mut self,
        attributes: &[RawAttribute<'_>],
        request: &Message<'_>,
        now: Instant,
    ) -> Result<Option<Vec<u8>>, NoAnswer> {
        let attributes: Vec<&dyn AttributeWrite> = attributes
            .iter()
            .map(|attribute| attribute as &dyn AttributeWrite)
            .collect();
        let told = message::retold(request, &attributes, &self.user, &self.nonce)?;
        let heard = Transmit::new(told, TransportType::Udp, self.client, LISTENS);
        let answer = self.server.recv(heard, self.since_begun(now));
        Ok(answer.map(|answer| answer.data.build()))
    }

    /// Takes what the media server sent to a relayed address; the answer is for the client.
    pub fn bring(&mut self, parcel: Parcel, now: Instant) -> Option<Vec<u8>> {
        let heard = Transmit::new(
            parcel.payload,
            TransportType::Udp,
            parcel.peer,
            parcel.relayed,
        );
        let passed = self.server.recv(heard, self.since_begun(now))?;
        (passed.to == self.client).then(|| passed.data.build())
    }

    /// Lets go of what has expired; to be called now and then.
    pub fn settle(&mut self, now: Instant) {
        let now = self.since_begun(now);
        while let TurnServerPollRet::SocketClose { listen_addr, .. } = self.server.poll(now) {
            self.leases.retain(|lease| lease.address() != listen_addr);
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.leases.is_empty()
    }

    /// Its relayed addresses.
    pub fn relayed(&self) -> impl Iterator<Item = SocketAddr> {
        self.leases.iter().map(Lease::address)
    }

    fn since_begun(&self, now: Instant) -> SinceBegun {
        let since = now.saturating_duration_since(self.begun).as_nanos();
        SinceBegun::from_nanos(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// A message that leads to nothing, as when it cannot be written.
struct NoAnswer;

impl From<StunWriteError> for NoAnswer {
    fn from(_: StunWriteError) -> Self {
        Self
    }
}

fn first_nonce(server: &mut TurnServer, client: SocketAddr) -> Option<String> {
    let opening = message::opening(ALLOCATE);
    let heard = Transmit::new(opening, TransportType::Udp, client, LISTENS);
    let challenge = server.recv(heard, SinceBegun::from_nanos(0))?.data.build();
    let challenge = Message::from_bytes(&challenge).ok()?;
    let nonce = challenge.attribute::<Nonce>().ok()?;
    Some(nonce.nonce().to_owned())
}

/// A client that names no family means IPv4, unless the media server has none: browsers never name one, and could not reach a
/// server of IPv6 alone.
fn is_ipv6(family: AddressFamily, request: &Message<'_>, ours: &[SocketAddr]) -> bool {
    let named = request.has_attribute(RequestedAddressFamily::TYPE)
        || request.has_attribute(AdditionalAddressFamily::TYPE);
    if named {
        family == AddressFamily::IPV6
    } else {
        !ours.iter().any(SocketAddr::is_ipv4)
    }
}

fn lease(
    door: &Door,
    ipv6: bool,
    ours: &[SocketAddr],
    mailbox: &mpsc::Sender<Parcel>,
) -> Result<Lease, SocketAllocateError> {
    if !ours.iter().any(|address| address.is_ipv6() == ipv6) {
        return Err(SocketAllocateError::AddressFamilyNotSupported);
    }
    door.relays()
        .lease(ipv6, mailbox)
        .ok_or(SocketAllocateError::InsufficientCapacity)
}

/// The attributes of these kinds, as they are.
fn carried<'a>(request: &'a Message<'_>, kinds: &[AttributeType]) -> Vec<RawAttribute<'a>> {
    request
        .iter_attributes()
        .map(|(_, attribute)| attribute)
        .filter(|attribute| kinds.contains(&attribute.get_type()))
        .collect()
}
