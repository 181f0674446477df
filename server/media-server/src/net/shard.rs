//! Worker threads: each owns a [`Core`], reads an inbox, and writes to the sockets. Datagrams find their thread by the
//! STUN user name and afterwards by the address that has been answered.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use str0m::net::{Protocol, Transmit};
use tokio_util::sync::CancellationToken;

use super::announce::Announced;
use super::clock;
use super::core::Core;
use super::tcp::TcpConnections;
use super::udp::UdpSockets;
use crate::peer::PeerId;
use crate::peer::{Datagram, Route, Transport};
use crate::turn::{Parcel, Relays, is_relayed};

/// Datagrams that may wait for one thread; a thread that is further behind does better to lose some.
const MAX_WAITING: usize = 8192;
/// Inputs handled before their output is sent.
const BATCH: usize = 64;
/// Clients check consent every few seconds; an address unanswered for this long is forgotten.
const ROUTE_LIFE: Duration = Duration::from_mins(1);

/// A running worker thread.
pub struct Shard<M> {
    inbox: Inbox<M>,
}

/// The way into a worker thread.
pub(super) struct Inbox<M> {
    sender: mpsc::Sender<Input<M>>,
    waiting: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
}

enum Input<M> {
    Command(M),
    Datagrams(Vec<Datagram>),
}

impl<M> Clone for Inbox<M> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            waiting: self.waiting.clone(),
            dropped: self.dropped.clone(),
        }
    }
}

impl<M> std::fmt::Debug for Shard<M> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shard").finish_non_exhaustive()
    }
}

impl<M> Shard<M> {
    /// Hands over a command without blocking; false when the thread has ended.
    pub fn send(&self, command: M) -> bool {
        self.inbox.sender.send(Input::Command(command)).is_ok()
    }

    /// Datagrams that wait for the thread.
    pub fn waiting(&self) -> u64 {
        let waiting = self.inbox.waiting.load(Ordering::Relaxed);
        waiting.try_into().unwrap_or(u64::MAX)
    }

    /// Datagrams that were dropped because the thread was too far behind.
    pub fn dropped(&self) -> u64 {
        self.inbox.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn inbox(&self) -> Inbox<M> {
        self.inbox.clone()
    }
}

/// Which thread serves which client address; shared by readers and threads.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory(Arc<RwLock<HashMap<Route, Entry>>>);

#[derive(Debug, Clone, Copy)]
struct Entry {
    shard: u8,
    confirmed: Instant,
}

impl Directory {
    fn confirm(&self, route: Route, shard: u8, now: Instant) {
        let mut entries = self.0.write();
        if entries
            .insert(
                route,
                Entry {
                    shard,
                    confirmed: now,
                },
            )
            .is_none()
            && entries.len().is_power_of_two()
        {
            entries.retain(|_, entry| now.saturating_duration_since(entry.confirmed) < ROUTE_LIFE);
        }
    }
}

/// Sorts incoming datagrams by thread.
pub(super) struct Router<M> {
    inboxes: Arc<[Inbox<M>]>,
    directory: Directory,
    batches: Vec<Vec<Datagram>>,
}

impl<M> Clone for Router<M> {
    fn clone(&self) -> Self {
        Self::new(self.inboxes.clone(), self.directory.clone())
    }
}

impl<M> Router<M> {
    pub(super) fn new(inboxes: Arc<[Inbox<M>]>, directory: Directory) -> Self {
        let batches = inboxes.iter().map(|_| Vec::new()).collect();
        Self {
            inboxes,
            directory,
            batches,
        }
    }

    /// Puts a datagram on its thread's pile; one that belongs to nobody is dropped.
    pub(super) fn route(&mut self, datagram: Datagram) {
        let named = datagram
            .stun_ufrag()
            .map(|ufrag| PeerId::from_ufrag(ufrag).map(|id| id.shard));
        let shard = match named {
            Some(shard) => shard,
            None => self
                .directory
                .0
                .read()
                .get(&datagram.route)
                .map(|entry| entry.shard),
        };
        if let Some(batch) = shard.and_then(|shard| self.batches.get_mut(usize::from(shard))) {
            batch.push(datagram);
        }
    }

