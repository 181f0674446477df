//! Opens the media ports and starts what serves them: worker threads, the UDP reader, the TCP listener.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::address::Addresses;
use super::core::Core;
use super::shard::{self, Directory, Shard};
use super::tcp::{self, TcpConnections};
use super::udp::UdpSockets;
use crate::peer::LocalCandidate;

/// Where media is served.
#[derive(Debug, Clone)]
pub struct NetConfig {
    /// `rtc.node_ip`: the address clients reach this machine at.
    pub node_ip: Option<IpAddr>,
    /// `rtc.enable_loopback_candidate`.
    pub loopback: bool,
    /// `rtc.udp_port`; 0 takes any.
    pub udp_port: u16,
    /// `rtc.tcp_port`; 0 takes any, `None` serves no ICE-TCP.
    pub tcp_port: Option<u16>,
}

/// A media port cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The port is taken, or not ours to take.
    #[error("cannot listen on {protocol} {address}: {source}")]
    Bind {
        /// `udp` or `tcp`.
        protocol: &'static str,
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The network interfaces cannot be listed.
    #[error("cannot list network interfaces: {0}")]
    Interfaces(io::Error),
    /// A worker thread cannot be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(io::Error),
}

/// Open media ports that nobody serves yet.
#[derive(Debug)]
pub struct Listeners {
    addresses: Arc<Addresses>,
    udp: UdpSockets,
    tcp: Vec<tokio::net::TcpListener>,
}

impl Listeners {
    /// Opens the ports. Must be called within a tokio runtime.
    pub fn bind(config: &NetConfig) -> Result<Self, NetError> {
        let interfaces: Vec<IpAddr> = if_addrs::get_if_addrs()
            .map_err(NetError::Interfaces)?
            .iter()
            .map(if_addrs::Interface::ip)
            .collect();
        let addresses = Arc::new(Addresses::choose(
            config.node_ip,
            &interfaces,
            config.loopback,
        ));
        let bind: Vec<IpAddr> = [false, true]
            .into_iter()
            .filter_map(|ipv6| addresses.bind(ipv6))
            .collect();
        let udp = UdpSockets::bind(&bind, config.udp_port)?;
        let tcp = match config.tcp_port {
            Some(port) => tcp::bind(&bind, port)?,
            None => Vec::new(),
        };
        Ok(Self {
            addresses,
            udp,
            tcp,
        })
    }

    /// What to offer to clients.
    pub fn candidates(&self) -> Vec<LocalCandidate> {
        let udp = self.udp.port();
        let advertised = self.addresses.advertised();
        let mut candidates: Vec<_> = advertised
            .iter()
            .map(|ip| LocalCandidate::Udp(SocketAddr::new(*ip, udp)))
            .collect();
        if let Some(tcp) = self.tcp_port() {
            candidates.extend(
                advertised
                    .iter()
                    .map(|ip| LocalCandidate::TcpPassive(SocketAddr::new(*ip, tcp))),
            );
        }
        candidates
    }

    /// The UDP port that was taken.
    pub fn udp_port(&self) -> u16 {
        self.udp.port()
    }

    /// The TCP port that was taken.
    pub fn tcp_port(&self) -> Option<u16> {
        self.tcp
            .first()?
            .local_addr()
            .ok()
            .map(|address| address.port())
    }

    /// Starts one worker thread per core made by `make` (which gets the shard's number) and serves the ports until
    /// `shutdown`. A worker that panics cancels `shutdown`: half a server is worse than a restart.
    pub fn start<C>(
        self,
        shards: u8,
        shutdown: &CancellationToken,
        make: impl Fn(u8) -> C,
    ) -> Result<Vec<Shard<C::Command>>, NetError>
    where
        C: Core + Send + 'static,
    {
        let connections = TcpConnections::default();
        let directory = Directory::default();
        let mut handles = Vec::new();
        for number in 0..shards {
            let sender = shard::Sender::new(
                number,
                self.addresses.clone(),
                self.udp.clone(),
                connections.clone(),
                directory.clone(),
            );
            handles.push(
                shard::spawn(number, make(number), sender, shutdown.clone())
                    .map_err(NetError::Thread)?,
            );
        }
        let inboxes: Arc<[_]> = handles.iter().map(Shard::inbox).collect();
        let router = shard::Router::new(inboxes, directory);
        for socket in self.udp.iter() {
            tokio::spawn(socket.clone().read(
                self.addresses.clone(),
                router.clone(),
                shutdown.clone(),
            ));
        }
        for listener in self.tcp {
            tokio::spawn(tcp::accept(
                listener,
                self.addresses.clone(),
                connections.clone(),
                router.clone(),
                shutdown.clone(),
            ));
        }
        Ok(handles)
    }
}
