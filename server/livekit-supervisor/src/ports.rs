//! Ports before the child has them: choosing free ones and finding out which are taken, by binding for a moment.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};

use crate::{
    options::{Options, Ports},
    state::{Failure, RunningEngine},
};

/// One socket that the child is going to open.
struct Wanted {
    port: u16,
    protocol: Protocol,
    purpose: &'static str,
}

#[derive(Clone, Copy)]
enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// Binds and lets go; returns the port that was bound.
    fn try_bind(self, address: SocketAddr) -> io::Result<u16> {
        Ok(match self {
            Self::Tcp => TcpListener::bind(address)?.local_addr()?,
            Self::Udp => UdpSocket::bind(address)?.local_addr()?,
        }
        .port())
    }
}

/// `port`, or a free one on `address` when it is 0.
pub fn choose_signal_port(port: u16, address: IpAddr) -> io::Result<u16> {
    if port != 0 {
        return Ok(port);
    }
    Protocol::Tcp.try_bind(SocketAddr::new(address, 0))
}

/// The ports of one start of the child, each free a moment ago. Those of TURN and the second one of UDP, which most people do
/// without, are 0 where they are not to be had.
pub fn check(options: &Options, signal: u16, engine: RunningEngine) -> Result<Ports, Failure> {
    for address in &options.bind_addresses {
        check_signal(SocketAddr::new(*address, signal), options.port_keys.signal)?;
    }
    let media = |port, protocol, purpose| {
        bind(
            &Wanted {
                port,
                protocol,
                purpose,
            },
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        )
    };
    let (mut ports, keys) = (options.ports, options.port_keys);
    ports.signal = signal;
    ports.rtc_udp = media(ports.rtc_udp, Protocol::Udp, keys.rtc_udp)?;
    ports.rtc_tcp = media(ports.rtc_tcp, Protocol::Tcp, keys.rtc_tcp)?;
    ports.rtc_second_udp = match (options.ports.rtc_second_udp, engine) {
        (0, _) => 0,
        (port, RunningEngine::BuiltIn) => {
            let bound = media(port, Protocol::Udp, keys.rtc_second_udp);
            bound.unwrap_or_else(|failure| {
                tracing::warn!("media goes without it: {failure}");
                0
            })
        }
        (_, RunningEngine::LivekitServer) => {
            let key = keys.rtc_second_udp;
            tracing::warn!("livekit-server has no second UDP port: {key} does nothing");
            0
        }
    };
    let (turn_udp, turn_tls) = (ports.turn_udp, ports.turn_tls);
    (ports.turn_udp, ports.turn_tls) = (0, 0);
    if let Some(turn) = &options.turn {
        let udp = |port| media(port, Protocol::Udp, keys.turn_udp);
        let both = |port| {
            let port = udp(port)?;
            media(port, Protocol::Tcp, keys.turn_udp)
        };
        ports.turn_udp = match engine {
            RunningEngine::LivekitServer => free(turn_udp, udp),
            RunningEngine::BuiltIn => free(turn_udp, both),
        };
        if turn.tls.is_some() && turn.domain.is_some() {
            ports.turn_tls = free(turn_tls, |port| media(port, Protocol::Tcp, keys.turn_tls));
        }
    }
    Ok(ports)
}

/// The port that `find` finds, or 0 and a word about it. Any free one is looked for more than once: it may be free of one
/// protocol only.
fn free(port: u16, find: impl Fn(u16) -> Result<u16, Failure>) -> u16 {
    const ATTEMPTS: usize = 10;
    let attempts = if port == 0 { ATTEMPTS } else { 1 };
    let found = (0..attempts).map(|_| find(port));
    let mut refusal = None;
    for found in found {
        match found {
            Ok(port) => return port,
            Err(failure) => refusal = Some(failure),
        }
    }
    if let Some(failure) = refusal {
        tracing::warn!("no TURN there: {failure}");
    }
    0
}

/// Whoever answers on the signal port after this is our child.
pub fn check_signal(address: SocketAddr, purpose: &'static str) -> Result<u16, Failure> {
    let wanted = Wanted {
        port: address.port(),
        protocol: Protocol::Tcp,
        purpose,
    };
    bind(&wanted, address.ip())
}

