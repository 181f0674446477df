//! Finds out whose the ports are, by binding each for a moment.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};

use convoke_platform::{Config, config::TurnEnabled};
use doctor::facts::{Holder, Port, Protocol, Running};
use livekit_supervisor::{Remembered, RunningEngine};

/// Each port that this configuration needs. Those that are chosen at the start (0) are not among them.
pub fn wanted(
    config: &Config,
    engine: Option<RunningEngine>,
    running: Option<&Running>,
) -> Vec<Port> {
    let (server, livekit) = (&config.server, &config.livekit);
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let (tcp, udp) = (Protocol::Tcp, Protocol::Udp);
    // With another configuration the site would listen elsewhere: what holds our ports then is another program.
    // While the site is away its media server may go on, for people in a call.
    let left = Remembered::load(&config.server.data_dir).media_ports;
    let media = running.is_some_and(|it| it.media == "ready") || left.is_some();
    let has = |theirs: Option<u16>, ours: u16| media && theirs == Some(ours);
    let mut ports = vec![port(
        (server.host, server.port, tcp, "server.port"),
        running.is_some(),
        false,
    )];
    if let Some(number) = server.redirects_at() {
        ports.push(port(
            (server.host, number, tcp, "server.redirect_port"),
            running.is_some(),
            server.redirect_port.is_none(),
        ));
    }
    let ours = !livekit.external && livekit.config_path.is_none();
    if ours {
        let [signal, media_udp, media_tcp] =
            [livekit.ports.signal, livekit.ports.udp, livekit.ports.tcp];
        let of_media = running.map_or(left.map(|ports| ports.rtc_udp), |it| it.udp);
        let of_media_tcp = running.map_or(left.map(|ports| ports.rtc_tcp), |it| it.tcp);
        ports.extend([
            port(
                (
                    Ipv4Addr::LOCALHOST.into(),
                    signal,
                    tcp,
                    "livekit.ports.signal",
                ),
                media,
                false,
            ),
            port(
                (any, media_udp, udp, "livekit.ports.udp"),
                has(of_media, media_udp),
                false,
            ),
            port(
                (any, media_tcp, tcp, "livekit.ports.tcp"),
                has(of_media_tcp, media_tcp),
                false,
            ),
        ]);
        let built_in = engine == Some(RunningEngine::BuiltIn);
        let second = livekit.ports.second_udp;
        if built_in {
            let of_media =
                running.map_or(left.map(|ports| ports.rtc_second_udp), |it| it.second_udp);
            let key = "livekit.ports.second_udp";
            ports.push(port((any, second, udp, key), has(of_media, second), true));
        }
        let turn = match livekit.turn.enabled {
            TurnEnabled::Auto => built_in,
            TurnEnabled::On => true,
            TurnEnabled::Off => false,
        };
        if turn {
            let number = livekit.turn.udp_port;
            let key = "livekit.turn.udp_port";
            // Whether it is ours that answers there is the business of the check of TURN.
            ports.push(port((any, number, udp, key), media, true));
            if built_in {
                ports.push(port((any, number, tcp, key), media, true));
            }
            if livekit.turn.cert_file.is_some() {
                let key = "livekit.turn.tls_port";
                ports.push(port((any, livekit.turn.tls_port, tcp, key), media, true));
            }
        }
    }
    if ours && engine == Some(RunningEngine::BuiltIn) {
        // Tried again and again while another has it.
        let claim = (
            server.host,
            livekit.ingress.rtmp_port,
            tcp,
            "livekit.ingress.rtmp_port",
        );
        ports.push(port(claim, running.is_some() || left.is_some(), true));
    }
    ports.retain(|port| port.number != 0);
    ports
}

fn port(
    (host, number, protocol, key): (IpAddr, u16, Protocol, &'static str),
    ours: bool,
    optional: bool,
) -> Port {
    let address = SocketAddr::new(host, number);
    let tried = match protocol {
        Protocol::Tcp => TcpListener::bind(address).map(drop),
        Protocol::Udp => UdpSocket::bind(address).map(drop),
    };
    let holder = match tried {
        Ok(()) => Holder::Free,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && ours => Holder::Us,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Holder::Another,
        Err(error) => Holder::Refused(error.to_string()),
    };
    Port {
        number,
        protocol,
        key,
        holder,
        optional,
    }
}
