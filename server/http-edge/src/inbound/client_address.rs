//! The address a request really comes from, through the proxies that the operator trusts.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// Walks `X-Forwarded-For` from its end and stops at the first address that is no trusted proxy: what is left of that
/// one may be invented by the client. `None` when the connection is a trusted proxy's and it names nobody.
pub fn client_address(
    connection: IpAddr,
    headers: &HeaderMap,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
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

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// IPv4 networks whose prefix ends with an octet, written as `10.`.
    fn in_network(prefix: &str) -> impl Fn(IpAddr) -> bool {
        move |address| address.to_string().starts_with(prefix)
    }

    fn seen(connection: &str, forwarded: &[&str], trusted: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let found = client_address(connection.parse().unwrap(), &headers, in_network(trusted));
        found.map(|ip| ip.to_string())
    }

    #[test]
    fn an_untrusted_client_cannot_choose_its_address() {
        let seen = seen("203.0.113.9", &["198.51.100.1"], "127.");
        assert_eq!(seen.as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn a_mapped_ipv4_address_is_the_ipv4_address() {
        for (connection, forwarded) in [
            ("::ffff:127.0.0.1", "198.51.100.1"),
            ("127.0.0.1", "[::ffff:198.51.100.1]:9"),
        ] {
            let seen = seen(connection, &[forwarded], "127.");
            assert_eq!(seen.as_deref(), Some("198.51.100.1"));
        }
    }

    #[test]
    fn what_the_client_wrote_before_the_proxy_is_ignored() {
        let forwarded = ["1.2.3.4, 198.51.100.1", "10.0.0.3"];
        let found = seen("::ffff:10.0.0.2", &forwarded, "10.");
        assert_eq!(found.as_deref(), Some("198.51.100.1"));
        let found = seen("10.0.0.2", &["nonsense, 10.0.0.7"], "10.");
        assert_eq!(found.as_deref(), Some("10.0.0.7"));
    }

    #[test]
    fn what_is_no_text_hides_nothing() {
        let value = HeaderValue::from_bytes(b"\xff, 198.51.100.1").unwrap();
        let headers = [(HeaderName::from_static("x-forwarded-for"), value)];
        let proxy = "10.0.0.2".parse().unwrap();
        let found = client_address(proxy, &headers.into_iter().collect(), in_network("10."));
        assert_eq!(found, Some("198.51.100.1".parse().unwrap()));
    }

    #[test]
    fn a_proxy_that_names_nobody_is_not_the_client() {
        for forwarded in [&[][..], &["unknown"], &["1.2.3.4, unknown"], &[""]] {
            assert_eq!(seen("10.0.0.2", forwarded, "10."), None, "{forwarded:?}");
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
            let found = seen("10.0.0.2", &[forwarded], "10.");
            assert_eq!(found.as_deref(), Some(client), "{forwarded}");
        }
    }
}
