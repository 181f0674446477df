//! A server's two addresses: `ws` for clients' signal sockets, `http` for its API, the same place otherwise.

use url::Url;

/// An address that no LiveKit server can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ws, wss, http or https URL")]
pub struct NotAServer;

/// The API's address at that of the server: ws becomes http, wss https.
pub fn api_address(server: &str) -> Result<Url, NotAServer> {
    let url = Url::parse(server).map_err(|_| NotAServer)?;
    with_scheme(url, "http", "https")
}

/// What clients connect to at the address of the server: http becomes ws, https wss.
pub fn signal_address(server: Url) -> Result<Url, NotAServer> {
    with_scheme(server, "ws", "wss")
}

fn with_scheme(mut url: Url, plain: &str, encrypted: &str) -> Result<Url, NotAServer> {
    let scheme = match url.scheme() {
        "ws" | "http" => plain,
        "wss" | "https" => encrypted,
        _ => return Err(NotAServer),
    };
    url.set_scheme(scheme).map_err(|()| NotAServer)?;
    url.set_query(None);
    url.set_fragment(None);
    if url.has_host() {
        Ok(url)
    } else {
        Err(NotAServer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websocket_address_is_also_that_of_the_api() {
        let of = |url: &str| api_address(url).map(String::from);
        assert_eq!(
            of("wss://a/livekit/sfu"),
            Ok("https://a/livekit/sfu".to_owned())
        );
        assert_eq!(of("ws://a:7880"), Ok("http://a:7880/".to_owned()));
        assert_eq!(of("https://a?x#y"), Ok("https://a/".to_owned()));
        for bad in ["", "a:7880", "a.example", "ftp://a", "wss://"] {
            assert_eq!(of(bad), Err(NotAServer), "{bad}");
        }
    }

    #[test]
    fn clients_connect_to_where_the_api_is() {
        let of = |url: &str| signal_address(url.parse().unwrap()).map(String::from);
        assert_eq!(of("https://a/sfu"), Ok("wss://a/sfu".to_owned()));
        assert_eq!(of("http://a:7880"), Ok("ws://a:7880/".to_owned()));
        assert_eq!(of("ws://a:7880"), Ok("ws://a:7880/".to_owned()));
        assert_eq!(of("mailto:a@b"), Err(NotAServer));
    }
}
