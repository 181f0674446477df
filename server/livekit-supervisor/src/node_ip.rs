//! The address that browsers send media to. Asks the system's resolver and routing table; sends no packet of its own.

use std::{
    net::{IpAddr, Ipv4Addr, UdpSocket},
    time::Duration,
};

use tokio::{
    net::lookup_host,
    sync::watch,
    time::{sleep, timeout},
};

/// A resolver that is slow must not hold up the child for long; the outbound address serves most networks.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often the address is looked up again: networks come late, and DHCP moves them.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Documentation addresses (RFC 5737, RFC 3849): never a real peer, only a way to ask for the default route.
const FAR_AWAY: [&str; 2] = ["192.0.2.1:9", "[2001:db8::1]:9"];

/// `configured` → the public host, where it is or resolves to an address that other machines reach → the address
/// of the default route → any interface's address → loopback.
///
/// A public host of `localhost` or 127.0.0.1 is passed over: it only says that the page is opened on this machine,
/// and the outbound address is reached from this machine and from the LAN alike.
pub async fn node_ip(configured: Option<IpAddr>, public_host: Option<&str>) -> IpAddr {
    if let Some(ip) = configured {
        return ip;
    }
    if let Some(host) = public_host
        && let Some(ip) = of_host(host).await
    {
        return ip;
    }
    outbound()
        .or_else(of_any_interface)
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// [`node_ip`] now and whenever it changes, until the last receiver is dropped.
pub async fn follow_node_ip(
    configured: Option<IpAddr>,
    public_host: Option<String>,
) -> watch::Receiver<Option<IpAddr>> {
    let first = node_ip(configured, public_host.as_deref()).await;
    let (sender, receiver) = watch::channel(Some(first));
    tokio::spawn(async move {
        while configured.is_none() {
            tokio::select! {
                () = sender.closed() => return,
                () = sleep(LOOK_EVERY) => {}
            }
            let found = Some(node_ip(None, public_host.as_deref()).await);
            sender.send_if_modified(|known| std::mem::replace(known, found) != found);
        }
        sender.closed().await;
    });
    receiver
}

/// Resolves when `address`, which was found and not configured, leads here no longer and another one does.
pub async fn moved(address: IpAddr, public_host: Option<&str>) -> IpAddr {
    let was_here = is_here(address);
    loop {
        sleep(LOOK_EVERY).await;
        // An address of a router's cannot be seen to go.
        if address.is_loopback() || was_here && !is_here(address) {
            let found = node_ip(None, public_host).await;
            if found != address && !found.is_loopback() {
                return found;
            }
        }
    }
}

fn is_here(address: IpAddr) -> bool {
    if_addrs::get_if_addrs()
        .is_ok_and(|interfaces| interfaces.iter().any(|interface| interface.ip() == address))
}

async fn of_host(host: &str) -> Option<IpAddr> {
    if let Ok(ip) = host.trim_matches(['[', ']']).parse() {
        return Some(ip).filter(is_of_use);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return None;
    }
    match timeout(RESOLVE_TIMEOUT, lookup_host((name.as_str(), 0))).await {
        Ok(Ok(found)) => prefer_v4(found.map(|address| address.ip())),
        Ok(Err(error)) => {
            tracing::debug!(host = name, %error, "public host does not resolve; set livekit.node_ip");
            None
        }
        Err(_) => {
            tracing::debug!(
                host = name,
                "public host resolves too slowly; set livekit.node_ip"
            );
            None
        }
    }
}

/// The address of the default route: `connect` on UDP only picks it.
pub fn outbound() -> Option<IpAddr> {
    FAR_AWAY.into_iter().find_map(|far| {
        let any = if far.starts_with('[') {
            "[::]:0"
        } else {
            "0.0.0.0:0"
        };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(far).ok()?;
        socket
            .local_addr()
            .ok()
            .map(|address| address.ip())
            .filter(is_of_use)
    })
}

fn of_any_interface() -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    prefer_v4(interfaces.into_iter().map(|interface| interface.ip()))
}

fn prefer_v4(addresses: impl Iterator<Item = IpAddr>) -> Option<IpAddr> {
    let mut useful: Vec<_> = addresses.filter(is_of_use).collect();
    // Resolvers turn their lists round: the lowest stays the same.
    useful.sort_unstable();
    useful.into_iter().next()
}

/// Reachable from another machine: neither loopback, unspecified, multicast nor bound to one link.
fn is_of_use(ip: &IpAddr) -> bool {
    let local = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !(local || ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn the_configured_address_beats_everything() {
        assert_eq!(
            node_ip(Some(ip("127.0.0.1")), Some("203.0.113.7")).await,
            ip("127.0.0.1")
        );
    }

    #[tokio::test]
    async fn a_public_host_that_is_an_address_is_taken() {
        assert_eq!(node_ip(None, Some("203.0.113.7")).await, ip("203.0.113.7"));
        assert_eq!(
            node_ip(None, Some("[2001:db8::7]")).await,
            ip("2001:db8::7")
        );
    }

    #[tokio::test]
    async fn a_public_host_of_this_machine_alone_gives_the_address_the_lan_reaches() {
        let without = node_ip(None, None).await;
        for host in [
            "localhost",
            "LOCALHOST.",
            "meet.localhost",
            "127.0.0.1",
            "[::1]",
            "0.0.0.0",
        ] {
            assert_eq!(node_ip(None, Some(host)).await, without, "{host}");
        }
    }

    #[tokio::test]
    async fn a_public_host_that_does_not_resolve_falls_back_to_the_outbound_address() {
        assert_eq!(
            node_ip(None, Some("nowhere.invalid")).await,
            node_ip(None, None).await
        );
    }

    #[test]
    fn an_ipv4_address_is_preferred_and_useless_ones_are_passed_over() {
        let found = [
            "::1",
            "127.0.0.1",
            "169.254.3.4",
            "fe80::1",
            "2001:db8::7",
            "192.0.2.9",
        ];
        assert_eq!(prefer_v4(found.into_iter().map(ip)), Some(ip("192.0.2.9")));
        assert_eq!(
            prefer_v4(["127.0.0.1", "fe80::1"].into_iter().map(ip)),
            None
        );
    }
}
