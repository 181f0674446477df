//! The sockets of TURN: UDP, TCP and TLS. What is relayed goes to the rooms' threads and comes from them as if it had been on
//! a socket of its own, and never is on one.

mod certificate;
mod datagrams;
mod streams;

use std::{io, net::IpAddr, sync::Arc};

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{address::wildcard, clock, listen::NetError, shard::Router, tcp, udp::UdpSockets};
use crate::{
    config::{CertificateFiles, TlsEnd, Turn},
    ground::Now,
    peer::{Datagram, Route, Transport},
    turn::{Door, Passed},
};

/// Open ports of TURN that nobody serves yet.
#[derive(Default)]
pub(super) struct TurnSockets {
    udp: UdpSockets,
    tcp: Vec<TcpListener>,
    tls: Vec<TcpListener>,
    files: Option<CertificateFiles>,
    proxied: bool,
}

impl TurnSockets {
    /// Opens what can be opened: most people do without TURN, nobody does without media.
    pub(super) fn bind(config: &Turn) -> Self {
        let mut sockets = Self::default();
        let Self { udp, tcp, tls, .. } = &mut sockets;
        if let Some(port) = config.port {
            bind_each("turn.udp_port", &config.bind_addresses, |ip| {
                udp.bind(ip, port)?;
                tcp::bind(tcp, ip, udp.port())
            });
        }
        if let Some(of) = &config.tls {
            let addresses = if of.bind_addresses.is_empty() {
                &config.bind_addresses
            } else {
                &of.bind_addresses
            };
            bind_each("turn.tls_port", addresses, |ip| tcp::bind(tls, ip, of.port));
            match &of.end {
                TlsEnd::Here(files) => sockets.files = Some(files.clone()),
                TlsEnd::InFront { .. } => sockets.proxied = true,
            }
        }
        sockets
    }

    /// The number of the UDP and TCP ports that are open.
    pub(super) fn port(&self) -> Option<u16> {
        Some(self.udp.port()).filter(|_| !self.tcp.is_empty())
    }

    /// Whether TLS has a port.
    pub(super) fn has_tls(&self) -> bool {
        !self.tls.is_empty()
    }

    /// Serves them until `shutdown`.
    pub(super) fn serve<M: Send + 'static>(
        self,
        door: &Arc<Door>,
        router: &Router<M>,
        shutdown: &CancellationToken,
    ) {
        for port in self.udp.iter() {
            tokio::spawn(datagrams::serve(
                port.clone(),
                door.clone(),
                router.clone(),
                shutdown.clone(),
            ));
        }
        let seats = streams::seats(self.proxied);
        let tls = self
            .files
            .map(|files| certificate::follow(files, shutdown.clone()));
        let plain = self.tcp.into_iter().map(|listener| (listener, None));
        let tls = self.tls.into_iter().map(|listener| (listener, tls.clone()));
        for (listener, tls) in plain.chain(tls) {
            let turn = streams::Turn {
                door: door.clone(),
                router: router.clone(),
                tls,
            };
            tokio::spawn(streams::accept(
                listener,
                seats.clone(),
                turn,
                shutdown.clone(),
            ));
        }
    }
}

/// Binds what can be bound; everywhere, where no address is named.
fn bind_each(
    key: &str,
    addresses: &[IpAddr],
    mut bind: impl FnMut(IpAddr) -> Result<(), NetError>,
) {
    let everywhere = [wildcard(false), wildcard(true)];
    let named = !addresses.is_empty();
    for ip in if named { addresses } else { &everywhere } {
        match bind(*ip) {
            // A machine without IPv6.
            Err(NetError::Bind { source, .. })
                if !named && ip.is_ipv6() && source.kind() != io::ErrorKind::AddrInUse => {}
            Err(error) => tracing::warn!("no TURN there: {key}: {error}"),
            Ok(()) => {}
        }
    }
}

/// What TLS is served with; it changes under the connections to come.
type Tls = Arc<ServerConfig>;

fn now() -> Now {
    Now {
        instant: clock::now(),
        system: clock::wall_clock(),
    }
}

/// Hands what a client sent to the rooms' threads; what goes back to the client is returned.
fn relay<M>(passed: Passed, door: &Door, router: &mut Router<M>, now: Now) -> Option<Vec<u8>> {
    match passed {
        Passed::ToClient(reply) => Some(reply),
        Passed::ToPeer {
            relayed,
            peer,
            payload,
        } => {
            door.relays().traffic().bytes_in.add(payload.len() as u64);
            router.route(Datagram {
                route: Route {
                    transport: Transport::Udp,
                    local: peer,
                    remote: relayed,
                },
                payload,
                received: now.instant,
            });
            None
        }
    }
}
