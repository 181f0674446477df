//! The sockets of TURN: UDP, TCP and TLS. What is relayed goes to the rooms' threads and comes from them as if it had been on
//! a socket of its own, and never is on one.

mod certificate;
mod datagrams;
mod streams;

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{address::wildcard, clock, listen::NetError, shard::Router, tcp, udp::UdpSockets};
use crate::{
    config::{CertificateFiles, Turn},
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
        let mut sockets = Self {
            files: config.tls.as_ref().and_then(|tls| tls.files.clone()),
            proxied: config.tls.as_ref().is_some_and(|tls| tls.files.is_none()),
            ..Self::default()
        };
        let everywhere = config.bind_addresses.is_empty();
        let addresses = if everywhere {
            vec![wildcard(false), wildcard(true)]
        } else {
            config.bind_addresses.clone()
        };
        for ip in addresses {
            let Self { udp, tcp, tls, .. } = &mut sockets;
            let plain = config.port.map(|port| {
                udp.bind(ip, port)?;
                tcp::bind(tcp, ip, udp.port())
            });
            let secure = config.tls.as_ref().map(|of| tcp::bind(tls, ip, of.port));
            for (key, bound) in [("turn.udp_port", plain), ("turn.tls_port", secure)] {
                match bound {
                    // A machine without IPv6.
                    Some(Err(NetError::Bind { source, .. }))
                        if everywhere
                            && ip.is_ipv6()
                            && source.kind() != std::io::ErrorKind::AddrInUse => {}
                    Some(Err(error)) => tracing::warn!("no TURN there: {key}: {error}"),
                    None | Some(Ok(())) => {}
                }
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
