//! The UDP port: many datagrams per system call in both directions, and the local address of each.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio_util::sync::CancellationToken;

use super::announce::Announced;
use super::clock;
use super::listen::NetError;
use super::shard::Router;
use crate::peer::{Datagram, Route, Transport};
use crate::turn::is_relayed;

/// Bursts of keyframes to many subscribers must fit; the kernel caps it to its own limit.
const SOCKET_BUFFER: usize = 4 << 20;
/// No WebRTC datagram is larger.
const MAX_DATAGRAM: usize = 2048;

/// One socket per address family, and one more each where there is a second port.
#[derive(Debug, Clone, Default)]
pub(super) struct UdpSockets(Vec<Arc<UdpPort>>);

/// A bound socket with what the kernel offers for it.
#[derive(Debug)]
pub(super) struct UdpPort {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
}

impl UdpSockets {
    /// One more socket; port 0 takes that of the first.
    pub(super) fn bind(&mut self, ip: IpAddr, port: u16) -> Result<(), NetError> {
        let port = if port == 0 { self.port() } else { port };
        let address = SocketAddr::new(ip, port);
        let bound = UdpPort::bind(address).map_err(|source| NetError::Bind {
            protocol: "udp",
            address,
            source,
        })?;
        self.0.push(Arc::new(bound));
        Ok(())
    }

    /// The same addresses on another port; all of them, or none.
    pub(super) fn bind_second(&mut self, port: u16) -> Result<(), NetError> {
        let first = self.0.len();
        for index in 0..first {
            let Some(ip) = self.0.get(index).map(|socket| socket.local.ip()) else {
                break;
            };
            if let Err(error) = self.bind(ip, port) {
                self.0.truncate(first);
                return Err(error);
            }
        }
        Ok(())
    }

    pub(super) fn port(&self) -> u16 {
        self.0.first().map_or(0, |socket| socket.local.port())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<UdpPort>> {
        self.0.iter()
    }

    /// The socket for a peer's address family that the peer knows by this port.
    pub(super) fn towards(&self, remote: SocketAddr, port: u16) -> Option<&UdpPort> {
        let leads = |local: SocketAddr| local.is_ipv6() == remote.is_ipv6() && local.port() == port;
        let found = self.0.iter().find(|socket| leads(socket.local))?;
        Some(found)
    }
}

impl UdpPort {
    fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_recv_buffer_size(SOCKET_BUFFER)?;
        socket.set_send_buffer_size(SOCKET_BUFFER)?;
        socket.bind(&address.into())?;
        let socket = UdpSocket::from(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let local = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            local,
        })
    }

    /// How many equal datagrams to one destination a single [`UdpPort::send`] takes.
    pub(super) fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Sends one datagram, or several of `segment` bytes each (the last may be shorter) laid end to end.
    pub(super) fn send(
        &self,
        destination: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment: Option<usize>,
    ) -> io::Result<()> {
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size: segment,
            src_ip: source,
        };
        self.state
            .try_send(UdpSockRef::from(&self.socket), &transmit)
    }

    /// Reads this port from within a tokio runtime.
    pub(super) fn reader(self: &Arc<Self>) -> io::Result<Reader> {
        let size = MAX_DATAGRAM * self.state.gro_segments();
        Ok(Reader {
            ready: tokio::net::UdpSocket::from_std(self.socket.try_clone()?)?,
            port: self.clone(),
            // Each fresh from the system, not a copy of the first: megabytes that take no memory until they are received into.
            buffers: (0..BATCH_SIZE).map(|_| vec![0; size]).collect(),
        })
    }

    /// Reads media until shutdown.
    pub(super) async fn read(
        self: Arc<Self>,
        announced: Announced,
        mut router: Router<impl Send + 'static>,
        shutdown: CancellationToken,
    ) {
        let mut reader = match self.reader() {
            Ok(reader) => reader,
            Err(error) => {
                tracing::error!(%error, "cannot read the UDP port");
                shutdown.cancel();
                return;
            }
        };
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                readable = reader.readable() => if readable.is_err() { return },
            }
            let now = clock::now();
            let addresses = announced.now();
            reader.read(|remote, destination, payload| {
                let Some(candidate) = addresses.candidate(destination) else {
                    return;
                };
                let local = SocketAddr::new(candidate, self.local.port());
                router.route(Datagram {
                    route: Route {
                        transport: Transport::Udp,
                        local,
                        remote,
                    },
                    payload: payload.to_vec(),
                    received: now,
                });
            });
            router.flush();
        }
    }
}

/// The reading side of a port.
pub(super) struct Reader {
    ready: tokio::net::UdpSocket,
    port: Arc<UdpPort>,
    buffers: Vec<Vec<u8>>,
}

impl Reader {
    /// Waits for datagrams.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.ready.readable().await
    }

    /// Hands over those that are there, each with its sender and the address of ours that it came to.
    pub(super) fn read(&mut self, mut each: impl FnMut(SocketAddr, IpAddr, &[u8])) {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut slices: Vec<IoSliceMut<'_>> = self
            .buffers
            .iter_mut()
            .map(|buffer| IoSliceMut::new(buffer))
            .collect();
        let received = self.ready.try_io(Interest::READABLE, || {
            let socket = UdpSockRef::from(&self.port.socket);
            self.port.state.recv(socket, &mut slices, &mut metas)
        });
        // Not readable after all, or the ICMP error of an earlier datagram, which concerns one client.
        let Ok(count) = received else { return };
        for (buffer, meta) in self.buffers.iter().zip(&metas).take(count) {
            // Whoever writes this as a sender wants to be taken for a client of TURN.
            if is_relayed(meta.addr.ip()) {
                continue;
            }
            let destination = meta.dst_ip.unwrap_or(self.port.local.ip());
            for payload in buffer[..meta.len].chunks(meta.stride.max(1)) {
                each(meta.addr, destination, payload);
            }
        }
    }
}
