//! The live streams of an egress while it records: one composer for all, one sender for each address, as it is written down who is
//! sent to. It must not know how a stream is made or sent.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use livekit_wire::proto::{EgressInfo, stream_info};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Egress, Shared, film::wanted, nanoseconds};
use crate::{
    compose::{
        ComposeError,
        live::{self, DELAY_MS, Source, Taker, Until},
    },
    info,
    order::StreamOrder,
    record::milliseconds,
    stream::{Failed, FanOut, Sender},
};

/// What the names of files with streams' secrets begin with.
const OPTIONS: &str = "stream-";
/// So long after the last moment everything has been encoded.
const COMPOSED_WITHIN: Duration = Duration::from_millis(DELAY_MS + 10_000);
const SENT_WITHIN: Duration = Duration::from_secs(8);

/// The streams of one egress. What is dropped ends at once; another process may go on.
pub struct Streaming<'a> {
    shared: &'a Shared,
    egress: &'a Egress,
    folder: PathBuf,
    /// When the recording's clock was zero, and what it showed when this process began.
    zero: Instant,
    begun: Duration,
    until: Arc<Until>,
    fan_out: Arc<FanOut>,
    /// The composer's end, once there is one.
    composed: Option<oneshot::Receiver<Result<(), ComposeError>>>,
    senders: JoinSet<(usize, Result<(), Failed>)>,
    stops: HashMap<usize, CancellationToken>,
    again: (mpsc::UnboundedSender<Again>, mpsc::UnboundedReceiver<Again>),
    /// Of these streams the process before had some.
    known: usize,
}

/// The stream of this index is tried again, for the first time since it worked or not.
struct Again {
    index: usize,
    first: bool,
}

impl<'a> Streaming<'a> {
    /// `elapsed` since the recording's clock was zero.
    pub fn begin(shared: &'a Shared, egress: &'a Egress, elapsed: Duration) -> Streaming<'a> {
        let now = Instant::now();
        let info = egress.info();
        let folder = shared.journal.folder(&info.egress_id);
        forget_options(&folder);
        Streaming {
            shared,
            egress,
            folder,
            zero: now.checked_sub(elapsed).unwrap_or(now),
            begun: elapsed,
            until: Arc::default(),
            fan_out: Arc::default(),
            composed: None,
            senders: JoinSet::new(),
            stops: HashMap::new(),
            again: mpsc::unbounded_channel(),
            known: if info::has_begun(&info) {
                info.stream_results.len()
            } else {
                0
            },
        }
    }

    /// Sends until nobody is sent to any more and nothing else is wanted; the last one's error. Otherwise it never ends.
    pub async fn all_ended(&mut self) -> Option<String> {
        loop {
            self.send_to_all();
            match self.last() {
                Last::GoesOn => {}
                Last::Stopped => return None,
                Last::Failed(error) => return Some(error),
            }
            tokio::select! {
                () = self.egress.streams.notified() => {}
                Some(ended) = self.senders.join_next(), if !self.senders.is_empty() => match ended {
                    Ok((index, Ok(()))) => { self.stops.remove(&index); }
                    Ok((index, Err(Failed(error)))) => self.failed(index, &error),
                    Err(error) => tracing::error!(%error, "a sender of a stream broke"),
                },
                Some(Again { index, first }) = self.again.1.recv() => {
                    let event = first.then_some("egress_updated");
                    self.egress.change(self.shared, event, |record| {
                        info::stream_retried(&mut record.info, index, self.now());
                    });
                }
                error = ended(&mut self.composed) => {
                    self.composed = None;
                    for (index, _) in self.live() {
                        self.failed(index, &error);
                    }
                }
            }
        }
    }

    /// Sends what is still on its way, and ends.
    pub async fn finish(mut self) {
        let Some(composed) = self.composed.take() else {
            return;
        };
        self.until.end_at(milliseconds(self.zero.elapsed()));
        if timeout(COMPOSED_WITHIN, composed).await.is_err() {
            tracing::warn!("the end of a live stream was not composed in time");
        }
        self.fan_out.end();
        let sent = async { while self.senders.join_next().await.is_some() {} };
        if timeout(SENT_WITHIN, sent).await.is_err() {
            tracing::warn!("the end of a live stream was not sent in time");
        }
    }

    fn now(&self) -> i64 {
        nanoseconds((self.shared.wall_clock)())
    }

    /// Who is to be sent to.
    fn live(&self) -> Vec<(usize, StreamOrder)> {
        let record = self.egress.record.lock();
        let streams = record.order.outputs.streams.iter();
        let streams = streams.flat_map(|streams| streams.all.iter().enumerate());
        streams
            .filter(|(index, _)| info::is_streamed(&record.info, *index))
            .map(|(index, stream)| (index, stream.clone()))
            .collect()
    }

    /// Makes it as it is written down.
    fn send_to_all(&mut self) {
        let live = self.live();
        for (index, stop) in &self.stops {
            if !live.iter().any(|(other, _)| other == index) {
                stop.cancel();
            }
        }
        if live.is_empty() {
            // Another may be added: for that one it begins anew.
            self.until.drop_it();
            (self.until, self.fan_out, self.composed) = (Arc::default(), Arc::default(), None);
            return;
        }
        let Some(ffmpeg) = self.shared.ffmpeg.clone() else {
            for (index, _) in live {
                self.failed(index, &ComposeError::NoFfmpeg.to_string());
            }
            return;
        };
        if self.composed.is_none() {
            self.composed = Some(self.compose(ffmpeg.clone()));
        }
        for (index, order) in live {
            if self.stops.contains_key(&index) {
                continue;
            }
            let stop = CancellationToken::new();
            self.stops.insert(index, stop.clone());
            let sender = Sender {
                order,
                fan_out: Arc::clone(&self.fan_out),
                ffmpeg: ffmpeg.clone(),
                options: self.folder.join(format!("{OPTIONS}{index}.txt")),
                known: index < self.known,
                stop,
            };
            let telling = self.again.0.clone();
            self.senders.spawn(async move {
                // Nobody may listen any more.
                let again = |first| drop(telling.send(Again { index, first }));
                (index, sender.run(again).await)
            });
        }
    }

    fn compose(&self, ffmpeg: PathBuf) -> oneshot::Receiver<Result<(), ComposeError>> {
        let order = self.egress.record.lock().order.clone();
        let source = Source {
            folder: self.folder.clone(),
            wanted: wanted(&order.selector),
            ffmpeg,
            zero: self.zero,
            from: milliseconds(self.begun),
            keep: order.outputs.has_files(),
        };
        let until = Arc::clone(&self.until);
        let taker: Arc<dyn Taker> = Arc::<FanOut>::clone(&self.fan_out);
        let (telling, composed) = oneshot::channel();
        let thread = std::thread::Builder::new().name("live".to_owned());
        let run = move || {
            // Who began it may be gone.
            let _ = telling.send(live::run(&source, &until, &taker));
        };
        if let Err(error) = thread.spawn(run) {
            tracing::error!(%error, "a live stream cannot be composed");
        }
        composed
    }

    fn failed(&self, index: usize, error: &str) {
        let last = self.live().len() == 1 && !self.has_files();
        // The end of the egress tells of the last one.
        let event = (!last).then_some("egress_updated");
        self.egress.change(self.shared, event, |record| {
            info::stream_ended(&mut record.info, index, Some(error), self.now());
            let streams = record.order.outputs.streams.as_mut();
            if let Some(stream) = streams.and_then(|streams| streams.all.get_mut(index)) {
                stream.forget_secrets();
            }
        });
    }

    fn has_files(&self) -> bool {
        self.egress.record.lock().order.outputs.has_files()
    }

    fn last(&self) -> Last {
        if self.has_files() {
            return Last::GoesOn;
        }
        last(&self.egress.info())
    }
}

