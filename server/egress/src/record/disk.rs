//! The thread that writes: a slow disk must hold up nobody's connection. What it is told is in memory for at most half a second
//! before it is on the disk.

use std::{
    io,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    files::{Files, Placed, Taken, TrackFacts},
    timeline::Event,
};

/// Frames that wait for a slow disk.
const MOST_WAITING: usize = 8_192;
/// A crash loses no more than this and what is on its way to here.
const SYNC_EVERY: Duration = Duration::from_millis(500);

enum Order {
    Frame(Box<(TrackFacts, Placed)>),
    Note(u64, Event),
    End(String, u64),
    EndAll(u64, oneshot::Sender<()>),
}

/// What the thread has to say.
#[derive(Debug)]
pub enum Told {
    /// This track can only be written from a keyframe on.
    NeedsKeyframe(String),
    /// Nothing more is written.
    Failed(io::Error),
}

/// The thread's handle; dropping it syncs and ends the thread.
#[derive(Debug)]
pub struct Disk {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    /// Opens the recording's folder and begins.
    pub fn open(folder: &Path) -> io::Result<(Disk, mpsc::UnboundedReceiver<Told>)> {
        let files = Files::open(folder)?;
        let (orders, waiting) = sync_channel(MOST_WAITING);
        let (telling, told) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || {
                if let Err(error) = write(files, &waiting, &telling) {
                    // The recorder may be gone already.
                    let _ = telling.send(Told::Failed(error));
                }
            })?;
        let disk = Disk {
            orders: Some(orders),
            thread: Some(thread),
        };
        Ok((disk, told))
    }

    /// Writes a frame; `false` when the disk is too slow and it is lost.
    pub fn frame(&self, source: TrackFacts, placed: Placed) -> bool {
        self.tell(Order::Frame(Box::new((source, placed))))
    }

    /// Notes what happened.
    pub fn note(&self, at: u64, event: Event) {
        self.tell(Order::Note(at, event));
    }

    /// A track is gone.
    pub fn end(&self, track: &str, at: u64) {
        self.tell(Order::End(track.to_owned(), at));
    }

    /// Ends all files, and returns when they are on the disk.
    pub async fn end_all(&self, at: u64) {
        let (done, ended) = oneshot::channel();
        let Some(orders) = &self.orders else {
            return;
        };
        let mut order = Order::EndAll(at, done);
        while let Err(TrySendError::Full(again)) = orders.try_send(order) {
            order = again;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // An error has been told otherwise.
        let _ = ended.await;
    }

    fn tell(&self, order: Order) -> bool {
        let sent = self.orders.as_ref().map(|orders| orders.try_send(order));
        matches!(sent, Some(Ok(())))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // It syncs what is left; a panic has been printed by the thread.
            let _ = thread.join();
        }
    }
}

fn write(
    mut files: Files,
    orders: &Receiver<Order>,
    telling: &mpsc::UnboundedSender<Told>,
) -> io::Result<()> {
    let mut sync_at = Instant::now() + SYNC_EVERY;
    loop {
        let wait = sync_at.saturating_duration_since(Instant::now());
        match orders.recv_timeout(wait) {
            Ok(Order::Frame(frame)) => {
                let (source, placed) = *frame;
                if files.write(&source, &placed)? == Taken::NeedsKeyframe {
                    // The recorder may be gone already.
                    let _ = telling.send(Told::NeedsKeyframe(source.track));
                }
            }
            Ok(Order::Note(at, event)) => files.note(at, event)?,
            Ok(Order::End(track, at)) => files.end(&track, at)?,
            Ok(Order::EndAll(at, done)) => {
                files.end_all(at)?;
                // Who asked may have given up.
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return files.sync(),
        }
        if Instant::now() >= sync_at {
            files.sync()?;
            sync_at = Instant::now() + SYNC_EVERY;
        }
    }
}
