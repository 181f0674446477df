//! How the packets of a connection travel: which socket, and under which of our addresses a server sees us.

use std::{
    collections::HashMap,
    future::pending,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use str0m::{
    Candidate,
    net::{Protocol, Receive, TcpType},
};
use tokio::{task::JoinHandle, time::timeout};

use super::socket::{self, Tcp, Udp, way_to};
use crate::options::Transport;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Sockets of one connection.
pub(super) struct Wire {
    socket: Socket,
    /// Our candidates that str0m has not been told yet.
    locals: Vec<Candidate>,
}

enum Socket {
    Udp {
        udp: Udp,
        port: u16,
        /// Where packets leave from that go to none of the addresses below.
        default: IpAddr,
        /// Our address on the way to each of the server's.
        ways: HashMap<IpAddr, IpAddr>,
    },
    Tcp {
        candidates: Vec<SocketAddr>,
        connecting: Option<JoinHandle<io::Result<Tcp>>>,
        tcp: Option<Tcp>,
    },
}

/// A packet whose bytes are in the buffer.
pub(super) struct Arrived {
    length: usize,
    protocol: Protocol,
    source: SocketAddr,
    destination: SocketAddr,
}

impl Arrived {
    /// What str0m makes of it; none for what is no WebRTC.
    pub fn parse<'a>(&self, buffer: &'a [u8]) -> Option<Receive<'a>> {
        let bytes = buffer.get(..self.length)?;
        Receive::new(self.protocol, self.source, self.destination, bytes).ok()
    }
}

impl Wire {
    pub async fn open(local: IpAddr, transport: Transport) -> io::Result<Self> {
        match transport {
            Transport::Udp => {
                let udp = socket::bind().await?;
                let port = udp.port()?;
                Ok(Self {
                    locals: host(SocketAddr::new(local, port)).into_iter().collect(),
                    socket: Socket::Udp {
                        udp,
                        port,
                        default: local,
                        ways: HashMap::new(),
                    },
                })
            }
            Transport::Tcp => Ok(Self {
                locals: Vec::new(),
                socket: Socket::Tcp {
                    candidates: Vec::new(),
                    connecting: None,
                    tcp: None,
                },
            }),
        }
    }

    /// Finds our addresses on the way to the server's candidates, or connects to them.
    pub async fn learn(&mut self, remotes: &[Candidate]) {
        match &mut self.socket {
            Socket::Udp {
                port,
                default,
                ways,
                ..
            } => {
                for remote in remotes
                    .iter()
                    .filter(|remote| remote.proto() == Protocol::Udp)
                {
                    let address = remote.addr();
                    if ways.contains_key(&address.ip()) {
                        continue;
                    }
                    let Some(local) = way_to(address).await else {
                        continue;
                    };
                    if local != *default && ways.values().all(|known| *known != local) {
                        self.locals.extend(host(SocketAddr::new(local, *port)));
                    }
                    ways.insert(address.ip(), local);
                }
            }
            Socket::Tcp {
                candidates,
                connecting,
                tcp,
            } => {
                let before = candidates.len();
                for remote in remotes {
                    if remote.proto() == Protocol::Tcp
                        && remote.tcptype() != Some(TcpType::Active)
                        && !candidates.contains(&remote.addr())
                    {
                        candidates.push(remote.addr());
                    }
                }
                if tcp.is_none() && (connecting.is_none() || candidates.len() > before) {
                    connect(candidates, connecting);
                }
            }
        }
    }

    /// What is open is of no use any more: connects again.
    pub fn renew(&mut self) {
        if let Socket::Tcp {
            candidates,
            connecting,
            tcp,
        } = &mut self.socket
        {
            *tcp = None;
            connect(candidates, connecting);
        }
    }

    pub fn take_locals(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.locals)
    }

    pub fn send(&self, packet: &[u8], to: SocketAddr) {
        match &self.socket {
            Socket::Udp { udp, .. } => udp.send(packet, to),
            Socket::Tcp { tcp, .. } => {
                if let Some(tcp) = tcp.as_ref().filter(|tcp| tcp.remote == to) {
                    tcp.send(packet);
                }
            }
        }
    }

    /// The next packet, into `buffer`; none when there is news for [`Wire::take_locals`]. Safe to drop.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<Arrived>> {
        match &mut self.socket {
            Socket::Udp {
                udp,
                port,
                default,
                ways,
            } => {
                let (length, source) = udp.receive(buffer).await?;
                let local = ways.get(&source.ip()).unwrap_or(default);
                Ok(Some(Arrived {
                    length,
                    protocol: Protocol::Udp,
                    source,
                    destination: SocketAddr::new(*local, *port),
                }))
            }
            Socket::Tcp {
                tcp: Some(open), ..
            } => match open.receive().await {
                Ok(packet) => {
                    let length = packet.len().min(buffer.len());
                    buffer[..length].copy_from_slice(&packet[..length]);
                    Ok(Some(Arrived {
                        length,
                        protocol: Protocol::Tcp,
                        source: open.remote,
                        destination: open.local,
                    }))
                }
                Err(error) => {
                    self.renew();
                    Err(error)
                }
            },
            Socket::Tcp {
                connecting, tcp, ..
            } => {
                let Some(attempt) = connecting else {
                    return pending().await;
                };
                let connected = attempt.await;
                *connecting = None;
                let open = connected.map_err(io::Error::other)??;
                let candidate = Candidate::builder()
                    .tcp()
                    .host(open.local)
                    .tcptype(TcpType::Active)
                    .build();
                self.locals.extend(candidate);
                *tcp = Some(open);
                Ok(None)
            }
        }
    }
}

fn host(address: SocketAddr) -> Option<Candidate> {
    Candidate::host(address, "udp").ok()
}

/// The first of the candidates that answers.
fn connect(candidates: &[SocketAddr], connecting: &mut Option<JoinHandle<io::Result<Tcp>>>) {
    if let Some(attempt) = connecting.take() {
        attempt.abort();
    }
    if candidates.is_empty() {
        return;
    }
    let candidates = candidates.to_vec();
    *connecting = Some(tokio::spawn(async move {
        let mut last = io::ErrorKind::NotFound.into();
        for candidate in candidates {
            match timeout(CONNECT_WITHIN, Tcp::connect(candidate)).await {
                Ok(Ok(tcp)) => return Ok(tcp),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }));
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Socket::Tcp {
            connecting: Some(attempt),
            ..
        } = &self.socket
        {
            attempt.abort();
        }
    }
}