    /// Hands the piles over.
    pub(super) fn flush(&mut self) {
        for (inbox, batch) in self.inboxes.iter().zip(&mut self.batches) {
            if batch.is_empty() {
                continue;
            }
            let batch = std::mem::take(batch);
            let count = batch.len();
            if inbox.waiting.load(Ordering::Relaxed) + count > MAX_WAITING {
                inbox.dropped.fetch_add(count as u64, Ordering::Relaxed);
                tracing::warn!(count, "worker thread is behind, datagrams dropped");
                continue;
            }
            inbox.waiting.fetch_add(count, Ordering::Relaxed);
            if inbox.sender.send(Input::Datagrams(batch)).is_err() {
                tracing::debug!("worker thread has ended");
            }
        }
    }
}

/// Starts a thread that drives `core` until `shutdown`, or until nobody can reach it any more.
pub(super) fn spawn<C: Core + Send + 'static>(
    number: u8,
    core: C,
    sender: Sender,
    shutdown: CancellationToken,
) -> std::io::Result<Shard<C::Command>> {
    let (inputs, inbox) = mpsc::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let counter = waiting.clone();
    std::thread::Builder::new()
        .name(format!("shard-{number}"))
        .spawn(move || {
            let ended = catch_unwind(AssertUnwindSafe(|| {
                run(core, sender, &inbox, &counter, &shutdown);
            }));
            if ended.is_err() {
                tracing::error!(shard = number, "worker thread panicked, stopping");
                shutdown.cancel();
            }
        })?;
    Ok(Shard {
        inbox: Inbox {
            sender: inputs,
            waiting,
            dropped: Arc::default(),
        },
    })
}

