//! Matrix's names as types: a server's name, a user's id and the id of a delayed event.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

/// Longer names would not fit into a user id of 255 bytes.
const LONGEST_SERVER_NAME: usize = 255;

/// Not `host`, `host:port`, an IPv4 address or a bracketed IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Matrix server name")]
pub struct InvalidServerName;

/// The name that a homeserver is known by (Matrix specification, appendix "Server Name"), spelled as it came.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerName(Arc<str>);

/// The host in a server name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerHost<'a> {
    /// A literal address.
    Address(IpAddr),
    /// A name for DNS.
    Name(&'a str),
}

impl ServerName {
    /// Checks the grammar only.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidServerName> {
        let text = text.into();
        if text.len() > LONGEST_SERVER_NAME || split(&text).is_none() {
            return Err(InvalidServerName);
        }
        Ok(Self(text.into()))
    }

    /// The name as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the port.
    pub fn host(&self) -> ServerHost<'_> {
        // `parse` let only names pass that can be split.
        split(&self.0).map_or(ServerHost::Name(&self.0), |(host, _)| host)
    }

    /// The explicit port, if there is one.
    pub fn port(&self) -> Option<u16> {
        split(&self.0).and_then(|(_, port)| port)
    }
}

fn split(name: &str) -> Option<(ServerHost<'_>, Option<u16>)> {
    let (host, port) = match name.rsplit_once(':') {
        Some((host, digits)) if is_port(digits) => (host, Some(digits.parse().ok()?)),
        _ => (name, None),
    };
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return Some((
            ServerHost::Address(IpAddr::V6(address.parse::<Ipv6Addr>().ok()?)),
            port,
        ));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some((ServerHost::Address(IpAddr::V4(address)), port));
    }
    is_dns_name(host).then_some((ServerHost::Name(host), port))
}

/// URLs read names that end in a number, such as 0x7f.1, as addresses: nothing else may see a name in them.
fn is_dns_name(host: &str) -> bool {
    host.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        && matches!(url::Host::parse(host), Ok(url::Host::Domain(_)))
}

fn is_port(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A homeserver's answer about a user did not hold an id of its own users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a user id of this homeserver")]
pub struct ForeignUser;

/// A user's id, vouched for by the homeserver it names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// What follows the first colon must be `server`, letter by letter; the local part is the homeserver's business.
    pub fn of_server(text: impl Into<String>, server: &ServerName) -> Result<Self, ForeignUser> {
        let text = text.into();
        match text.split_once(':') {
            Some((_, domain)) if domain == server.as_str() => Ok(Self(text.into())),
            _ => Err(ForeignUser),
        }
    }

    /// The id as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A delayed event's id that no path could carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a delayed event")]
pub struct InvalidDelayId;

/// What a homeserver calls a delayed event (MSC4140). Whoever knows it may send or cancel the event, so no log shows it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DelayId(Arc<str>);

impl DelayId {
    /// Any text but none, and what a URL's path cannot hold as a segment.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidDelayId> {
        let text = text.into();
        match text.as_str() {
            "" | "." | ".." => Err(InvalidDelayId),
            // A URL leaves these out, and what remains may be another segment.
            text if text.contains(['\t', '\r', '\n']) => Err(InvalidDelayId),
            _ => Ok(Self(text.into())),
        }
    }

    /// The id as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! as_text {
    ($($name:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }
    )+};
}

as_text!(ServerName UserId);

impl fmt::Debug for DelayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DelayId(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(name: &str) -> Option<(String, Option<u16>)> {
        let name = ServerName::parse(name).ok()?;
        let host = match name.host() {
            ServerHost::Address(address) => format!("address {address}"),
            ServerHost::Name(host) => host.to_owned(),
        };
        Some((host, name.port()))
    }

    #[test]
    fn a_server_name_is_a_host_with_or_without_a_port() {
        for (name, host, port) in [
            ("example.com", "example.com", None),
            ("Example.COM:8448", "Example.COM", Some(8448)),
            ("1.2.3.4", "address 1.2.3.4", None),
            ("1.2.3.4:1", "address 1.2.3.4", Some(1)),
            ("[::1]", "address ::1", None),
            ("[2001:db8::1]:443", "address 2001:db8::1", Some(443)),
        ] {
            assert_eq!(parts(name), Some((host.to_owned(), port)), "{name}");
        }
    }

    #[test]
    fn other_text_is_no_server_name() {
        for name in [
            "",
            ":",
            ":80",
            "a b",
            "a/b",
            "a_b",
            "a:",
            "a:x",
            "a:70000",
            "::1",
            "[::1",
            "[a]",
            "a@b",
            "a?b",
            "é.example",
            "a:1:2",
            "2130706433",
            "0x7f.1",
            "127.1",
            "127.0.0.1.",
            "a.1",
        ] {
            assert_eq!(parts(name), None, "{name}");
        }
        assert_eq!(parts(&"a".repeat(256)), None);
    }

    #[test]
    fn a_homeserver_vouches_for_its_own_users_only() {
        let server = ServerName::parse("example.com:8448").unwrap();
        assert!(UserId::of_server("@ann:example.com:8448", &server).is_ok());
        for other in [
            "@ann:example.com",
            "@ann:EXAMPLE.com:8448",
            "@ann",
            "",
            "@a:b:example.com:8448",
        ] {
            assert_eq!(
                UserId::of_server(other, &server),
                Err(ForeignUser),
                "{other}"
            );
        }
    }

    #[test]
    fn dots_are_no_delay_id() {
        for text in ["", ".", "..", ".\t.", "a\nb"] {
            assert_eq!(DelayId::parse(text), Err(InvalidDelayId), "{text}");
        }
        assert_eq!(DelayId::parse("../x").unwrap().as_str(), "../x");
    }

    #[test]
    fn a_delay_id_does_not_reach_a_log() {
        let id = DelayId::parse("syd_secret").unwrap();
        assert!(!format!("{id:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_without_a_panic(text in ".{0,80}") {
            if let Ok(name) = ServerName::parse(text) {
                let _ = (name.host(), name.port());
            }
        }
    }
}
