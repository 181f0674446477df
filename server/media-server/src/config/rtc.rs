//! `rtc`: media sockets, addresses and congestion control.

use std::{fs, net::IpAddr, os::unix::fs::PermissionsExt};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::ConfigError;

const DEFAULT_UDP_PORT: u16 = 7882;
const DEFAULT_TCP_PORT: u16 = 7881;
const MAX_TURN_TTL: i64 = 24 * 60 * 60;

/// Media sockets and what is told about them.
#[derive(Clone, Debug)]
pub struct Rtc {
    /// UDP ports that may be used: the first free one is, since all peers share it. `0..=0` takes any free one.
    pub udp_ports: PortRange,
    /// A second UDP port for the same media (a key of ours).
    pub second_udp_port: Option<u16>,
    /// Port of ICE over TCP; `None` is off (`tcp_port: 0`).
    pub tcp_port: Option<u16>,
    /// The addresses told to clients instead of those of the interfaces, at most one of a family.
    pub node_ips: Vec<IpAddr>,
    /// The site's own name, told beside the interfaces' addresses; never in the file.
    pub public_host: Option<String>,
    /// Interfaces whose addresses are told.
    pub interfaces: Filter<String>,
    /// Networks whose addresses are told.
    pub ips: Filter<IpNet>,
    /// STUN servers that are asked from which address they see this machine, `host:port`; empty: LiveKit's own, absent: none.
    pub external_ip_from: Option<Vec<String>>,
    /// Tell clients loopback addresses too.
    pub enable_loopback_candidate: bool,
    /// Answer ICE checks without making any.
    pub use_ice_lite: bool,
    /// Told to clients, `host:port`.
    pub stun_servers: Vec<String>,
    /// Told to clients, with credentials.
    pub turn_servers: Vec<TurnServer>,
    /// Downlink estimation.
    pub congestion_control: CongestionControl,
}

/// LiveKit's filters: what is included, or everything that is not excluded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter<T> {
    /// Nothing but these, unless empty.
    pub includes: Vec<T>,
    /// All but these; without effect beside `includes`.
    pub excludes: Vec<T>,
}

impl<T> Filter<T> {
    /// Whether something passes, of which `is` says whether it is what is listed.
    pub fn allows(&self, is: impl Fn(&T) -> bool) -> bool {
        if self.includes.is_empty() {
            !self.excludes.iter().any(is)
        } else {
            self.includes.iter().any(is)
        }
    }
}

/// `start..=end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// The first port.
    pub start: u16,
    /// The last port.
    pub end: u16,
}

/// `rtc.congestion_control`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CongestionControl {
    /// Video may be paused where the downlink is too small.
    pub allow_pause: bool,
}

/// A TURN server of somebody else's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TurnServer {
    /// Name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `udp`, `tcp` or `tls`.
    pub protocol: String,
    /// Static credentials, unless there is a secret.
    pub username: String,
    /// Static credentials, unless there is a secret.
    pub credential: SecretString,
    /// Makes credentials per participant (TURN REST API).
    pub secret: SecretString,
    /// A file with the secret.
    pub secret_file: String,
    /// Seconds such credentials are valid; 0 means four hours.
    pub ttl: i64,
}

/// `rtc.interfaces` and `rtc.ips` as they are in the file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FilterInFile {
    includes: Vec<String>,
    excludes: Vec<String>,
}

/// `rtc` as it is in the file.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct InFile {
    udp_port: Option<String>,
    second_udp_port: u16,
    tcp_port: Option<u16>,
    port_range_start: u16,
    port_range_end: u16,
    node_ip: Option<String>,
    interfaces: Option<FilterInFile>,
    ips: Option<FilterInFile>,
    use_external_ip: bool,
    enable_loopback_candidate: bool,
    use_ice_lite: bool,
    stun_servers: Option<Vec<String>>,
    turn_servers: Option<Vec<TurnServer>>,
    congestion_control: Option<CongestionControl>,
}

