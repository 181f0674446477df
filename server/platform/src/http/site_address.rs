//! The address by which a client reached this site: the only reader of Host, :authority and of what trusted proxies
//! forward of both.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{Extensions, HeaderMap, Uri, header, request::Parts, uri::Authority};
use url::Url;

use crate::{
    app::App,
    config::{Server, Tls},
};

/// This site as one client sees it; cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteAddress(Arc<Seen>);

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    origin: String,
    addressed: Option<Authority>,
    public_url: Option<Url>,
    https: bool,
}

impl FromRequestParts<App> for SiteAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<SiteAddress, Infallible> {
        Ok(SiteAddress::of(
            app,
            &parts.uri,
            &parts.headers,
            &parts.extensions,
        ))
    }
}

impl SiteAddress {
    /// The address that a request with these parts was sent to; as it was told before, where it was.
    pub fn of(app: &App, uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> SiteAddress {
        if let Some(told) = extensions.get::<SiteAddress>() {
            return told.clone();
        }
        let connection = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        decide(&app.config.server, connection, uri, headers)
    }

    /// What people open, such as `https://meet.example.org`: as configured, else as this client addressed it. A
    /// second device on the LAN must not be sent to localhost. Never ends with a slash.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Where this client opens WebSockets here: the origin with ws or wss.
    pub fn socket_origin(&self) -> String {
        self.origin().replacen("http", "ws", 1)
    }

    /// Whether this client uses TLS, here or at a proxy: its cookies are then `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.https
    }

    /// Host and port as the client wrote them, if it did.
    pub fn addressed(&self) -> Option<&Authority> {
        self.0.addressed.as_ref()
    }

    /// Whether `link` names the host that this client sees, by whichever scheme: people leave it out, and type it wrong.
    pub fn has_host(&self, link: &Url) -> bool {
        let Ok(own) = Url::parse(&self.0.origin) else {
            return false;
        };
        let place = |url: &Url| Some((url.host_str()?.to_owned(), url.port()));
        place(link).is_some_and(|linked| Some(linked) == place(&own))
    }

    /// Whether a page of `origin` is this site: as configured, or as the client addressed it.
    pub fn is_origin(&self, origin: &Url) -> bool {
        let configured = self
            .0
            .public_url
            .as_ref()
            .is_some_and(|url| url.origin() == origin.origin());
        // A proxy that is not trusted leaves the scheme unknown: the page's own counts.
        let addressed = self
            .0
            .addressed
            .as_ref()
            .and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
        configured || addressed.is_some_and(|url| url.origin() == origin.origin())
    }
}

fn decide(
    server: &Server,
    connection: Option<IpAddr>,
    uri: &Uri,
    headers: &HeaderMap,
) -> SiteAddress {
    let trusted = connection.is_some_and(|ip| server.trusted_proxies.contains(ip.to_canonical()));
    let forwarded = |name: &str| headers.get(name).filter(|_| trusted).and_then(first);
    // HTTP/2 has :authority in place of Host, and the address in a request line wins in HTTP/1.1 too.
    let addressed = forwarded("x-forwarded-host")
        .and_then(host)
        .or_else(|| {
            uri.authority()
                .and_then(|authority| host(authority.as_str()))
        })
        .or_else(|| headers.get(header::HOST).and_then(first).and_then(host));
    let over_tls = match forwarded("x-forwarded-proto") {
        Some("https" | "wss") => true,
        Some("http" | "ws") => false,
        _ => server.tls != Tls::Off,
    };
    let public_url = server.public_url.as_ref();
    let https = over_tls || public_url.is_some_and(|url| url.scheme() == "https");
    let origin = match (&server.public_url, &addressed) {
        (None, Some(host)) if https => format!("https://{host}"),
        (None, Some(host)) => format!("http://{host}"),
        (Some(_), _) | (None, None) => server.site_url(),
    };
    SiteAddress(Arc::new(Seen {
        origin,
        addressed,
        public_url: server.public_url.clone(),
        https,
    }))
}

/// Of a list that proxies extended, the first is what the client wrote to the outermost one.
fn first(value: &http::HeaderValue) -> Option<&str> {
    Some(value.to_str().ok()?.split(',').next()?.trim())
}

