//! A supervisor's end: starts a keeper or finds one that is there, and commands it.

use std::{
    io,
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::BufReader,
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use super::{
    protocol::{News, Order, Request, read, write},
    record::{Identity, Record, connect, is_of, own_user},
};
use crate::{
    logs::ChildLog,
    options::Command,
    processes::{inherited, kill_group},
};

/// For a keeper's answer; one that takes longer hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// For the process of a new one, and the lock that one before it may hold.
const START_WITHIN: Duration = Duration::from_secs(15);
/// What a keeper itself may take on top of its child's grace.
const BEYOND_GRACE: Duration = Duration::from_secs(5);

/// How a child ended.
#[derive(Debug, Clone, Copy)]
pub enum Exit {
    /// As the system told its keeper.
    Status(ExitStatus),
    /// Its keeper ended first, and the child with it.
    Unseen,
}

impl Exit {
    /// What is known of it.
    pub const fn status(self) -> Option<ExitStatus> {
        match self {
            Self::Status(status) => Some(status),
            Self::Unseen => None,
        }
    }
}

/// Why the child of a record is not there to be had.
#[derive(Debug)]
pub enum Refused {
    /// Nothing of it runs, or nobody who could be told.
    Gone,
    /// Its keeper does not answer, or is another.
    Hangs,
}

enum Wish {
    Say(Request),
    Work(oneshot::Sender<Option<u32>>),
}

/// A child behind its keeper. Dropping it leaves the child to the keeper.
#[derive(Debug)]
pub struct Kept {
    /// The child's process, and its group.
    pub pid: u32,
    /// Whose process that is.
    owner: u32,
    keeper: Option<Identity>,
    wishes: mpsc::UnboundedSender<Wish>,
    exit: watch::Receiver<Option<Exit>>,
}

impl Kept {
    /// Starts a keeper, and through it the child.
    pub async fn start(keeper: &Command, order: Order, log: ChildLog) -> io::Result<Self> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        let process = tokio::process::Command::new(&keeper.program)
            .args(&keeper.args)
            // For people who look at processes.
            .args(["--keep".as_ref(), order.record.as_os_str()])
            .env_clear()
            .envs(inherited(std::env::vars_os()))
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        // Nobody waits for it but the runtime, which buries it.
        let keeper = process?.id().map(Identity::of);
        ours.set_nonblocking(true)?;
        let (reading, mut writing) = UnixStream::from_std(ours)?.into_split();
        let mut reading = BufReader::new(reading);
        let gone = || io::Error::other("its keeper ended at once");
        let started = async {
            write(&mut writing, &Request::Start(Box::new(order))).await?;
            read(&mut reading).await?.ok_or_else(gone)
        };
        match timeout(START_WITHIN, started).await?? {
            News::Started { pid } => Ok(Self::of((pid, own_user()), keeper, reading, writing, log)),
            News::Failed { error } => Err(io::Error::other(error)),
            _ => Err(gone()),
        }
    }

    /// Takes over the child that a record tells of: its keeper must be the very process, and know the record's secret.
    pub async fn adopt(record: &Record, log: ChildLog) -> Result<Self, Refused> {
        Self::knock(record, true, log).await
    }

    async fn knock(record: &Record, adopts: bool, log: ChildLog) -> Result<Self, Refused> {
        let connected = timeout(ANSWER_WITHIN, connect(&record.socket)).await;
        let stream = connected
            .map_err(|_| Refused::Hangs)?
            .map_err(|_| Refused::Gone)?;
        let listener = stream.peer_cred().map_err(|_| Refused::Gone)?;
        // Root ends what another user's site left.
        let is_ours = listener.uid() == record.owner || listener.uid() == own_user();
        let pid = listener.pid().and_then(|pid| u32::try_from(pid).ok());
        // Nobody else hears the secret. Some systems tell no pid.
        if !is_ours || pid.is_some_and(|pid| pid != record.keeper.pid) {
            return Err(Refused::Gone);
        }
        let (reading, mut writing) = stream.into_split();
        let mut reading = BufReader::new(reading);
        let secret = record.knock.clone();
        let welcomed = async {
            write(&mut writing, &Request::Knock { secret, adopts }).await?;
            read(&mut reading).await
        };
        match timeout(ANSWER_WITHIN, welcomed).await {
            Ok(Ok(Some(News::Welcome { answer, pid }))) if answer == record.answer => {
                let keeper = Some(record.keeper.clone());
                Ok(Self::of((pid, record.owner), keeper, reading, writing, log))
            }
            // It ended this moment.
            Ok(Ok(None) | Err(_)) => Err(Refused::Gone),
            Ok(Ok(Some(_))) | Err(_) => Err(Refused::Hangs),
        }
    }

    fn of(
        (pid, owner): (u32, u32),
        keeper: Option<Identity>,
        reading: BufReader<OwnedReadHalf>,
        writing: OwnedWriteHalf,
        log: ChildLog,
    ) -> Self {
        let (wishes, wished) = mpsc::unbounded_channel();
        let (told, exit) = watch::channel(None);
        tokio::spawn(speak(wished, reading, writing, log, told));
        Self {
            pid,
            owner,
            keeper,
            wishes,
            exit,
        }
    }

    /// Until it is gone; all its output came before.
    pub async fn wait(&self) -> Exit {
        let mut exit = self.exit.clone();
        exit.wait_for(Option::is_some)
            .await
            .map_or(Exit::Unseen, |exit| exit.unwrap_or(Exit::Unseen))
    }

    /// How much work it has; `None`: it does not say.
    pub async fn work(&self) -> Option<u32> {
        let (answer, answered) = oneshot::channel();
        let _ = self.wishes.send(Wish::Work(answer));
        let patience = ANSWER_WITHIN + BEYOND_GRACE;
        timeout(patience, answered).await.ok()?.ok()?
    }

    /// Whether its end has been heard of.
    pub fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// It is not to outlive us, whatever happens.
    pub fn tie(&self) {
        let _ = self.wishes.send(Wish::Say(Request::Tie));
    }

    /// SIGTERM and, after `grace`, SIGKILL to the group; returns when nothing is left of it.
    pub async fn end(&self, grace: Duration) -> Exit {
        let grace_millis = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let request = Request::End {
            grace: grace_millis,
        };
        let _ = self.wishes.send(Wish::Say(request));
        if let Ok(exit) = timeout(grace + BEYOND_GRACE, self.wait()).await {
            return exit;
        }
        tracing::warn!(pid = self.pid, "a child's keeper hangs and is killed");
        if let Some(keeper) = &self.keeper {
            keeper.kill();
        }
        if self.owner == own_user() || is_of(self.pid, self.owner) {
            kill_group(self.pid);
        }
        Exit::Unseen
    }
}

