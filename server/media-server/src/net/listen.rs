//! Opens the media ports and starts what serves them: worker threads, the UDP reader, the TCP listener.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::address::wildcard;
use super::announce::{AddressConfig, Announced, Candidates};
use super::core::Core;
use super::shard::{self, Directory, Shard};
use super::tcp::{self, TcpConnections};
use super::turn::TurnSockets;
use super::udp::UdpSockets;
use crate::config::Turn;
use crate::turn::Door;

/// Where media is served.
#[derive(Clone)]
pub struct NetConfig {
    /// What is told to clients.
    pub addresses: AddressConfig,
    /// `rtc.udp_port`; 0 takes any.
    pub udp_port: u16,
    /// `rtc.second_udp_port`: done without where it is not to be had.
    pub second_udp_port: Option<u16>,
    /// `rtc.tcp_port`; 0 takes any, `None` serves no ICE-TCP.
    pub tcp_port: Option<u16>,
    /// The TURN server in here.
    pub turn: Option<Turn>,
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
pub struct Listeners {
    config: AddressConfig,
    public: Option<IpAddr>,
    announced: Announced,
    udp: UdpSockets,
    second_udp_port: Option<u16>,
    tcp: Vec<tokio::net::TcpListener>,
    turn: Option<TurnSockets>,
}

impl Listeners {
    /// Opens the ports. Must be called within a tokio runtime.
    pub async fn bind(config: &NetConfig) -> Result<Self, NetError> {
        let (addresses, public) = config
            .addresses
            .find()
            .await
            .map_err(NetError::Interfaces)?;
        let fixed = !config.addresses.node_ips.is_empty();
        let (mut udp, mut tcp) = (UdpSockets::default(), Vec::new());
        for ipv6 in [false, true] {
            // Addresses that are found may be others tomorrow: the socket takes them all.
            let ip = if fixed {
                addresses.bind(ipv6)
            } else {
                Some(wildcard(ipv6))
            };
            let Some(ip) = ip else { continue };
            match bind_both(ip, config, &mut udp, &mut tcp) {
                // A machine without IPv6.
                Err(NetError::Bind { source, .. }) if ipv6 && !fixed && !is_taken(&source) => {}
                bound => bound?,
            }
        }
        let second = config.second_udp_port;
        let second_udp_port = second.filter(|port| match udp.bind_second(*port) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!("media goes without its second UDP port: {error}");
                false
            }
        });
        let turn = config.turn.as_ref().map(TurnSockets::bind);
        tracing::info!(addresses = ?addresses.advertised(), "media is announced");
        Ok(Self {
            config: config.addresses.clone(),
            public,
            announced: Announced::new(addresses),
            udp,
            second_udp_port,
            tcp,
            turn,
        })
    }

    /// What to offer to clients.
    pub fn candidates(&self) -> Candidates {
        let udp = (self.udp.port(), self.second_udp_port);
        Candidates::new(self.announced.clone(), udp, self.tcp_port())
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

    /// The UDP and TCP port of TURN that was taken.
    pub fn turn_port(&self) -> Option<u16> {
        self.turn.as_ref()?.port()
    }

    /// Whether there is TURN over TLS.
    pub fn has_turn_tls(&self) -> bool {
        self.turn.as_ref().is_some_and(TurnSockets::has_tls)
    }

    /// Starts one worker thread per core made by `make` (which gets the shard's number) and serves the ports until
    /// `shutdown`, those of TURN to whom `door` lets in. A worker that panics cancels `shutdown`: half a server is worse than a restart.
    pub fn start<C>(
        self,
        shards: u8,
        shutdown: &CancellationToken,
        door: &Arc<Door>,
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
                self.announced.clone(),
                self.udp.clone(),
                connections.clone(),
                directory.clone(),
                door.relays().clone(),
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
                self.announced.clone(),
                router.clone(),
                shutdown.clone(),
            ));
        }
        for listener in self.tcp {
            tokio::spawn(tcp::accept(
                listener,
                self.announced.clone(),
                connections.clone(),
                router.clone(),
                shutdown.clone(),
            ));
        }
        if let Some(turn) = self.turn {
            turn.serve(door, &router, shutdown);
        }
        if self.config.node_ips.is_empty() {
            tokio::spawn(
                self.announced
                    .follow(self.config, self.public, shutdown.clone()),
            );
        }
        Ok(handles)
    }
}

fn bind_both(
    ip: IpAddr,
    config: &NetConfig,
    udp: &mut UdpSockets,
    tcp: &mut Vec<tokio::net::TcpListener>,
) -> Result<(), NetError> {
    udp.bind(ip, config.udp_port)?;
    if let Some(port) = config.tcp_port {
        tcp::bind(tcp, ip, port)?;
    }
    Ok(())
}

fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}
