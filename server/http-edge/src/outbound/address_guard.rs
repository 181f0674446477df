//! Which addresses a server may have that somebody outside named: without this guard they could make us ask anything in
//! our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Reach;

/// Special-purpose blocks that no public server lives in (IANA's registries, RFC 6890 and successors).
const CLOSED_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Global unicast addresses of IPv6 are all in here; loopback, ULA, link-local and multicast are not.
const OPEN_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// Blocks of [`OPEN_V6`] that are for documentation or protocols, or wrap IPv4 addresses by a relay (Teredo, 6to4).
const CLOSED_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0xdb8, 0], 32),
    v6([0x2002, 0, 0], 16),
    v6([0x3fff, 0, 0], 20),
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(start: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = start;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Networks besides the public Internet that such servers may be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedNetworks {
    /// None, most of the time.
    pub networks: Vec<IpNet>,
    /// What an operator calls them, for the log.
    pub setting: &'static str,
}

/// The guard with what the operator allows beyond public addresses.
#[derive(Debug, Clone)]
pub enum AddressGuard {
    /// Public addresses, and those in the given networks.
    Closed(AllowedNetworks),
    /// Every address: a lab.
    Open,
}

impl AddressGuard {
    /// What an operator changes to let more addresses pass.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Closed(allowed) => allowed.setting,
            Self::Open => "nothing",
        }
    }

    /// Whether the server may have this address.
    pub fn allows(&self, address: IpAddr, reach: Reach) -> bool {
        let address = address.to_canonical();
        match (self, reach) {
            (Self::Open, _) | (_, Reach::Named) => true,
            (Self::Closed(allowed), Reach::Guarded) => {
                is_public(address)
                    || allowed
                        .networks
                        .iter()
                        .any(|network| network.contains(&address))
            }
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => match translated(address) {
            Some(address) => is_public(IpAddr::V4(address)),
            None => {
                OPEN_V6.contains(&address)
                    && !CLOSED_V6.iter().any(|block| block.contains(&address))
            }
        },
    }
}

/// The IPv4 address behind a NAT64 one (64:ff9b::/96, RFC 6052): in an IPv6-only network every IPv4 server has one.
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.octets() {
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> AddressGuard {
        AddressGuard::Closed(AllowedNetworks {
            networks: allowed.iter().map(|net| net.parse().unwrap()).collect(),
            setting: "allowed_networks",
        })
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(
                guard(&[]).allows(address.parse().unwrap(), Reach::Guarded),
                "{address}"
            );
        }
    }

    #[test]
    fn addresses_of_our_own_side_are_refused_in_every_spelling() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
        ] {
            assert!(
                !guard(&[]).allows(address.parse().unwrap(), Reach::Guarded),
                "{address}"
            );
        }
    }

    #[test]
    fn an_allowed_network_opens_only_itself() {
        let guard = guard(&["10.0.0.0/8", "fd00::/8"]);
        for address in ["10.9.9.9", "::ffff:10.0.0.1", "fd00::1"] {
            assert!(
                guard.allows(address.parse().unwrap(), Reach::Guarded),
                "{address}"
            );
        }
        for address in ["192.168.0.1", "fc00::1", "127.0.0.1"] {
            assert!(
                !guard.allows(address.parse().unwrap(), Reach::Guarded),
                "{address}"
            );
        }
    }

    #[test]
    fn nothing_is_refused_in_a_lab_nor_to_a_homeserver_that_the_operator_named() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert!(AddressGuard::Open.allows(loopback, Reach::Guarded));
        assert!(guard(&[]).allows(loopback, Reach::Named));
    }
}
