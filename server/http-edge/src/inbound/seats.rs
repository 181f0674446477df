//! Seats for connections: so many in all, so many per address. Trusted addresses have a seat as long as there is any.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::shares::{Share, Shares};

/// An address that speaks for many, such as a proxy.
type Exempt = dyn Fn(IpAddr) -> bool + Send + Sync;

/// The seats of one listener.
#[derive(Clone)]
pub struct Seats {
    free: Arc<Semaphore>,
    shares: Shares<IpAddr>,
    exempt: Arc<Exempt>,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// All are taken.
    Full,
    /// This address has its share.
    AddressFull,
}

/// A taken seat; dropping it gives it back.
#[derive(Debug)]
pub struct Seat {
    _one_of_all: OwnedSemaphorePermit,
    _share: Option<Share<IpAddr>>,
}

impl fmt::Debug for Seats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Seats")
            .field("free", &self.free.available_permits())
            .finish_non_exhaustive()
    }
}

impl Seats {
    /// `most` in all, `most_per_address` for each address that is not `exempt`.
    pub fn new(
        most: usize,
        most_per_address: usize,
        exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most)),
            shares: Shares::new(most_per_address),
            exempt: Arc::new(exempt),
        }
    }

    /// A seat for a connection from `address`.
    pub fn take(&self, address: IpAddr) -> Result<Seat, Refused> {
        let address = address.to_canonical();
        let one_of_all = self
            .free
            .clone()
            .try_acquire_owned()
            .map_err(|_| Refused::Full)?;
        let share = if (self.exempt)(address) {
            None
        } else {
            Some(
                self.shares
                    .take(network(address))
                    .ok_or(Refused::AddressFull)?,
            )
        };
        Ok(Seat {
            _one_of_all: one_of_all,
            _share: share,
        })
    }
}

/// What counts as one address: a subscriber has a whole /64 of IPv6 addresses to choose from.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_share_and_a_proxy_as_many_as_there_are() {
        let seats = Seats::new(5, 2, |address| address == ip("10.0.0.1"));
        let taken: Vec<_> = ["192.0.2.1", "::ffff:192.0.2.1", "10.0.0.1", "10.0.0.1"]
            .map(|address| seats.take(ip(address)).unwrap())
            .into();
        assert_eq!(
            seats.take(ip("192.0.2.1")).unwrap_err(),
            Refused::AddressFull
        );
        let last = seats.take(ip("10.0.0.1")).unwrap();
        assert_eq!(seats.take(ip("10.0.0.1")).unwrap_err(), Refused::Full);
        drop((taken, last));
        assert!(seats.take(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn the_addresses_of_one_ipv6_subscriber_share() {
        let seats = Seats::new(5, 1, |_| false);
        let _taken = seats.take(ip("2001:db8:0:1::1")).unwrap();
        assert!(seats.take(ip("2001:db8:0:1:ffff::2")).is_err());
        assert!(seats.take(ip("2001:db8:0:2::1")).is_ok());
    }
}