/// Passes messages on, both ways, until either side has no more.
async fn speak(
    mut wished: mpsc::UnboundedReceiver<Wish>,
    mut reading: BufReader<OwnedReadHalf>,
    mut writing: OwnedWriteHalf,
    log: ChildLog,
    told: watch::Sender<Option<Exit>>,
) {
    let (asks, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<Option<u32>>>();
    let say = async {
        while let Some(wish) = wished.recv().await {
            let request = match wish {
                Wish::Say(request) => request,
                Wish::Work(answer) => {
                    let _ = asks.send(answer);
                    Request::Busy
                }
            };
            if write(&mut writing, &request).await.is_err() {
                // Its last words are read to their end.
                std::future::pending::<()>().await;
            }
        }
    };
    let hear = async {
        loop {
            match read(&mut reading).await {
                Ok(Some(News::Line { is_error, text })) => log.hear(is_error, &text),
                Ok(Some(News::Busy { with })) => {
                    if let Ok(answer) = asked.try_recv() {
                        let _ = answer.send(with);
                    }
                }
                Ok(Some(News::Ended { status })) => {
                    return Exit::Status(ExitStatus::from_raw(status));
                }
                Ok(Some(News::Started { .. } | News::Failed { .. } | News::Welcome { .. })) => {}
                Ok(None) | Err(_) => return Exit::Unseen,
            }
        }
    };
    tokio::select! {
        () = say => {}
        exit = hear => {
            told.send_replace(Some(exit));
        }
    }
}

/// What became of a child that a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// There was none.
    Nothing,
    /// It is gone.
    Gone,
    /// Its keeper lives and takes no orders of ours.
    Refused,
}

/// Ends the child that a record tells of, and says whether there was one.
pub async fn end_kept(path: &Path, grace: Duration, log: ChildLog) -> Ended {
    let Some(record) = Record::load(path) else {
        return Ended::Nothing;
    };
    let found = match Kept::knock(&record, false, log).await {
        Ok(kept) => {
            // Its keeper has tidied up, and the record is perhaps the next one's.
            if let Exit::Status(_) = kept.end(grace).await {
                return Ended::Gone;
            }
            Ended::Gone
        }
        Err(Refused::Hangs) => {
            record.kill_keeper();
            Ended::Gone
        }
        Err(Refused::Gone) => Ended::Nothing,
    };
    if record.remove_once_dead(path).await {
        found
    } else {
        Ended::Refused
    }
}
