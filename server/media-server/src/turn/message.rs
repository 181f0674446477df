//! The STUN messages that are said here: answers to clients, and requests as `turn-server-proto` is told them.

use std::net::SocketAddr;

use turn_server_proto::{
    stun::types::attribute::XorMappedAddress,
    types::stun::{
        attribute::{
            AttributeType, ErrorCode, Fingerprint, MessageIntegrity, MessageIntegritySha256, Nonce,
            Realm, UnknownAttributes, Username,
        },
        message::{
            IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass,
            MessageType, MessageWriteVec, Method, StunWriteError, TransactionId,
        },
        prelude::{Attribute, AttributeStaticType, AttributeWrite, MessageWrite, MessageWriteExt},
    },
};

/// What passwords are for; clients show it to nobody.
pub(super) const REALM: &str = "convoke";

/// Whoever has proved to know the password of their name.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) key: IntegrityKey,
}

impl User {
    pub(super) fn new(name: String, password: String) -> Self {
        let credentials =
            LongTermKeyCredentials::new(name.clone(), password.clone(), REALM.to_owned());
        Self {
            key: credentials.make_key(IntegrityAlgorithm::Sha1),
            name,
            password,
        }
    }

    pub(super) fn has_signed(&self, message: &Message<'_>) -> bool {
        message.validate_integrity_with_key(&self.key).is_ok()
    }
}

/// Answers a Binding request: this is where you come from.
pub(super) fn mapped(request: &Message<'_>, client: SocketAddr) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = Message::builder_success(request, MessageWriteVec::new());
    answer.add_attribute(&XorMappedAddress::new(client, request.transaction_id()))?;
    answer.add_fingerprint()?;
    Ok(answer.finish())
}

/// Tells somebody unknown, or with an old nonce, how to sign in.
pub(super) fn challenge(
    request: &Message<'_>,
    code: u16,
    nonce: &str,
) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = error(request, code)?;
    answer.add_attribute(&Realm::new(REALM)?)?;
    answer.add_attribute(&Nonce::new(nonce)?)?;
    Ok(answer.finish())
}

/// An error that nothing signs, as nobody has signed in.
pub(super) fn unsigned(request: &Message<'_>, code: u16) -> Result<Vec<u8>, StunWriteError> {
    Ok(error(request, code)?.finish())
}

/// An error for somebody known.
pub(super) fn refusal(
    request: &Message<'_>,
    code: u16,
    user: &User,
) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = error(request, code)?;
    answer.add_message_integrity_with_key(&user.key, IntegrityAlgorithm::Sha1)?;
    Ok(answer.finish())
}

/// Names what a request must not ask for.
pub(super) fn unknown(
    request: &Message<'_>,
    attributes: &[AttributeType],
    user: &User,
) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = error(request, ErrorCode::UNKNOWN_ATTRIBUTE)?;
    answer.add_attribute(&UnknownAttributes::new(attributes))?;
    answer.add_message_integrity_with_key(&user.key, IntegrityAlgorithm::Sha1)?;
    Ok(answer.finish())
}

fn error(request: &Message<'_>, code: u16) -> Result<MessageWriteVec, StunWriteError> {
    let mut answer = Message::builder_error(request, MessageWriteVec::new());
    answer.add_attribute(&ErrorCode::builder(code).build()?)?;
    Ok(answer)
}

/// A request without credentials, which only finds out a nonce.
pub(super) fn opening(method: Method) -> Vec<u8> {
    Message::builder_request(method, MessageWriteVec::new()).finish()
}

/// A client's request once more, with `attributes` and nothing else, signed for a server that gave another nonce.
pub(super) fn retold(
    request: &Message<'_>,
    attributes: &[&dyn AttributeWrite],
    user: &User,
    nonce: &str,
) -> Result<Vec<u8>, StunWriteError> {
    let mut told = request_of(request.method(), request.transaction_id());
    for attribute in attributes {
        told.add_attribute(*attribute)?;
    }
    told.add_attribute(&Username::new(&user.name)?)?;
    told.add_attribute(&Realm::new(REALM)?)?;
    told.add_attribute(&Nonce::new(nonce)?)?;
    told.add_message_integrity_with_key(&user.key, IntegrityAlgorithm::Sha1)?;
    Ok(told.finish())
}

fn request_of(method: Method, transaction: TransactionId) -> MessageWriteVec {
    let kind = MessageType::from_class_method(MessageClass::Request, method);
    Message::builder(kind, transaction, MessageWriteVec::new())
}

/// What a request must be understood by but is not, given what its method knows beside the credentials.
pub(super) fn not_understood(request: &Message<'_>, known: &[AttributeType]) -> Vec<AttributeType> {
    const CREDENTIALS: [AttributeType; 6] = [
        Username::TYPE,
        Realm::TYPE,
        Nonce::TYPE,
        MessageIntegrity::TYPE,
        MessageIntegritySha256::TYPE,
        Fingerprint::TYPE,
    ];
    request
        .iter_attributes()
        .map(|(_, attribute)| attribute.get_type())
        .filter(|kind| {
            kind.comprehension_required() && !CREDENTIALS.contains(kind) && !known.contains(kind)
        })
        .collect()
}