pub(super) fn read(file: InFile) -> Result<Rtc, ConfigError> {
    let range = PortRange {
        start: file.port_range_start,
        end: file.port_range_end,
    };
    let udp_ports = match file.udp_port.as_deref() {
        Some(text) if !text.is_empty() => port_range(text)?,
        _ if range.start == 0 => PortRange {
            start: DEFAULT_UDP_PORT,
            end: DEFAULT_UDP_PORT,
        },
        _ if range.end < range.start => {
            return Err(ConfigError::refused(
                "rtc.port_range_end",
                "is before rtc.port_range_start",
            ));
        }
        _ => range,
    };
    let second_udp_port = (file.second_udp_port != 0).then_some(file.second_udp_port);
    if second_udp_port.is_some_and(|port| (udp_ports.start..=udp_ports.end).contains(&port)) {
        let problem = "is one of rtc.udp_port as well";
        return Err(ConfigError::refused("rtc.second_udp_port", problem));
    }
    let mut turn_servers = file.turn_servers.unwrap_or_default();
    for (index, server) in turn_servers.iter_mut().enumerate() {
        check_turn_server(server, index)?;
    }
    let stun_servers = file.stun_servers.unwrap_or_default();
    let external_ip_from = file.use_external_ip.then(|| stun_servers.clone());
    let interfaces = file.interfaces.unwrap_or_default();
    let ips = file.ips.unwrap_or_default();
    Ok(Rtc {
        udp_ports,
        second_udp_port,
        tcp_port: match file.tcp_port {
            None => Some(DEFAULT_TCP_PORT),
            Some(0) => None,
            Some(port) => Some(port),
        },
        node_ips: node_ips(file.node_ip.as_deref().unwrap_or_default())?,
        public_host: None,
        external_ip_from,
        interfaces: Filter {
            includes: interfaces.includes,
            excludes: interfaces.excludes,
        },
        ips: Filter {
            includes: networks(&ips.includes, "rtc.ips.includes")?,
            excludes: networks(&ips.excludes, "rtc.ips.excludes")?,
        },
        enable_loopback_candidate: file.enable_loopback_candidate,
        use_ice_lite: file.use_ice_lite,
        stun_servers,
        turn_servers,
        congestion_control: file.congestion_control.unwrap_or_default(),
    })
}

fn port_range(text: &str) -> Result<PortRange, ConfigError> {
    let port = |text: &str| {
        text.trim()
            .parse::<u16>()
            .map_err(|_| ConfigError::refused("rtc.udp_port", format!("{text:?} is not a port")))
    };
    let Some((start, end)) = text.split_once('-') else {
        let port = port(text)?;
        return Ok(PortRange {
            start: port,
            end: port,
        });
    };
    let (start, end) = (port(start)?, port(end)?);
    if end <= start {
        return Err(ConfigError::refused(
            "rtc.udp_port",
            format!("{end} must be greater than {start}"),
        ));
    }
    Ok(PortRange { start, end })
}

fn node_ips(text: &str) -> Result<Vec<IpAddr>, ConfigError> {
    let refused = |problem: String| ConfigError::refused("rtc.node_ip", problem);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let address: IpAddr = part
            .parse()
            .map_err(|_| refused(format!("{part:?} is not an IP address")))?;
        if addresses
            .iter()
            .any(|known| known.is_ipv4() == address.is_ipv4())
        {
            return Err(refused("has two addresses of the same family".to_owned()));
        }
        addresses.push(address);
    }
    Ok(addresses)
}

fn networks(texts: &[String], key: &str) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &String| {
        text.parse()
            .map_err(|_| ConfigError::refused(key, format!("{text:?} is not a network (CIDR)")))
    };
    texts.iter().map(network).collect()
}

fn check_turn_server(server: &mut TurnServer, index: usize) -> Result<(), ConfigError> {
    let key = |name: &str| format!("rtc.turn_servers[{index}].{name}");
    if server.secret.expose_secret().trim().is_empty() && !server.secret_file.is_empty() {
        let path = &server.secret_file;
        let refused = |problem: String| {
            ConfigError::refused(key("secret_file"), format!("{path}: {problem}"))
        };
        let mode = fs::metadata(path)
            .map_err(|error| refused(error.to_string()))?
            .permissions()
            .mode();
        if mode & 0o007 != 0 {
            return Err(refused("others must have no permission on it".to_owned()));
        }
        let secret = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        server.secret = secret.into();
    }
    server.secret = server.secret.expose_secret().trim().into();
    let has_static = !server.username.is_empty() && !server.credential.expose_secret().is_empty();
    if server.secret.expose_secret().is_empty() && !has_static {
        let problem = "needs a secret or secret_file, or username and credential";
        return Err(ConfigError::refused(
            format!("rtc.turn_servers[{index}]"),
            problem,
        ));
    }
    if !matches!(server.protocol.as_str(), "udp" | "tcp" | "tls") {
        return Err(ConfigError::refused(
            key("protocol"),
            "must be udp, tcp or tls",
        ));
    }
    server.ttl = server.ttl.min(MAX_TURN_TTL);
    Ok(())
}
