//! The address a request really comes from, through the proxies that the administrator trusts.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};

use crate::{app::App, config::TrustedProxies};

/// The client's address: the connection's own, or what a trusted proxy says in X-Forwarded-For.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<App> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ClientIp, Infallible> {
        let connection = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
        Ok(ClientIp(client_ip(
            connection,
            &parts.headers,
            &app.config.server.trusted_proxies,
        )))
    }
}

/// Walks X-Forwarded-For from its end and stops at the first address that is no trusted proxy:
/// everything left of that one may be invented by the client.
fn client_ip(connection: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut client = connection.to_canonical();
    // Bytes: what a client wrote there may be no text, and must not hide what the proxy added.
    let hops: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    for hop in hops.into_iter().rev() {
        if !trusted.contains(client) {
            break;
        }
        match str::from_utf8(hop).ok().and_then(address) {
            Some(address) => client = address.to_canonical(),
            None => break,
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
    use super::*;

    fn seen(connection: &str, forwarded: &[&str], trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client_ip(
            connection.parse().unwrap(),
            &headers,
            &trusted.parse().unwrap(),
        )
        .to_string()
    }

    #[test]
    fn an_untrusted_client_cannot_choose_its_address() {
        assert_eq!(
            seen("203.0.113.9", &["198.51.100.1"], "127.0.0.0/8"),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        assert_eq!(
            seen("127.0.0.1", &["198.51.100.1"], "127.0.0.0/8"),
            "198.51.100.1"
        );
    }

    #[test]
    fn what_the_client_wrote_before_the_proxy_is_ignored() {
        assert_eq!(
            seen(
                "10.0.0.2",
                &["1.2.3.4, 198.51.100.1", "10.0.0.3"],
                "10.0.0.0/8"
            ),
            "198.51.100.1"
        );
    }

    #[test]
    fn what_is_no_text_hides_nothing() {
        let value = http::HeaderValue::from_bytes(b"\xff, 198.51.100.1").unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", value);
        let (proxy, trusted) = ("10.0.0.2".parse().unwrap(), "10.0.0.0/8".parse().unwrap());
        assert_eq!(
            client_ip(proxy, &headers, &trusted).to_string(),
            "198.51.100.1"
        );
    }

    #[test]
    fn a_mapped_ipv4_address_is_the_ipv4_address() {
        assert_eq!(
            seen("::ffff:127.0.0.1", &["198.51.100.1"], "127.0.0.1"),
            "198.51.100.1"
        );
    }

    #[test]
    fn a_port_or_brackets_hide_no_address() {
        for (forwarded, client) in [
            ("198.51.100.1:52000", "198.51.100.1"),
            ("[2001:db8::7]:52000", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[::ffff:198.51.100.1]:9", "198.51.100.1"),
        ] {
            assert_eq!(seen("10.0.0.2", &[forwarded], "10.0.0.0/8"), client);
        }
        // A proxy's own address with its port is still the proxy's.
        let hops = ["198.51.100.1:1, 10.0.0.3:2"];
        assert_eq!(seen("10.0.0.2", &hops, "10.0.0.0/8"), "198.51.100.1");
    }

    #[test]
    fn nonsense_in_the_header_keeps_the_last_known_address() {
        assert_eq!(seen("127.0.0.1", &["unknown"], "127.0.0.1"), "127.0.0.1");
    }
}
