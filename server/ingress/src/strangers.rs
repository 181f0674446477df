//! Seats for connections that have not named a good key yet: few in all, and fewer for one address, so that nobody keeps
//! others out by holding connections. It must not know what they say.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use parking_lot::Mutex;

/// In all.
const MOST: usize = 64;
/// Of one address, or of one network of IPv6, which is what one customer gets.
const MOST_OF_ONE: usize = 8;

/// The seats; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Strangers(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    taken: Strangers,
    network: IpAddr,
}

impl Strangers {
    /// `None` where there is none for this address.
    pub fn seat(&self, address: IpAddr) -> Option<Seat> {
        let network = network_of(address);
        let mut taken = self.0.lock();
        if taken.values().sum::<usize>() >= MOST {
            return None;
        }
        let of_one = taken.entry(network).or_default();
        if *of_one >= MOST_OF_ONE {
            return None;
        }
        *of_one += 1;
        Some(Seat {
            taken: self.clone(),
            network,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.0.lock();
        if let Some(of_one) = taken.get_mut(&self.network) {
            *of_one -= 1;
            if *of_one == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_the_seats_of_others() {
        let strangers = Strangers::default();
        let one = |last: u8| IpAddr::from([192, 0, 2, last]);
        let seats: Vec<_> = (0..10).filter_map(|_| strangers.seat(one(1))).collect();
        assert_eq!(seats.len(), MOST_OF_ONE);
        let others: Vec<_> = (2..100)
            .filter_map(|last| strangers.seat(one(last)))
            .collect();
        assert_eq!(others.len(), MOST - MOST_OF_ONE);
        drop(seats);
        assert!(strangers.seat(one(1)).is_some());
        drop(others);
        assert!(strangers.0.lock().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_an_ipv4_in_it_is_its_own() {
        let of = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
