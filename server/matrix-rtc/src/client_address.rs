//! The address a request really comes from, through the proxies that the operator trusts.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Walks `X-Forwarded-For` from its end and stops at the first address that is no trusted proxy: what is left of that
/// one may be invented by the client. `None` when the connection is a trusted proxy's and it names nobody.
pub fn client_address(
    connection: IpAddr,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let connection = connection.to_canonical();
    if !is_trusted(connection) {
        return Some(connection);
    }
    // Bytes: what a client wrote there may be no text, and must not hide what the proxy added.
    let hops: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    let mut client = None;
    for hop in hops.into_iter().rev() {
        let Some(address) = str::from_utf8(hop).ok().and_then(address) else {
            break;
        };
        client = Some(address.to_canonical());
        if !is_trusted(address.to_canonical()) {
            break;
        }
    }
    client
}

/// An address as proxies write it: bare, in brackets, or with the client's port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(hop.parse::<SocketAddr>().ok()?.ip());
    hop.parse().ok().or_else(bracketed).or_else(with_port)
}

/// The part of an address that a single client cannot change: of IPv6 a provider gives everyone 64 bits to choose from.
pub fn network_of(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !0 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn seen(connection: &str, forwarded: &[&str], trusted: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = [trusted.parse().unwrap()];
        client_address(connection.parse().unwrap(), &headers, &trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn an_untrusted_client_cannot_choose_its_address() {
        let seen = seen("203.0.113.9", &["198.51.100.1"], "127.0.0.0/8");
        assert_eq!(seen.as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn what_the_client_wrote_before_the_proxy_is_ignored() {
        let forwarded = ["1.2.3.4, 198.51.100.1", "10.0.0.3"];
        let found = seen("::ffff:10.0.0.2", &forwarded, "10.0.0.0/8");
        assert_eq!(found.as_deref(), Some("198.51.100.1"));
        let found = seen("10.0.0.2", &["nonsense, 10.0.0.7"], "10.0.0.0/8");
        assert_eq!(found.as_deref(), Some("10.0.0.7"));
    }

    #[test]
    fn what_is_no_text_hides_nothing() {
        let value = HeaderValue::from_bytes(b"\xff, 198.51.100.1").unwrap();
        let headers = [(HeaderName::from_static("x-forwarded-for"), value)];
        let (proxy, trusted) = ("10.0.0.2".parse().unwrap(), ["10.0.0.0/8".parse().unwrap()]);
        let found = client_address(proxy, &headers.into_iter().collect(), &trusted);
        assert_eq!(found, Some("198.51.100.1".parse().unwrap()));
    }

    #[test]
    fn a_proxy_that_names_nobody_is_not_the_client() {
        for forwarded in [&[][..], &["unknown"], &["1.2.3.4, unknown"], &[""]] {
            assert_eq!(
                seen("10.0.0.2", forwarded, "10.0.0.0/8"),
                None,
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn a_port_or_brackets_hide_no_address() {
        for (forwarded, client) in [
            ("198.51.100.1:52000", "198.51.100.1"),
            ("[2001:db8::7]:52000", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("198.51.100.1:1, 10.0.0.3:2", "198.51.100.1"),
        ] {
            let found = seen("10.0.0.2", &[forwarded], "10.0.0.0/8");
            assert_eq!(found.as_deref(), Some(client), "{forwarded}");
        }
    }

    #[test]
    fn one_client_has_many_ipv6_addresses() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }
}
