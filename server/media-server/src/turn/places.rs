//! How many allocations there may be: in all, for an address, with the same credentials. It must not know what they are for.

use std::net::IpAddr;

use http_edge::{Seat, Seats, Share, Shares};

/// In all: each costs some kilobytes.
const MOST: usize = 16_384;
/// For an address: a page in a call has one for each of its two connections, transport and network.
const MOST_PER_ADDRESS: usize = 1024;
/// With the same credentials, which are one participant's.
const MOST_PER_NAME: usize = 64;

/// The places for allocations.
#[derive(Debug)]
pub struct Places {
    seats: Seats,
    names: Shares<String>,
}

/// A taken place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    _seat: Seat,
    _name: Share<String>,
}

impl Places {
    /// Where somebody in front ends TLS (`proxied`), a near address may be theirs, and have them all.
    pub fn new(proxied: bool) -> Self {
        Self::of(MOST, MOST_PER_ADDRESS, MOST_PER_NAME, proxied)
    }

    pub(super) fn of(most: usize, per_address: usize, per_name: usize, proxied: bool) -> Self {
        Self {
            seats: Seats::new(most, per_address, move |ip| proxied && is_near(ip)),
            names: Shares::new(per_name),
        }
    }

    pub(super) fn take(&self, address: IpAddr, name: &str) -> Option<Place> {
        Some(Place {
            _name: self.names.take(whose(name).to_owned())?,
            _seat: self.seats.take(address).ok()?,
        })
    }
}

/// The participant that a name is of: another moment's credentials are not another participant's.
fn whose(name: &str) -> &str {
    name.split_once(':')
        .map_or(name, |(_, participant)| participant)
}

/// Whether an address is of this machine or of a private network.
pub fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_participants_share_is_the_same_whenever_the_credentials_were_made() {
        let places = Places::of(10, 10, 2, false);
        let address = IpAddr::from([192, 0, 2, 1]);
        let first = places.take(address, "100:PA_1").unwrap();
        let _second = places.take(address, "101:PA_1").unwrap();
        assert!(places.take(address, "102:PA_1").is_none());
        assert!(places.take(address, "102:PA_2").is_some());
        drop(first);
        assert!(places.take(address, "102:PA_1").is_some());
    }
}
