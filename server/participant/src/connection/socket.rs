//! The bytes of one peer connection: a UDP socket for all addresses, or one TCP connection with RFC 4571's framing.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream, UdpSocket,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

/// The longest packet that is read.
pub(super) const LONGEST: usize = 2_000;
/// Packets that wait for a slow TCP connection; more are lost, as on any network.
const TCP_QUEUE: usize = 512;

/// Keyframes of many tracks come at once: what does not fit is lost, and asked for again.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Binds one port for both families; IPv4 alone where there is no IPv6.
pub(super) async fn bind() -> io::Result<Udp> {
    let (socket, both) = match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await {
        Ok(socket) => (socket, true),
        Err(_) => (UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?, false),
    };
    // The system gives what it allows.
    let _ = SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER);
    Ok(Udp { socket, both })
}

/// A UDP socket.
pub(super) struct Udp {
    socket: UdpSocket,
    /// An IPv6 socket that speaks IPv4 as well.
    both: bool,
}

impl Udp {
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// A full socket buffer is a lost packet, as on any network.
    pub fn send(&self, packet: &[u8], to: SocketAddr) {
        let to = match to {
            SocketAddr::V4(to) if self.both => (to.ip().to_ipv6_mapped(), to.port()).into(),
            other => other,
        };
        let _ = self.socket.try_send_to(packet, to);
    }

    pub async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (length, from) = self.socket.recv_from(buffer).await?;
        Ok((
            length,
            SocketAddr::new(from.ip().to_canonical(), from.port()),
        ))
    }
}

/// The address from which packets to `remote` leave; nothing is sent to find out.
pub(super) async fn way_to(remote: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match remote {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(remote).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// A TCP connection to a server's passive candidate. A task writes, so that a slow connection delays nobody.
pub(super) struct Tcp {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    reading: OwnedReadHalf,
    packets: mpsc::Sender<Vec<u8>>,
    /// What has arrived of the packet that is being read, length first.
    partial: Vec<u8>,
}

impl Tcp {
    pub async fn connect(remote: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(remote).await?;
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        let (reading, writing) = stream.into_split();
        let (packets, outgoing) = mpsc::channel(TCP_QUEUE);
        tokio::spawn(write_all(writing, outgoing));
        Ok(Self {
            local,
            remote,
            reading,
            packets,
            partial: Vec::new(),
        })
    }

    pub fn send(&self, packet: &[u8]) {
        let Ok(length) = u16::try_from(packet.len()) else {
            return;
        };
        let mut framed = Vec::with_capacity(packet.len() + 2);
        framed.extend(length.to_be_bytes());
        framed.extend(packet);
        // A full queue is a lost packet, and a dead connection is noticed by ICE.
        let _ = self.packets.try_send(framed);
    }

    /// The next packet. Safe to drop between two calls.
    pub async fn receive(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let [high, low, rest @ ..] = self.partial.as_slice() {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if let Some(packet) = rest.get(..length) {
                    let packet = packet.to_vec();
                    self.partial.drain(..length + 2);
                    return Ok(packet);
                }
            }
            if self.reading.read_buf(&mut self.partial).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

async fn write_all(mut writing: OwnedWriteHalf, mut packets: mpsc::Receiver<Vec<u8>>) {
    while let Some(packet) = packets.recv().await {
        if writing.write_all(&packet).await.is_err() {
            return;
        }
    }
}
