//! TURN over UDP: one task for each socket, which knows the allocations of all its clients.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{now, relay};
use crate::{
    net::{shard::Router, udp::UdpPort},
    turn::{Allocation, Answer, Door, Parcel},
};

/// Datagrams of the media server that may wait for this task: all clients of the socket share it.
const MAX_WAITING: usize = 8192;
/// Such datagrams that are sent before the socket is read again.
const BATCH: usize = 256;
/// How often allocations are looked at for what has expired.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A client and the address of ours that it talks to: it hears from that one.
type Pair = (SocketAddr, IpAddr);

struct Clients {
    port: Arc<UdpPort>,
    door: Arc<Door>,
    mailbox: mpsc::Sender<Parcel>,
    allocations: HashMap<Pair, Held>,
    /// Whose each relayed address is.
    pairs: HashMap<SocketAddr, Pair>,
}

struct Held {
    allocation: Box<Allocation>,
    relayed: Vec<SocketAddr>,
}

/// Serves a socket until `shutdown`.
pub(super) async fn serve<M: Send + 'static>(
    port: Arc<UdpPort>,
    door: Arc<Door>,
    mut router: Router<M>,
    shutdown: CancellationToken,
) {
    let mut reader = match port.reader() {
        Ok(reader) => reader,
        Err(error) => {
            tracing::error!(%error, "cannot read the UDP port of TURN");
            return;
        }
    };
    let (mailbox, mut waiting) = mpsc::channel(MAX_WAITING);
    let mut clients = Clients {
        port,
        door,
        mailbox,
        allocations: HashMap::new(),
        pairs: HashMap::new(),
    };
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut parcels = Vec::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            readable = reader.readable() => {
                if readable.is_err() {
                    return;
                }
                reader.read(|client, local, payload| {
                    clients.hear((client, local), payload, &mut router);
                });
                router.flush();
            }
            _ = waiting.recv_many(&mut parcels, BATCH) => {
                for parcel in parcels.drain(..) {
                    clients.bring(parcel);
                }
            }
            _ = look.tick() => clients.look(),
        }
    }
}

impl Clients {
    fn hear<M>(&mut self, pair: Pair, payload: &[u8], router: &mut Router<M>) {
        let now = now();
        if let Some(Held { allocation, .. }) = self.allocations.get_mut(&pair) {
            let passed = allocation.hear(&self.door, payload.to_vec(), now);
            if allocation.is_over() {
                self.forget(pair);
            }
            let reply = passed.and_then(|passed| relay(passed, &self.door, router, now));
            self.send(pair, reply);
            return;
        }
        match self.door.hear(pair.0, payload, &self.mailbox, now) {
            Answer::Nothing => {}
            Answer::Reply(reply) => self.send(pair, Some(reply)),
            Answer::Opened(allocation, reply) => {
                let relayed: Vec<SocketAddr> = allocation.relayed().collect();
                self.pairs
                    .extend(relayed.iter().map(|relayed| (*relayed, pair)));
                let held = Held {
                    allocation,
                    relayed,
                };
                self.allocations.insert(pair, held);
                self.send(pair, Some(reply));
            }
        }
    }

    fn bring(&mut self, parcel: Parcel) {
        let Some(pair) = self.pairs.get(&parcel.relayed).copied() else {
            return;
        };
        let Some(Held { allocation, .. }) = self.allocations.get_mut(&pair) else {
            return;
        };
        let bytes = parcel.payload.len() as u64;
        if let Some(datagram) = allocation.bring(parcel, now().instant) {
            self.door.relays().traffic().bytes_out.add(bytes);
            self.send(pair, Some(datagram));
        }
    }

    /// A datagram that the socket has no room for is lost.
    fn send(&self, (client, local): Pair, datagram: Option<Vec<u8>>) {
        if let Some(datagram) = datagram
            && let Err(error) = self.port.send(client, Some(local), &datagram, None)
        {
            tracing::trace!(%error, %client, "datagram of TURN not sent");
        }
    }

    fn look(&mut self) {
        let now = now().instant;
        let mut over = Vec::new();
        for (pair, Held { allocation, .. }) in &mut self.allocations {
            allocation.settle(now);
            if allocation.is_over() {
                over.push(*pair);
            }
        }
        for pair in over {
            self.forget(pair);
        }
    }

    fn forget(&mut self, pair: Pair) {
        if let Some(held) = self.allocations.remove(&pair) {
            for relayed in held.relayed {
                // One that was given back early may be another's by now.
                if self.pairs.get(&relayed) == Some(&pair) {
                    self.pairs.remove(&relayed);
                }
            }
        }
    }
}
