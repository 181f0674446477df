//! ICE-TCP, passive side: RFC 4571 frames over accepted connections. A client that reads too slowly is dropped, never
//! waited for.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_edge::{Seats, descriptors_for_connections};
use parking_lot::RwLock;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::address::Addresses;
use super::announce::Announced;
use super::clock;
use super::listen::NetError;
use super::shard::Router;
use crate::peer::{Datagram, Route, Transport};

/// No WebRTC datagram is larger.
const MAX_FRAME: usize = 2048;
/// Frames that may wait for a client's socket: a second or two of video.
const MAX_WAITING: usize = 512;
/// Connections at a time.
const MAX_CONNECTIONS: usize = 4096;
/// Connections of one address at a time: each participant has two to four.
const MAX_PER_ADDRESS: usize = 256;
/// A client says something every few seconds (consent checks).
const SILENCE: Duration = Duration::from_secs(30);
/// Its first word comes at once.
const FIRST_WORD: Duration = Duration::from_secs(10);

/// Writers of the open connections, by route.
#[derive(Debug, Clone, Default)]
pub(super) struct TcpConnections(Arc<RwLock<HashMap<Route, Connection>>>);

#[derive(Debug)]
struct Connection {
    frames: mpsc::Sender<Vec<u8>>,
    end: CancellationToken,
}

impl TcpConnections {
    /// Queues a frame; a connection whose queue is full is ended.
    pub(super) fn send(&self, route: &Route, frame: Vec<u8>) {
        let connections = self.0.read();
        if let Some(connection) = connections.get(route)
            && connection.frames.try_send(frame).is_err()
        {
            connection.end.cancel();
        }
    }
}

/// One more listener; port 0 takes that of the first.
pub(super) fn bind(
    listeners: &mut Vec<TcpListener>,
    ip: IpAddr,
    port: u16,
) -> Result<(), NetError> {
    let of_first = listeners.first().and_then(|first| first.local_addr().ok());
    let port = match of_first {
        Some(first) if port == 0 => first.port(),
        _ => port,
    };
    let address = SocketAddr::new(ip, port);
    let listener = listen(address).map_err(|source| NetError::Bind {
        protocol: "tcp",
        address,
        source,
    })?;
    listeners.push(listener);
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Connections of a former process in TIME_WAIT must not keep the port from a restarted one.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(128)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until shutdown.
pub(super) async fn accept<M: Send + 'static>(
    listener: TcpListener,
    announced: Announced,
    connections: TcpConnections,
    router: Router<M>,
    shutdown: CancellationToken,
) {
    let most = MAX_CONNECTIONS.min(descriptors_for_connections() / 2);
    // Proxies carry no ICE-TCP: an address that has many connections is a network, or an attacker.
    let seats = Seats::new(most, MAX_PER_ADDRESS, |_| false);
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, remote)) = accepted else {
            // Out of descriptors: let some close before trying again.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(seat) = seats.take(remote.ip()) else {
            continue;
        };
        let Some(route) = route_of(&stream, remote, &announced.now()) else {
            continue;
        };
        let serve = serve(
            stream,
            route,
            connections.clone(),
            router.clone(),
            shutdown.child_token(),
        );
        tokio::spawn(async move {
            serve.await;
            drop(seat);
        });
    }
}

fn route_of(stream: &TcpStream, remote: SocketAddr, addresses: &Addresses) -> Option<Route> {
    let bound = stream.local_addr().ok()?;
    let local = SocketAddr::new(addresses.candidate(bound.ip())?, bound.port());
    Some(Route {
        transport: Transport::Tcp,
        local,
        remote,
    })
}

async fn serve<M: Send + 'static>(
    stream: TcpStream,
    route: Route,
    connections: TcpConnections,
    router: Router<M>,
    end: CancellationToken,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let (reader, writer) = stream.into_split();
    let (frames, waiting) = mpsc::channel(MAX_WAITING);
    connections.0.write().insert(
        route,
        Connection {
            frames,
            end: end.clone(),
        },
    );
    tokio::select! {
        () = end.cancelled() => {}
        _ = read(reader, route, router) => {}
        _ = write(writer, waiting) => {}
    }
    connections.0.write().remove(&route);
}

async fn read<M>(reader: OwnedReadHalf, route: Route, mut router: Router<M>) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(16 << 10, reader);
    let mut patience = FIRST_WORD;
    loop {
        let payload = tokio::time::timeout(patience, read_frame(&mut reader)).await??;
        patience = SILENCE;
        router.route(Datagram {
            route,
            payload,
            received: clock::now(),
        });
        router.flush();
    }
}

async fn read_frame(reader: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::from(reader.read_u16().await?);
    if length > MAX_FRAME {
        return Err(io::Error::other("frame too large"));
    }
    let mut payload = vec![0; length];
    reader.read_exact(&mut payload).await?;
    Ok(payload)
}

async fn write(mut writer: OwnedWriteHalf, mut waiting: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    let mut bytes = Vec::new();
    while let Some(frame) = waiting.recv().await {
        append(&mut bytes, &frame);
        while let Ok(frame) = waiting.try_recv() {
            append(&mut bytes, &frame);
        }
        writer.write_all(&bytes).await?;
        bytes.clear();
    }
    Ok(())
}

fn append(bytes: &mut Vec<u8>, frame: &[u8]) {
    if let Ok(length) = u16::try_from(frame.len()) {
        bytes.extend(length.to_be_bytes());
        bytes.extend(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::shard::Directory;

    #[tokio::test]
    async fn an_address_has_its_share_of_connections() {
        let listener = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let addresses = Addresses::fixed(&[address.ip()], &[]);
        let router = Router::<()>::new(Arc::new([]), Directory::default());
        tokio::spawn(accept(
            listener,
            Announced::new(addresses),
            TcpConnections::default(),
            router,
            CancellationToken::new(),
        ));
        let mut held = Vec::new();
        for _ in 0..MAX_PER_ADDRESS {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        let mut one_more = TcpStream::connect(address).await.unwrap();
        assert_eq!(one_more.read(&mut [0]).await.unwrap(), 0);
        for connection in &held {
            let nothing = connection.try_read(&mut [0]).unwrap_err();
            assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[tokio::test]
    async fn frames_are_read_one_by_one_and_large_ones_refused() {
        let mut bytes = Vec::new();
        append(&mut bytes, b"one");
        append(&mut bytes, b"");
        append(&mut bytes, b"three");
        bytes.extend([0xff, 0xff, 0]);
        let mut reader = bytes.as_slice();
        assert_eq!(read_frame(&mut reader).await.unwrap(), b"one");
        assert_eq!(read_frame(&mut reader).await.unwrap(), b"");
        assert_eq!(read_frame(&mut reader).await.unwrap(), b"three");
        assert!(read_frame(&mut reader).await.is_err());
    }
}
