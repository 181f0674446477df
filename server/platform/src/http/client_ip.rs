//! The address a request really comes from, through the proxies that the administrator trusts.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};
use http_edge::client_address;

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

/// A trusted proxy that names nobody counts as the client itself: somebody has to.
fn client_ip(connection: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    client_address(connection, headers, |address| trusted.contains(address))
        .unwrap_or_else(|| connection.to_canonical())
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
    fn nonsense_in_the_header_keeps_the_last_known_address() {
        assert_eq!(seen("127.0.0.1", &["unknown"], "127.0.0.1"), "127.0.0.1");
    }
}