impl Drop for Streaming<'_> {
    fn drop(&mut self) {
        self.until.drop_it();
        for stop in self.stops.values() {
            stop.cancel();
        }
    }
}

/// How far an egress is that only streams.
#[derive(Debug, PartialEq, Eq)]
enum Last {
    GoesOn,
    /// The stream that ended last was taken away.
    Stopped,
    /// It failed.
    Failed(String),
}

fn last(info: &EgressInfo) -> Last {
    let streams = &info.stream_results;
    if (0..streams.len()).any(|index| info::is_streamed(info, index)) {
        return Last::GoesOn;
    }
    match streams.iter().max_by_key(|stream| stream.ended_at) {
        None => Last::GoesOn,
        Some(last) if last.status() == stream_info::Status::Failed => {
            Last::Failed(last.error.clone())
        }
        Some(_) => Last::Stopped,
    }
}

/// Resolves when the composer cannot go on, with the reason for callers.
async fn ended(composed: &mut Option<oneshot::Receiver<Result<(), ComposeError>>>) -> String {
    match composed {
        None => std::future::pending().await,
        Some(composed) => match composed.await {
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(())) | Err(_) => "the stream cannot be made".to_owned(),
        },
    }
}

/// Removes files with streams' secrets that a process left when it was killed.
pub fn forget_options(folder: &Path) {
    let remove = || -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(OPTIONS) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    match remove() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a file with a stream's key cannot be removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stream_that_ended_says_how_the_egress_ends() {
        let mut info = EgressInfo::default();
        assert_eq!(last(&info), Last::GoesOn);
        for url in ["a", "b"] {
            info::stream_added(&mut info, url, 1);
        }
        info::stream_ended(&mut info, 0, Some("refused"), 2);
        assert_eq!(last(&info), Last::GoesOn);
        let mut stopped = info.clone();
        info::stream_ended(&mut stopped, 1, None, 3);
        assert_eq!(last(&stopped), Last::Stopped);
        info::stream_ended(&mut info, 1, Some("gone"), 3);
        assert_eq!(last(&info), Last::Failed("gone".to_owned()));
    }

    #[test]
    fn what_a_killed_process_left_of_secrets_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["stream-0.txt", "stream-1.part", "egress.json"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        forget_options(folder.path());
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1);
        forget_options(&folder.path().join("none"));
    }
}
