//! ICE-TCP, passive side: RFC 4571 frames over accepted connections. A client that reads too slowly is dropped, never
//! waited for.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::address::Addresses;
use super::listen::NetError;
use super::route::{Datagram, Route, Transport};
use super::shard::Router;

/// No WebRTC datagram is larger.
const MAX_FRAME: usize = 2048;
/// Frames that may wait for a client's socket: a second or two of video.
const MAX_WAITING: usize = 512;
/// Connections at a time.
const MAX_CONNECTIONS: usize = 4096;
/// A client says something every few seconds (consent checks), and its first word soon.
const SILENCE: Duration = Duration::from_secs(30);

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

pub(super) fn bind(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, NetError> {
    let mut listeners = Vec::new();
    let mut port = port;
    for ip in addresses {
        let address = SocketAddr::new(*ip, port);
        let (listener, taken) = listen(address).map_err(|source| NetError::Bind {
            protocol: "tcp",
            address,
            source,
        })?;
        port = taken;
        listeners.push(listener);
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, u16)> {
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
    let listener = TcpListener::from_std(socket.into())?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Accepts connections until shutdown.
pub(super) async fn accept<M: Send + 'static>(
    listener: TcpListener,
    addresses: Arc<Addresses>,
    connections: TcpConnections,
    router: Router<M>,
    shutdown: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
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
        let Ok(permit) = permits.clone().try_acquire_owned() else {
            continue;
        };
        let Some(route) = route_of(&stream, remote, &addresses) else {
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
            drop(permit);
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
    loop {
        let payload = tokio::time::timeout(SILENCE, read_frame(&mut reader)).await??;
        router.route(Datagram {
            route,
            payload,
            received: Instant::now(),
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
