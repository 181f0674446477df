//! Where one HTTP exchange goes: whom to connect to, and as whom to greet it. It must not know how it was found.

use url::{Host, Url};

/// How far a request may reach into networks that are not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The address guard decides: somebody outside named the server.
    Guarded,
    /// Anywhere: the operator named the server.
    Named,
}

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    /// Encrypted or not.
    pub scheme: Scheme,
    /// What is looked up in DNS, or a literal address (IPv6 without brackets).
    pub host: String,
    /// The port that is connected to.
    pub port: u16,
    /// Whom the certificate must name: a host as URLs have it, without a port.
    pub tls_name: String,
    /// The request's `Host`.
    pub host_header: String,
    /// Whether the address guard applies.
    pub reach: Reach,
}

/// Encrypted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `https`.
    Https,
    /// `http`.
    Http,
}

/// An address that no exchange can go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an http or https address")]
pub struct NoDestination;

impl Destination {
    /// The server that a URL names.
    pub fn of_url(url: &Url, reach: Reach) -> Result<Self, NoDestination> {
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(NoDestination),
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(NoDestination);
        };
        let tls_name = host.to_string();
        Ok(Self {
            scheme,
            host: match host {
                Host::Domain(name) => name.to_owned(),
                Host::Ipv4(address) => address.to_string(),
                Host::Ipv6(address) => address.to_string(),
            },
            port,
            host_header: match url.port() {
                Some(port) => format!("{tls_name}:{port}"),
                None => tls_name.clone(),
            },
            tls_name,
            reach,
        })
    }

    /// `path_and_query` at this server; relative redirects are resolved against it.
    pub fn url(&self, path_and_query: &str) -> Result<Url, url::ParseError> {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        Url::parse(&format!("{scheme}://{}{path_and_query}", self.host_header))
    }
}
