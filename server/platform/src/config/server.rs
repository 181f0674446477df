//! Section `server`: where Convoke listens and what the world calls it.

use std::{
    fs::File,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};
use url::{Host, Url};

use super::{fault::Refusals, value};

/// In characters.
pub const LONGEST_SITE_NAME: usize = 60;

/// Section `server`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Server {
    pub host: IpAddr,
    pub port: u16,
    #[serde(deserialize_with = "value::optional")]
    pub public_url: Option<Url>,
    pub site_name: String,
    pub tls: Tls,
    #[serde(deserialize_with = "value::optional")]
    pub redirect_port: Option<u16>,
    #[serde(deserialize_with = "value::optional")]
    pub cert_file: Option<PathBuf>,
    #[serde(deserialize_with = "value::optional")]
    pub key_file: Option<PathBuf>,
    pub trusted_proxies: TrustedProxies,
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    pub data_dir: PathBuf,
}

/// Encryption of the public port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Plain HTTP.
    Off,
    /// A certificate made at the first start and kept in the data folder.
    SelfSigned,
    /// `cert_file` and `key_file`.
    Files,
    /// From an authority, by section `acme`.
    Acme,
}

impl Server {
    /// The address to listen on.
    pub fn listen_address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// The port of plain HTTP that sends browsers to the site, if there is one.
    pub fn redirects_at(&self) -> Option<u16> {
        match self.redirect_port {
            None if self.tls == Tls::Acme => Some(80),
            port => port.filter(|port| *port != 0),
        }
    }

    /// What people open: `public_url`, else localhost with this port. Never ends with a slash.
    pub fn site_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if self.tls == Tls::Off => format!("http://localhost:{}", self.port),
            None => format!("https://localhost:{}", self.port),
        }
    }

    /// Whether people reach the site over TLS, here or at a proxy: cookies are then `Secure`.
    pub fn is_https(&self) -> bool {
        self.site_url().starts_with("https:")
    }

    /// Whether `public_url` says, of this machine alone, that its own browsers are whom the site is for.
    pub fn is_called_localhost(&self) -> bool {
        let host = self.public_url.as_ref().and_then(Url::host);
        host.is_some_and(|host| match host {
            Host::Ipv4(ip) => ip.is_loopback() || ip.is_unspecified(),
            Host::Ipv6(ip) => ip.is_loopback() || ip.is_unspecified(),
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        })
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            self.site_name == self.site_name.trim()
                && (1..=LONGEST_SITE_NAME).contains(&self.site_name.chars().count()),
            "site_name",
            "must have 1 to 60 characters",
        );
        if let Some(url) = &self.public_url {
            refused.unless(
                value::is_origin(url, &["http", "https"]),
                "public_url",
                "must be an http or https URL without a path",
            );
            refused.unless(
                self.tls == Tls::Off || url.scheme() == "https",
                "public_url",
                "must start with https:// when server.tls is not off",
            );
        }
        if self.tls == Tls::Acme {
            let host = self.public_url.as_ref().and_then(Url::host_str);
            let host = host.map(|host| host.trim_matches(['[', ']']));
            refused.unless(
                host.is_some_and(super::acme::is_name),
                "public_url",
                "must be set when server.tls is acme: it is the name on the certificate",
            );
        }
        if let Some(port) = self.redirects_at() {
            let public = self.public_url.as_ref();
            let elsewhere = public.and_then(Url::port_or_known_default) != Some(port);
            refused.unless(
                public.is_some() && elsewhere && port != self.port,
                "redirect_port",
                "must be another port than server.port and that of server.public_url, which must be set: it is where people are sent",
            );
        }
        if self.tls == Tls::Files {
            let why = "must be set when server.tls is files";
            refused.unless(self.cert_file.is_some(), "cert_file", why);
            refused.unless(self.key_file.is_some(), "key_file", why);
            for (key, file) in [("cert_file", &self.cert_file), ("key_file", &self.key_file)] {
                if let Some((file, Err(cause))) = file.as_ref().map(|file| (file, File::open(file)))
                {
                    let why = format!("cannot read {}: {cause}", file.display());
                    refused.unless(false, key, &why);
                }
            }
        }
        let range = 16..=1_000_000;
        let why = "must be between 16 and 1000000";
        refused.unless(
            range.contains(&self.max_connections),
            "max_connections",
            why,
        );
        refused.unless(
            range.contains(&self.max_connections_per_address),
            "max_connections_per_address",
            why,
        );
        refused.unless(
            !self.data_dir.as_os_str().is_empty(),
            "data_dir",
            "must not be empty",
        );
    }
}

/// The proxies whose X-Forwarded-For is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The proxies' networks.
    pub fn networks(&self) -> &[IpNet] {
        &self.0
    }

    /// Whether `address` is one of these proxies.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(list: &str) -> Result<TrustedProxies, String> {
        list.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| {
                entry
                    .parse::<IpNet>()
                    .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("{entry:?} is neither an IP address nor a network"))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(TrustedProxies)
    }
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TrustedProxies, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .join(",")
            .parse()
            .map_err(D::Error::custom)
    }
}
