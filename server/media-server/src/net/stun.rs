//! Asks STUN servers from where they see a socket of this machine (RFC 8489, binding). It must not know what for.

use std::{io, net::SocketAddr, time::Duration};

use stun_types::{
    attribute::XorMappedAddress,
    message::{BINDING, Message, MessageWriteVec, TransactionId},
    prelude::MessageWrite,
};
use thiserror::Error;
use tokio::{
    net::{UdpSocket, lookup_host},
    time::timeout,
};

/// Datagrams are lost.
const ATTEMPTS: u32 = 3;
/// No answer that is read here is longer.
const LONGEST: usize = 1500;

/// Why a server did not say from where it sees a socket.
#[derive(Debug, Error)]
pub enum StunError {
    /// Its name leads nowhere, or the question could not be sent.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nobody there speaks the socket's family of addresses.
    #[error("it has no address that this socket reaches")]
    OtherFamily,
    /// Nothing came in time.
    #[error("no answer")]
    Silent,
    /// What came is not an answer to a binding request.
    #[error("it is no STUN server")]
    NotStun,
}

/// The address and port from which `server` (`host:port`) sees `socket`, asked up to three times within `patience`.
pub async fn binding(
    socket: &UdpSocket,
    server: &str,
    patience: Duration,
) -> Result<SocketAddr, StunError> {
    let asked = timeout(patience, lookup_host(server)).await;
    let mut found = asked.map_err(|_| StunError::Silent)??;
    let ipv4 = socket.local_addr()?.is_ipv4();
    let server = found.find(|address| address.is_ipv4() == ipv4);
    let server = server.ok_or(StunError::OtherFamily)?;
    let question = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
    let id = id_of(&question).ok_or(StunError::NotStun)?;
    for _ in 0..ATTEMPTS {
        socket.send_to(&question, server).await?;
        match timeout(patience / ATTEMPTS, answer(socket, id)).await {
            Ok(answered) => return answered,
            Err(_) => {}
        }
    }
    Err(StunError::Silent)
}

fn id_of(message: &[u8]) -> Option<TransactionId> {
    Some(Message::from_bytes(message).ok()?.transaction_id())
}

/// What answers this question; what else comes is passed over.
async fn answer(socket: &UdpSocket, id: TransactionId) -> Result<SocketAddr, StunError> {
    let mut buffer = [0; LONGEST];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).await?;
        let Ok(message) = Message::from_bytes(&buffer[..length]) else {
            continue;
        };
        if message.transaction_id() == id {
            let mapped = message.attribute::<XorMappedAddress>();
            let mapped = mapped.map_err(|_| StunError::NotStun)?;
            return Ok(mapped.addr(id));
        }
    }
}
