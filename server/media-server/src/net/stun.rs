//! Asks STUN servers from where they see this machine (RFC 8489, binding). It must not know what for.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use stun_types::{
    attribute::XorMappedAddress,
    message::{BINDING, Message, MessageWriteVec, TransactionId},
    prelude::MessageWrite,
};
use thiserror::Error;
use tokio::{
    net::{UdpSocket, lookup_host},
    sync::watch,
    time::{sleep, timeout},
};

use super::address::useful;

/// The official server's own, asked where none is named.
const STUN_SERVERS: [&str; 2] = ["stun.l.google.com:19302", "stun1.l.google.com:19302"];
/// A server that is slow must not hold up the start for long.
const PATIENCE: Duration = Duration::from_secs(2);
/// A router may get another address.
const ASK_EVERY: Duration = Duration::from_secs(30);
/// A network may come late.
const ASK_UNSEEN_EVERY: Duration = Duration::from_secs(2);
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

/// The address from which the first of these servers sees this machine that answers; of LiveKit's own, where there are
/// none. They are asked from a port of its own: routers give each another port, but all the same address.
///
/// IPv6 is asked over where IPv4 leads nowhere: there, too, an address may be translated.
pub async fn external_ip(servers: &[String]) -> Option<IpAddr> {
    let over = |ip: IpAddr| async move {
        let socket = UdpSocket::bind((ip, 0)).await.ok()?;
        seen_of(&socket, servers).await
    };
    if let Some(seen) = over(Ipv4Addr::UNSPECIFIED.into()).await {
        return Some(seen);
    }
    over(Ipv6Addr::UNSPECIFIED.into()).await
}

async fn seen_of(socket: &UdpSocket, servers: &[String]) -> Option<IpAddr> {
    let named = servers.iter().map(String::as_str);
    let usual = STUN_SERVERS.into_iter().filter(|_| servers.is_empty());
    for server in named.chain(usual) {
        match binding(socket, server, PATIENCE).await {
            Ok(seen) if useful(&seen.ip()) => return Some(seen.ip()),
            Ok(seen) => tracing::debug!(server, %seen, "a STUN server sees nothing of use"),
            Err(error) => tracing::debug!(server, %error, "a STUN server does not answer"),
        }
    }
    None
}

/// [`external_ip`], asked again and again until the last receiver is dropped; `None` while nobody has answered.
pub fn follow_external_ip(servers: Vec<String>) -> watch::Receiver<Option<IpAddr>> {
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        loop {
            // A server that fails for a while changes nothing.
            if let Some(seen) = external_ip(&servers).await {
                sender.send_if_modified(|known| known.replace(seen) != Some(seen));
            }
            let known = sender.borrow().is_some();
            let pause = if known { ASK_EVERY } else { ASK_UNSEEN_EVERY };
            tokio::select! {
                () = sender.closed() => return,
                () = sleep(pause) => {}
            }
        }
    });
    receiver
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
    let answer = exchange(socket, server, &question, patience).await?;
    let answer = Message::from_bytes(&answer).map_err(|_| StunError::NotStun)?;
    let mapped = answer.attribute::<XorMappedAddress>();
    let mapped = mapped.map_err(|_| StunError::NotStun)?;
    Ok(mapped.addr(answer.transaction_id()))
}

/// The message with which `server` answers `question`, asked up to three times within `patience`; TURN's are of the same form.
pub async fn exchange(
    socket: &UdpSocket,
    server: SocketAddr,
    question: &[u8],
    patience: Duration,
) -> Result<Vec<u8>, StunError> {
    let id = id_of(question).ok_or(StunError::NotStun)?;
    let mut refusal = StunError::Silent;
    for _ in 0..ATTEMPTS {
        if let Err(error) = socket.send_to(question, server).await {
            refusal = error.into();
            continue;
        }
        match timeout(patience / ATTEMPTS, answer(socket, id)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => refusal = error.into(),
            Err(_) => {}
        }
    }
    Err(refusal)
}

fn id_of(message: &[u8]) -> Option<TransactionId> {
    Some(Message::from_bytes(message).ok()?.transaction_id())
}

/// What answers this question; what else comes is passed over.
async fn answer(socket: &UdpSocket, id: TransactionId) -> io::Result<Vec<u8>> {
    let mut buffer = [0; LONGEST];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).await?;
        let bytes = &buffer[..length];
        if id_of(bytes) == Some(id) {
            return Ok(bytes.to_vec());
        }
    }
}
