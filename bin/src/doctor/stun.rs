//! Asks STUN servers what they see of this machine, and TURN servers whether they are there.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use doctor::facts::{Addresses, Configured, TurnWay};
use http_edge::outbound::Trust;
use media_server::net::stun;
use rustls::pki_types::ServerName;
use stun_types::{
    attribute::Realm,
    message::{Message, MessageWriteVec, Method},
    prelude::MessageWrite,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// TURN's method (RFC 8656, 17).
const ALLOCATE: Method = Method::new(0x0003);
/// Of a message's header.
const HEADER: usize = 20;
/// No answer that is read here is longer.
const LONGEST: usize = 1500;

/// What each of these servers sees of one socket; `None`: none is named.
pub async fn seen_from_outside(
    servers: &[String],
    patience: Duration,
) -> Option<Result<Vec<(IpAddr, u16)>, String>> {
    if servers.is_empty() {
        return None;
    }
    let socket = match UdpSocket::bind("0.0.0.0:0").await {
        Ok(socket) => socket,
        Err(error) => return Some(Err(error.to_string())),
    };
    let (mut seen, mut refusals) = (Vec::new(), Vec::new());
    for server in servers {
        match stun::binding(&socket, server, patience).await {
            Ok(address) => seen.push((address.ip(), address.port())),
            Err(why) => refusals.push(format!("{server}: {why}")),
        }
    }
    Some(if seen.is_empty() {
        Err(refusals.join("; "))
    } else {
        Ok(seen)
    })
}

fn question() -> Vec<u8> {
    Message::builder_request(ALLOCATE, MessageWriteVec::new()).finish()
}

/// Tries the ports of the TURN server where this machine reaches them; none while the site does not run.
pub async fn ways(
    configured: &Configured,
    addresses: &Addresses,
    runs: bool,
    patience: Duration,
) -> Vec<TurnWay> {
    if !runs || configured.external || !configured.turn || configured.turn_udp == 0 {
        return Vec::new();
    }
    let own = addresses.announced.filter(|ip| addresses.own.contains(ip));
    let ip = own.or(addresses.outbound);
    let ip = ip.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    let at = SocketAddr::new(ip, configured.turn_udp);
    let way = |transport, answered| TurnWay {
        transport,
        at: at.to_string(),
        key: "livekit.turn.udp_port",
        answered,
    };
    let (udp, tcp) = tokio::join!(over_udp(at, patience), over_tcp(at, patience));
    vec![way("UDP", udp), way("TCP", tcp)]
}

/// The realm that it asks for.
async fn over_udp(server: SocketAddr, patience: Duration) -> Result<String, String> {
    let any = if server.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).await;
    let socket = socket.map_err(|error| error.to_string())?;
    let answer = stun::exchange(&socket, server, &question(), patience).await;
    realm(&answer.map_err(|error| error.to_string())?)
}

async fn over_tcp(server: SocketAddr, patience: Duration) -> Result<String, String> {
    let asked = async {
        let stream = TcpStream::connect(server).await?;
        on_stream(stream).await
    };
    let answered = timeout(patience, asked).await;
    let answer = answered.map_err(|_| "no answer".to_owned())?;
    realm(&answer.map_err(|error| error.to_string())?)
}

/// Whether a TURN server answers inside of TLS; a proxy for HTTP does not.
pub async fn over_tls(server: (&str, u16), name: &str, patience: Duration) -> Result<(), String> {
    let config = Trust::Everybody.client_config();
    let config = config.map_err(|error| error.to_string())?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let asked = async {
        let stream = TcpStream::connect(server).await?;
        on_stream(connector.connect(name, stream).await?).await
    };
    let answered = timeout(patience, asked).await;
    let answer = answered.map_err(|_| "no answer".to_owned())?;
    let answer = answer.map_err(|error| error.to_string())?;
    realm(&answer).map(drop)
}

async fn on_stream(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<Vec<u8>> {
    stream.write_all(&question()).await?;
    stream.flush().await?;
    let mut answer = vec![0; HEADER];
    stream.read_exact(&mut answer).await?;
    if answer[0] >= 4 {
        return Err(std::io::Error::other("it speaks HTTP, not TURN"));
    }
    let length = usize::from(u16::from_be_bytes([answer[2], answer[3]]));
    answer.resize(HEADER + length.min(LONGEST), 0);
    stream.read_exact(&mut answer[HEADER..]).await?;
    Ok(answer)
}

fn realm(answer: &[u8]) -> Result<String, String> {
    let answer = Message::from_bytes(answer).map_err(|error| error.to_string())?;
    let realm = answer.attribute::<Realm>();
    let realm = realm.map_err(|_| "it is no TURN server".to_owned())?;
    Ok(realm.realm().to_owned())
}