/// Nothing but a host and a port may reach links and policies: `Authority` alone lets through what means something in
/// a header field.
fn host(text: &str) -> Option<Authority> {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let named = match name.strip_prefix('[') {
        Some(rest) => {
            let address = rest.strip_suffix(']').map(str::parse::<Ipv6Addr>);
            address.is_some_and(|address| address.is_ok())
        }
        None => !name.is_empty() && name.bytes().all(plain),
    };
    let numbered = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    text.parse().ok().filter(|_| named && numbered)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;
    use crate::config::Config;

    /// Port 8080; proxies in 10.0.0.0/8 are trusted.
    fn server(change: impl FnOnce(&mut Server)) -> Server {
        let mut server = Config::default().server;
        server.trusted_proxies = "10.0.0.0/8".parse().unwrap();
        change(&mut server);
        server
    }

    fn seen(
        server: &Server,
        from: &str,
        uri: &str,
        headers: &[(&'static str, &str)],
    ) -> SiteAddress {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let uri = uri.parse().unwrap();
        decide(server, Some(from.parse().unwrap()), &uri, &headers)
    }

    const CLIENT: &str = "192.0.2.9";
    const PROXY: &str = "::ffff:10.0.0.2";

    #[test]
    fn both_versions_of_http_name_the_same_site() {
        let plain = server(|_| ());
        let tls = server(|server| server.tls = Tls::SelfSigned);
        for (server, origin) in [(&plain, "http://lan:81"), (&tls, "https://lan:81")] {
            let one = seen(server, CLIENT, "/x", &[("host", "lan:81")]);
            let two = seen(server, CLIENT, &format!("{origin}/x"), &[]);
            let both = seen(server, CLIENT, &format!("{origin}/x"), &[("host", "other")]);
            assert_eq!(one.origin(), origin);
            assert_eq!((&two, &both), (&one, &one));
        }
        assert_eq!(
            seen(&plain, CLIENT, "/x", &[]).origin(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn only_a_trusted_proxy_says_how_the_client_came() {
        let site = server(|_| ());
        let headers = [
            ("host", "convoke:8080"),
            ("x-forwarded-host", "meet.example.org, inner"),
            ("x-forwarded-proto", "https, http"),
        ];
        let proxied = seen(&site, PROXY, "/", &headers);
        assert_eq!(proxied.origin(), "https://meet.example.org");
        assert!(proxied.is_https());
        let direct = seen(&site, CLIENT, "/", &headers);
        assert_eq!(direct.origin(), "http://convoke:8080");
        assert!(!direct.is_https());
        let tls = server(|server| server.tls = Tls::SelfSigned);
        let plain = [("host", "lan"), ("x-forwarded-proto", "http")];
        assert!(!seen(&tls, PROXY, "/", &plain).is_https());
        assert!(seen(&tls, CLIENT, "/", &plain).is_https());
        let odd = [("host", "lan"), ("x-forwarded-proto", "gopher")];
        assert!(seen(&tls, PROXY, "/", &odd).is_https());
    }

    #[test]
    fn a_public_address_is_the_address_whatever_a_request_says() {
        let site = server(|server| {
            server.public_url = Some("https://meet.example.org".parse().unwrap());
        });
        let address = seen(&site, CLIENT, "/", &[("host", "192.0.2.1:8080")]);
        assert_eq!(address.origin(), "https://meet.example.org");
        assert!(address.is_https());
        assert_eq!(address.addressed().unwrap(), "192.0.2.1:8080");
    }

    #[test]
    fn what_is_no_host_is_nowhere() {
        let site = server(|_| ());
        let odd = [
            "evil; script-src *",
            "a@b",
            "",
            ":80",
            "/x",
            "a b",
            "a;b",
            "a'b",
            "a*",
            "a%20b",
            "a:99999",
            "a:+80",
            "a:",
            "a:b:80",
            "[::1",
            "[a]",
            "[::1]x",
            "[::1]:x",
            "::1",
        ];
        for value in odd {
            let address = seen(&site, CLIENT, "/", &[("host", value)]);
            assert_eq!(address.addressed(), None, "{value}");
        }
        for value in [
            "a",
            "a.b-c_d:80",
            "192.0.2.1",
            "[::1]",
            "[2001:db8::1]:65535",
        ] {
            let address = seen(&site, CLIENT, "/", &[("host", value)]);
            assert_eq!(address.addressed().unwrap(), value);
        }
    }
}