fn run<C: Core>(
    mut core: C,
    mut sender: Sender,
    inbox: &mpsc::Receiver<Input<C::Command>>,
    waiting: &AtomicUsize,
    shutdown: &CancellationToken,
) {
    /// How often an idle thread looks whether it should end.
    const IDLE: Duration = Duration::from_millis(500);

    loop {
        let pause = core
            .deadline()
            .map_or(IDLE, |deadline| {
                deadline.saturating_duration_since(clock::now())
            })
            .min(sender.pause().unwrap_or(IDLE))
            .min(IDLE);
        let mut next = match inbox.recv_timeout(pause) {
            Ok(input) => Some(input),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if shutdown.is_cancelled() {
            return;
        }
        let now = clock::now();
        let mut handled = 0;
        while let Some(input) = next {
            handled += take(&mut core, input, waiting, now);
            next = if handled < BATCH {
                inbox.try_recv().ok()
            } else {
                None
            };
        }
        if core.deadline().is_some_and(|deadline| deadline <= now) {
            core.handle_timeout(now);
        }
        core.flush(now);
        while let Some(transmit) = core.poll_transmit() {
            sender.push(transmit, now);
        }
        sender.flush();
    }
}

/// Returns how much work it was.
fn take<C: Core>(
    core: &mut C,
    input: Input<C::Command>,
    waiting: &AtomicUsize,
    now: Instant,
) -> usize {
    match input {
        Input::Command(command) => {
            core.handle_command(command, now);
            1
        }
        Input::Datagrams(datagrams) => {
            let count = datagrams.len();
            waiting.fetch_sub(count, Ordering::Relaxed);
            for datagram in datagrams {
                core.handle_datagram(datagram, now);
            }
            count
        }
    }
}

/// Writes a thread's datagrams to the sockets, as few system calls as it takes.
pub(super) struct Sender {
    shard: u8,
    announced: Announced,
    udp: UdpSockets,
    tcp: TcpConnections,
    directory: Directory,
    relays: Relays,
    /// Datagrams to one destination, laid end to end.
    train: Vec<u8>,
    train_route: Option<Route>,
    segment: usize,
    segments: usize,
    /// The last one was shorter, so it must stay the last.
    closed: bool,
    /// Trains the socket had no room for.
    backlog: std::collections::VecDeque<Train>,
}

struct Train {
    route: Route,
    bytes: Vec<u8>,
    segment: Option<usize>,
}

/// Trains that may wait for the socket; beyond that the oldest are lost, as on any congested link.
const MAX_BACKLOG: usize = 1024;
/// A UDP send takes at most this many bytes.
const MAX_TRAIN: usize = 60_000;

impl Sender {
    pub(super) fn new(
        shard: u8,
        announced: Announced,
        udp: UdpSockets,
        tcp: TcpConnections,
        directory: Directory,
        relays: Relays,
    ) -> Self {
        Self {
            shard,
            announced,
            udp,
            tcp,
            directory,
            relays,
            train: Vec::new(),
            train_route: None,
            segment: 0,
            segments: 0,
            closed: false,
            backlog: std::collections::VecDeque::new(),
        }
    }

    /// How long to wait at most because the socket was full.
    fn pause(&self) -> Option<Duration> {
        (!self.backlog.is_empty()).then_some(Duration::from_millis(1))
    }

    fn push(&mut self, transmit: Transmit, now: Instant) {
        let transport = match transmit.proto {
            Protocol::Udp => Transport::Udp,
            _ => Transport::Tcp,
        };
        let route = Route {
            transport,
            local: transmit.source,
            remote: transmit.destination,
        };
        let contents: Vec<u8> = transmit.contents.into();
        if is_stun_success(&contents) {
            // Only an authentic request is answered: from here on the address belongs to this thread.
            self.directory.confirm(route, self.shard, now);
        }
        if transport == Transport::Tcp {
            self.tcp.send(&route, contents);
            return;
        }
        if is_relayed(route.remote.ip()) {
            self.relays.send(Parcel {
                relayed: route.remote,
                peer: route.local,
                payload: contents,
            });
            return;
        }
        let fits = self.train_route == Some(route)
            && !self.closed
            && contents.len() <= self.segment
            && self.train.len() + contents.len() <= MAX_TRAIN
            && self
                .udp
                .towards(route.remote, route.local.port())
                .is_some_and(|port| self.segments < port.max_segments());
        if !fits {
            self.depart();
            self.train_route = Some(route);
            self.segment = contents.len();
        }
        self.closed = contents.len() < self.segment;
        self.segments += 1;
        self.train.extend_from_slice(&contents);
    }

    /// Sends what has been pushed.
    fn flush(&mut self) {
        self.depart();
        while let Some(train) = self.backlog.pop_front() {
            if !self.send(&train.route, &train.bytes, train.segment) {
                self.backlog.push_front(train);
                break;
            }
        }
    }

    fn depart(&mut self) {
        let Some(route) = self.train_route.take() else {
            return;
        };
        let bytes = std::mem::take(&mut self.train);
        let segment = (self.segments > 1).then_some(self.segment);
        self.segments = 0;
        self.closed = false;
        if self.backlog.is_empty() && self.send(&route, &bytes, segment) {
            self.train = bytes;
            self.train.clear();
            return;
        }
        if self.backlog.len() >= MAX_BACKLOG {
            self.backlog.pop_front();
        }
        self.backlog.push_back(Train {
            route,
            bytes,
            segment,
        });
    }

    /// False when the socket has no room now.
    fn send(&self, route: &Route, bytes: &[u8], segment: Option<usize>) -> bool {
        let Some(port) = self.udp.towards(route.remote, route.local.port()) else {
            return true;
        };
        let source = self.announced.now().source(route.local.ip());
        match port.send(route.remote, source, bytes, segment) {
            Ok(()) => true,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
            Err(_) if segment.is_some() => {
                // The kernel or the device refuses trains: quinn-udp has noted it, these go one by one.
                for chunk in bytes.chunks(segment.unwrap_or(bytes.len())) {
                    if port.send(route.remote, source, chunk, None).is_err() {
                        break;
                    }
                }
                true
            }
            Err(error) => {
                tracing::trace!(%error, remote = %route.remote, "datagram not sent");
                true
            }
        }
    }
}

/// STUN binding success response.
fn is_stun_success(contents: &[u8]) -> bool {
    contents.len() >= 20 && contents.starts_with(&[1, 1])
}
