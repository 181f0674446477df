//! What is said to those who have no allocation yet. Nothing is kept of them: a flood of strangers costs an answer each,
//! of at most 88 bytes more than its question.

use std::net::SocketAddr;

use rand::CryptoRng;
use tokio::sync::mpsc;
use turn_server_proto::types::{
    message::ALLOCATE,
    stun::{
        attribute::{ErrorCode, MessageIntegrity, Nonce, Realm, Username},
        message::{BINDING, Message, MessageClass, StunWriteError},
        prelude::AttributeStaticType,
    },
};

use super::{
    allocation::Allocation,
    credentials::Secret,
    message::{self, User},
    nonce::Nonces,
    places::Places,
    relays::{Parcel, Relays},
};
use crate::ground::Now;

/// The media server's UDP addresses of now: the only ones a client may reach.
pub type OurAddresses = Box<dyn Fn() -> Vec<SocketAddr> + Send + Sync>;

/// The way in; shared by all sockets.
pub struct Door {
    secret: Secret,
    nonces: Nonces,
    places: Places,
    relays: Relays,
    our_addresses: OurAddresses,
}

/// What becomes of a stranger's message.
#[derive(Debug)]
pub enum Answer {
    /// It is not for us.
    Nothing,
    /// To be sent back.
    Reply(Vec<u8>),
    /// The stranger has an allocation now.
    Opened(Box<Allocation>, Vec<u8>),
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unproven {
    /// No or wrong credentials.
    Unauthorized,
    /// The nonce is old, or not ours.
    StaleNonce,
    /// It has no name, realm or nonce.
    BadRequest,
}

impl Door {
    /// A door that lets in whoever has credentials made of `secret`.
    pub fn new(
        secret: Secret,
        places: Places,
        relays: Relays,
        our_addresses: OurAddresses,
        random: &mut impl CryptoRng,
    ) -> Self {
        Self {
            secret,
            nonces: Nonces::new(random),
            places,
            relays,
            our_addresses,
        }
    }

    /// The relayed addresses.
    pub const fn relays(&self) -> &Relays {
        &self.relays
    }

    /// Takes a message of somebody without an allocation; datagrams to the new allocation go to `mailbox`.
    pub fn hear(
        &self,
        client: SocketAddr,
        datagram: &[u8],
        mailbox: &mpsc::Sender<Parcel>,
        now: Now,
    ) -> Answer {
        let Ok(request) = Message::from_bytes(datagram) else {
            return Answer::Nothing;
        };
        if !request.has_class(MessageClass::Request) {
            return Answer::Nothing;
        }
        if request.method() == BINDING {
            return reply(message::mapped(&request, client));
        }
        let user = match self.prove(&request, None, client, now) {
            Ok(user) => user,
            Err(unproven) => return reply(self.refuse(&request, unproven, client, now)),
        };
        if request.method() != ALLOCATE {
            let mismatch = ErrorCode::ALLOCATION_MISMATCH;
            return reply(message::refusal(&request, mismatch, &user));
        }
        let Some(place) = self.places.take(client.ip(), &user.name) else {
            self.relays.traffic().refused.add(1);
            let quota = ErrorCode::ALLOCATION_QUOTA_REACHED;
            return reply(message::refusal(&request, quota, &user));
        };
        Allocation::open(self, &request, (client, user, place), mailbox, now.instant)
    }

    /// That whoever sent a request knows the password of a name: of one that was let in already, or of any that is good now.
    pub(super) fn prove(
        &self,
        request: &Message<'_>,
        known: Option<&User>,
        client: SocketAddr,
        now: Now,
    ) -> Result<User, Unproven> {
        if !request.has_attribute(MessageIntegrity::TYPE) {
            return Err(Unproven::Unauthorized);
        }
        let (Ok(name), Ok(nonce), true) = (
            request.attribute::<Username>(),
            request.attribute::<Nonce>(),
            request.has_attribute(Realm::TYPE),
        ) else {
            return Err(Unproven::BadRequest);
        };
        if !self.nonces.knows(nonce.nonce(), client, now.system) {
            return Err(Unproven::StaleNonce);
        }
        let name = name.username();
        let password = match known {
            Some(known) if known.name == name => Some(known.password.clone()),
            _ => self.secret.password_of(name, now.system),
        };
        password
            .map(|password| User::new(name.to_owned(), password))
            .filter(|user| user.has_signed(request))
            .ok_or(Unproven::Unauthorized)
    }

    pub(super) fn refuse(
        &self,
        request: &Message<'_>,
        unproven: Unproven,
        client: SocketAddr,
        now: Now,
    ) -> Result<Vec<u8>, StunWriteError> {
        let nonce = || self.nonces.give(client, now.system);
        match unproven {
            Unproven::Unauthorized => {
                message::challenge(request, ErrorCode::UNAUTHORIZED, &nonce())
            }
            Unproven::StaleNonce => message::challenge(request, ErrorCode::STALE_NONCE, &nonce()),
            Unproven::BadRequest => message::unsigned(request, ErrorCode::BAD_REQUEST),
        }
    }

    pub(super) fn our_addresses(&self) -> Vec<SocketAddr> {
        (self.our_addresses)()
    }
}

/// An answer that cannot be written is none.
fn reply<E>(written: Result<Vec<u8>, E>) -> Answer {
    written.map_or(Answer::Nothing, Answer::Reply)
}
