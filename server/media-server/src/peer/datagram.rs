//! A datagram, where it came from, and what its first bytes say about who it is for.

use std::net::SocketAddr;
use std::time::Instant;

/// How a datagram travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// UDP.
    Udp,
    /// ICE-TCP with RFC 4571 framing.
    Tcp,
}

/// The 5-tuple of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Route {
    /// UDP or TCP.
    pub transport: Transport,
    /// The local candidate it arrived at.
    pub local: SocketAddr,
    /// The sender.
    pub remote: SocketAddr,
}

/// A datagram from the network.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// Its 5-tuple.
    pub route: Route,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// When the socket was read.
    pub received: Instant,
}

impl Datagram {
    /// The local ufrag of a STUN request; every other datagram belongs to whoever owns the route.
    pub fn stun_ufrag(&self) -> Option<&str> {
        stun_ufrag(&self.payload)
    }

    /// Whether it carries what DTLS protects, for us data channels: a record of application data (DTLS 1.2), or one that
    /// hides its type (1.3; RFC 9147 section 4.1).
    pub fn is_dtls_data(&self) -> bool {
        matches!(self.payload.first(), Some(23 | 32..=63))
    }
}

/// Reads the local half of a STUN request's USERNAME.
fn stun_ufrag(payload: &[u8]) -> Option<&str> {
    const HEADER: usize = 20;
    const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
    const USERNAME: u16 = 0x0006;

    if payload.len() < HEADER || payload.first()? >> 6 != 0 || payload.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    let mut attributes = payload.get(HEADER..)?;
    while let [kind_high, kind_low, length_high, length_low, rest @ ..] = attributes {
        let kind = u16::from_be_bytes([*kind_high, *kind_low]);
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        if kind == USERNAME {
            let username = std::str::from_utf8(rest.get(..length)?).ok()?;
            return username.split_once(':').map(|(local, _)| local);
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding_request(username: &str) -> Vec<u8> {
        let mut attributes = vec![0x80, 0x22, 0, 1, b'x', 0, 0, 0];
        attributes.extend([0, 6]);
        attributes.extend(u16::try_from(username.len()).unwrap().to_be_bytes());
        attributes.extend(username.as_bytes());
        attributes.resize(attributes.len().next_multiple_of(4), 0);
        let mut request = vec![0, 1];
        request.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
        request.extend([0x21, 0x12, 0xA4, 0x42]);
        request.extend([7; 12]);
        request.extend(attributes);
        request
    }

    #[test]
    fn the_local_ufrag_of_a_binding_request_is_found() {
        assert_eq!(
            stun_ufrag(&binding_request("0000000001abc:them")),
            Some("0000000001abc")
        );
    }

    #[test]
    fn other_datagrams_have_no_ufrag() {
        assert_eq!(stun_ufrag(&[]), None);
        assert_eq!(stun_ufrag(&[0x80; 40]), None);
        let request = binding_request("a:b");
        for length in 0..request.len() - 4 {
            assert_eq!(stun_ufrag(&request[..length]), None, "cut at {length}");
        }
    }
}
