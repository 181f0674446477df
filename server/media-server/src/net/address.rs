//! Which addresses are offered to clients, and which local address a datagram counts for; it opens no sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses told to clients, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    advertised: Vec<IpAddr>,
    /// Those of them that belong to this machine.
    local: Vec<IpAddr>,
}

impl Addresses {
    /// What the administrator said, and nothing else.
    pub(super) fn fixed(node_ips: &[IpAddr], interfaces: &[IpAddr]) -> Self {
        Self::of(node_ips.to_vec(), interfaces)
    }

    /// The address of the public host first, then those of the interfaces. A machine without a network is reachable
    /// from itself only.
    pub(super) fn found(public: Option<IpAddr>, interfaces: &[IpAddr], loopback: bool) -> Self {
        let mut advertised = Vec::from_iter(public);
        let reachable = |ip: &&IpAddr| {
            if ip.is_loopback() {
                loopback && ip.is_ipv4()
            } else {
                is_global(**ip)
            }
        };
        for ip in interfaces.iter().filter(reachable) {
            if !advertised.contains(ip) {
                advertised.push(*ip);
            }
        }
        if advertised.is_empty() {
            advertised.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Self::of(advertised, interfaces)
    }

    fn of(advertised: Vec<IpAddr>, interfaces: &[IpAddr]) -> Self {
        let is_here = |ip: &IpAddr| ip.is_loopback() || interfaces.contains(ip);
        let local = advertised.iter().copied().filter(is_here).collect();
        Self { advertised, local }
    }

    pub(super) fn advertised(&self) -> &[IpAddr] {
        &self.advertised
    }

    /// What to bind for a family that is offered: the one local address, or the wildcard when there are several or a
    /// NAT in front.
    pub(super) fn bind(&self, ipv6: bool) -> Option<IpAddr> {
        let mut of_family = self.advertised.iter().filter(|ip| ip.is_ipv6() == ipv6);
        match (of_family.next()?, of_family.next()) {
            (only, None) if self.local.contains(only) => Some(*only),
            _ => Some(wildcard(ipv6)),
        }
    }

    /// The candidate a datagram arrived at: its destination, or the address that a NAT translated to it.
    pub(super) fn candidate(&self, destination: IpAddr) -> Option<IpAddr> {
        if self.advertised.contains(&destination) {
            return Some(destination);
        }
        let same_family = |ip: &&IpAddr| ip.is_ipv6() == destination.is_ipv6();
        let translated = |ip: &&IpAddr| same_family(ip) && !self.local.contains(ip);
        self.advertised
            .iter()
            .find(translated)
            .or_else(|| self.advertised.iter().find(same_family))
            .copied()
    }

    /// The source address to send from for a candidate; `None` leaves the choice to the kernel.
    pub(super) fn source(&self, candidate: IpAddr) -> Option<IpAddr> {
        self.local.contains(&candidate).then_some(candidate)
    }
}

/// Every address of a family, also those that come later.
pub(super) fn wildcard(ipv6: bool) -> IpAddr {
    if ipv6 {
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    }
}

/// Whether other machines reach it.
pub(super) fn useful(ip: &IpAddr) -> bool {
    is_global(*ip) && !ip.is_loopback() && !ip.is_multicast()
}

/// Reachable from other machines, be it those of the same house.
pub(super) fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_unspecified(),
        // Global ones, and those of a house (RFC 4193), as the private ones of IPv4.
        IpAddr::V6(ip) => ip.segments()[0] & 0xe000 == 0x2000 || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_node_address_is_offered_alone() {
        let interfaces = [
            ip("127.0.0.1"),
            ip("10.8.0.2"),
            ip("172.17.0.1"),
            ip("2001:db8::1"),
        ];
        for node in ["127.0.0.1", "10.8.0.2"] {
            let addresses = Addresses::fixed(&[ip(node)], &interfaces);
            assert_eq!(addresses.advertised(), [ip(node)]);
            assert_eq!(addresses.bind(false), Some(ip(node)));
            assert_eq!(addresses.bind(true), None);
        }
        let behind_nat = Addresses::fixed(&[ip("203.0.113.5"), ip("2001:db8::1")], &interfaces);
        assert_eq!(
            behind_nat.advertised(),
            [ip("203.0.113.5"), ip("2001:db8::1")]
        );
        assert_eq!(behind_nat.bind(false), Some(ip("0.0.0.0")));
        assert_eq!(behind_nat.bind(true), Some(ip("2001:db8::1")));
    }

    #[test]
    fn the_public_address_comes_before_the_interfaces() {
        let interfaces = [
            ip("127.0.0.1"),
            ip("10.0.0.2"),
            ip("fe80::1"),
            ip("2001:db8::1"),
            ip("169.254.0.1"),
        ];
        let addresses = Addresses::found(Some(ip("203.0.113.5")), &interfaces, true);
        let expected = [
            ip("203.0.113.5"),
            ip("127.0.0.1"),
            ip("10.0.0.2"),
            ip("2001:db8::1"),
        ];
        assert_eq!(addresses.advertised(), expected);
    }

    #[test]
    fn a_translated_datagram_counts_for_the_public_address() {
        let addresses = Addresses::found(Some(ip("203.0.113.5")), &[ip("10.0.0.2")], false);
        assert_eq!(addresses.candidate(ip("10.0.0.2")), Some(ip("10.0.0.2")));
        assert_eq!(
            addresses.candidate(ip("172.17.0.2")),
            Some(ip("203.0.113.5"))
        );
        assert_eq!(addresses.source(ip("203.0.113.5")), None);
        assert_eq!(addresses.source(ip("10.0.0.2")), Some(ip("10.0.0.2")));
    }

    #[test]
    fn a_house_with_addresses_of_its_own_alone_is_announced_with_them() {
        let interfaces = [ip("127.0.0.1"), ip("::1"), ip("fe80::1"), ip("fd00:78::1")];
        let addresses = Addresses::found(None, &interfaces, false);
        assert_eq!(addresses.advertised(), [ip("fd00:78::1")]);
        assert!(useful(&ip("fd00:78::1")));
        assert!(!useful(&ip("ff02::1")) && !useful(&ip("::1")));
    }

    #[test]
    fn a_machine_without_network_still_offers_itself() {
        assert_eq!(
            Addresses::found(None, &[ip("127.0.0.1")], false).advertised(),
            [ip("127.0.0.1")]
        );
    }
}
