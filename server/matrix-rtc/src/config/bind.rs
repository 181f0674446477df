//! The address to listen on, in Go's notation: `:8080` is every interface.

use std::fmt;

/// Not `host:port`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be host:port, such as 127.0.0.1:8080, or :8080 for every interface")]
pub struct InvalidBind;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    host: String,
    port: u16,
}

impl Bind {
    /// An IPv6 address stands in brackets.
    pub fn parse(text: &str) -> Result<Self, InvalidBind> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidBind)?;
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or(InvalidBind)?,
            None if host.contains(':') => return Err(InvalidBind),
            None => host,
        };
        Ok(Self {
            host: host.to_owned(),
            port: port.parse().map_err(|_| InvalidBind)?,
        })
    }

    /// The host to listen on; `None` is every interface, IPv4 and IPv6.
    pub fn host(&self) -> Option<&str> {
        (!self.host.is_empty()).then_some(self.host.as_str())
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A host that reaches the listener from the same machine.
    pub fn own_host(&self) -> &str {
        match self.host.as_str() {
            "" | "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            host => host,
        }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_means_every_interface() {
        let bind = Bind::parse(":8080").unwrap();
        assert_eq!(
            (bind.host(), bind.port(), bind.own_host()),
            (None, 8080, "127.0.0.1")
        );
        assert_eq!(bind.to_string(), ":8080");
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets() {
        let bind = Bind::parse("[::]:80").unwrap();
        assert_eq!(
            (bind.host(), bind.port(), bind.own_host()),
            (Some("::"), 80, "::1")
        );
        assert_eq!(bind.to_string(), "[::]:80");
        for bad in [
            "8080",
            "::1:80",
            "[::1:80",
            "host:",
            "host:http",
            "host:70000",
            "",
        ] {
            assert_eq!(Bind::parse(bad), Err(InvalidBind), "{bad}");
        }
    }
}
