//! Relayed addresses: whose each is, and the way back to them. They exist in this process only; no packet on any network
//! comes from or goes to one.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use parking_lot::RwLock;
use tokio::sync::mpsc;

use crate::ground::RelayTraffic;

/// The dummy addresses of IANA's registries (RFC 7600, RFC 9780): nobody has them, so nobody else can be meant.
const IPV4: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 8);
const IPV6: Ipv6Addr = Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 8);
/// Browsers take no lower ones; all are even, as EVEN-PORT may ask for.
const FIRST_PORT: u16 = 1024;
const PORTS: usize = (u16::MAX as usize + 1 - FIRST_PORT as usize) / 2;

/// Whether an address can only be a relayed one.
pub fn is_relayed(ip: IpAddr) -> bool {
    ip == IPV4 || ip == IPV6
}

/// A datagram of the media server on its way to a client.
#[derive(Debug)]
pub struct Parcel {
    /// Where it was sent to.
    pub relayed: SocketAddr,
    /// The media server's own address.
    pub peer: SocketAddr,
    /// What it holds.
    pub payload: Vec<u8>,
}

/// All relayed addresses; clones are handles to the same ones.
#[derive(Debug, Clone, Default)]
pub struct Relays {
    taken: Arc<RwLock<Taken>>,
    traffic: Arc<RelayTraffic>,
}

#[derive(Debug, Default)]
struct Taken {
    mailboxes: HashMap<SocketAddr, mpsc::Sender<Parcel>>,
    /// Where to look for a free port: one that was just given back may still be written to.
    next: usize,
}

/// A relayed address that is somebody's; dropping it frees it.
#[derive(Debug)]
pub struct Lease {
    address: SocketAddr,
    taken: Arc<RwLock<Taken>>,
    traffic: Arc<RelayTraffic>,
}

impl Relays {
    /// None yet.
    pub fn new(traffic: Arc<RelayTraffic>) -> Self {
        Self {
            taken: Arc::default(),
            traffic,
        }
    }

    /// What is counted of them.
    pub fn traffic(&self) -> &RelayTraffic {
        &self.traffic
    }

    /// A free address, whose datagrams go to `mailbox`.
    pub fn lease(&self, ipv6: bool, mailbox: &mpsc::Sender<Parcel>) -> Option<Lease> {
        let ip = if ipv6 { IPV6.into() } else { IPV4.into() };
        let mut taken = self.taken.write();
        let begin = taken.next;
        let address = (begin..begin + PORTS)
            .filter_map(|number| u16::try_from(number % PORTS * 2).ok())
            .map(|offset| SocketAddr::new(ip, FIRST_PORT + offset))
            .find(|address| !taken.mailboxes.contains_key(address))?;
        taken.next = usize::from(address.port() - FIRST_PORT) / 2 + 1;
        taken.mailboxes.insert(address, mailbox.clone());
        drop(taken);
        self.traffic.allocations.begin();
        Some(Lease {
            address,
            taken: self.taken.clone(),
            traffic: self.traffic.clone(),
        })
    }

    /// Hands a datagram over; one that nobody waits for, or has no time for, is lost as on any network.
    pub fn send(&self, parcel: Parcel) {
        let taken = self.taken.read();
        if let Some(mailbox) = taken.mailboxes.get(&parcel.relayed)
            && mailbox.try_send(parcel).is_err()
        {
            self.traffic.dropped.add(1);
        }
    }
}

impl Lease {
    /// The relayed address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.taken.write().mailboxes.remove(&self.address);
        self.traffic.allocations.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_is_given_once_and_the_one_that_came_back_last() {
        let relays = Relays::default();
        let (mailbox, _waiting) = mpsc::channel(1);
        let first = relays.lease(false, &mailbox).unwrap();
        let address = first.address();
        drop(first);
        let all: Vec<Lease> = (1..PORTS)
            .map(|_| relays.lease(false, &mailbox).unwrap())
            .collect();
        assert!(all.iter().all(|lease| lease.address() != address));
        assert!(all.iter().all(|lease| lease.address().port() % 2 == 0));
        let last = relays.lease(false, &mailbox).unwrap();
        assert_eq!(last.address(), address);
        assert!(relays.lease(false, &mailbox).is_none());
        assert!(relays.lease(true, &mailbox).is_some());
        assert_eq!(relays.traffic().allocations.get(), PORTS as u64);
        drop((all, last));
        assert_eq!(relays.traffic().allocations.get(), 0);
    }

    #[test]
    fn a_datagram_finds_its_mailbox_and_a_full_one_loses_it() {
        let relays = Relays::default();
        let (mailbox, mut waiting) = mpsc::channel(1);
        let lease = relays.lease(true, &mailbox).unwrap();
        let parcel = |relayed| Parcel {
            relayed,
            peer: ([127, 0, 0, 1], 7882).into(),
            payload: vec![1],
        };
        assert!(is_relayed(lease.address().ip()));
        relays.send(parcel(lease.address()));
        relays.send(parcel(lease.address()));
        relays.send(parcel(([192, 0, 0, 8], 2000).into()));
        assert_eq!(waiting.try_recv().unwrap().payload, [1]);
        assert!(waiting.try_recv().is_err());
        assert_eq!(relays.traffic().dropped.get(), 1);
    }
}