fn bind(wanted: &Wanted, address: IpAddr) -> Result<u16, Failure> {
    let &Wanted {
        port,
        protocol,
        purpose,
    } = wanted;
    protocol
        .try_bind(SocketAddr::new(address, port))
        .map_err(|error| {
            if error.kind() == io::ErrorKind::AddrInUse {
                Failure::PortTaken {
                    port,
                    protocol: protocol.name(),
                    purpose,
                }
            } else {
                let right = if error.kind() == io::ErrorKind::PermissionDenied {
                    "; ports below 1024 need a right, such as AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit"
                } else {
                    ""
                };
                let error = format!("{address}: {error}{right}");
                Failure::PortRefused {
                    port,
                    protocol: protocol.name(),
                    purpose,
                    error,
                }
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Command, Turn, TurnCertificate, TurnTls};

    fn options() -> Options {
        let command = Command {
            program: "/convoke".into(),
            args: vec![],
        };
        let mut options = Options::new("/data".into(), command.clone(), command);
        options.ports = Ports {
            signal: 0,
            rtc_udp: 0,
            rtc_second_udp: 0,
            rtc_tcp: 0,
            turn_udp: 0,
            turn_tls: 0,
        };
        options
    }

    #[test]
    fn zero_is_replaced_by_free_ports() {
        let options = options();
        let signal = choose_signal_port(0, options.bind_addresses[0]).unwrap();
        let ports = check(&options, signal, RunningEngine::BuiltIn).unwrap();
        assert_eq!(ports.signal, signal);
        assert!(ports.signal != 0 && ports.rtc_udp != 0 && ports.rtc_tcp != 0);
        assert_eq!(
            (ports.turn_udp, ports.turn_tls),
            (0, 0),
            "TURN is not configured"
        );
    }

    #[test]
    fn a_taken_port_is_named_with_its_protocol_and_key() {
        let mut options = options();
        let holder = UdpSocket::bind("0.0.0.0:0").unwrap();
        options.ports.rtc_udp = holder.local_addr().unwrap().port();
        options.port_keys.rtc_udp = "media.udp";
        let signal = choose_signal_port(0, options.bind_addresses[0]).unwrap();
        let failure = check(&options, signal, RunningEngine::BuiltIn).unwrap_err();
        assert_eq!(
            failure.to_string(),
            format!(
                "UDP port {} (media.udp) is taken by another process; free it or configure another port",
                options.ports.rtc_udp
            )
        );
    }

    #[test]
    fn taken_ports_of_turn_are_gone_without() {
        let mut options = options();
        options.turn = Some(Turn {
            domain: Some("turn.example.org".to_owned()),
            tls: Some(TurnTls::Child(TurnCertificate {
                cert_file: "/tls/cert.pem".into(),
                key_file: "/tls/key.pem".into(),
            })),
            of_livekit_server: true,
        });
        let engine = RunningEngine::BuiltIn;
        let signal = choose_signal_port(0, options.bind_addresses[0]).unwrap();
        let ports = check(&options, signal, engine).unwrap();
        assert!(ports.turn_udp != 0 && ports.turn_tls != 0);
        let holder = TcpListener::bind("0.0.0.0:0").unwrap();
        let taken = holder.local_addr().unwrap().port();
        (options.ports.turn_udp, options.ports.turn_tls) = (taken, taken);
        let ports = check(&options, signal, engine).unwrap();
        assert_eq!((ports.turn_udp, ports.turn_tls), (0, 0));
        let ports = check(&options, signal, RunningEngine::LivekitServer).unwrap();
        assert_eq!(ports.turn_udp, taken, "it serves UDP alone");
    }

    #[test]
    fn a_second_port_of_udp_is_gone_without_where_it_is_taken_or_nobody_has_one() {
        let mut options = options();
        let signal = choose_signal_port(0, options.bind_addresses[0]).unwrap();
        let check = |options: &Options, engine| check(options, signal, engine).unwrap();
        let none = check(&options, RunningEngine::BuiltIn);
        assert_eq!(none.rtc_second_udp, 0, "0 is none, not any");
        let holder = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        options.ports.rtc_second_udp = port;
        assert_eq!(check(&options, RunningEngine::BuiltIn).rtc_second_udp, 0);
        drop(holder);
        assert_eq!(check(&options, RunningEngine::BuiltIn).rtc_second_udp, port);
        let official = check(&options, RunningEngine::LivekitServer);
        assert_eq!(official.rtc_second_udp, 0);
    }

    #[test]
    fn an_address_that_this_machine_does_not_have_is_refused_with_the_reason() {
        let mut options = options();
        options.bind_addresses = vec!["192.0.2.1".parse().unwrap()];
        let failure = check(&options, 7880, RunningEngine::BuiltIn).unwrap_err();
        assert!(
            matches!(failure, Failure::PortRefused { port: 7880, .. }),
            "{failure}"
        );
    }
}
