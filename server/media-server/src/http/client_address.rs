//! Where a request comes from, as far as it can be known; for information only, a client can forge it.

use std::net::SocketAddr;

use http::HeaderMap;

/// What a proxy says, else the socket's peer.
pub(super) fn client_address(headers: &HeaderMap, peer: Option<SocketAddr>) -> String {
    ["cf-connecting-ip", "x-forwarded-for", "x-real-ip"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .filter_map(|value| {
            value
                .split(',')
                .map(str::trim)
                .find(|address| !address.is_empty())
        })
        .map(str::to_owned)
        .next()
        .unwrap_or_else(|| peer.map(|peer| peer.ip().to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hop_of_a_proxy_wins_over_the_socket() {
        let peer = Some(([127, 0, 0, 1], 9).into());
        let mut headers = HeaderMap::new();
        assert_eq!(client_address(&headers, peer), "127.0.0.1");
        headers.insert("x-forwarded-for", "192.0.2.7, 10.0.0.1".parse().unwrap());
        assert_eq!(client_address(&headers, peer), "192.0.2.7");
    }
}
