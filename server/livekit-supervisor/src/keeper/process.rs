//! The keeper itself: one thread, one child, and whoever connects.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitCode, Stdio},
    rc::Rc,
    time::Duration,
};

use nix::unistd::setsid;
use tokio::{
    io::{AsyncRead, BufReader},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinHandle, JoinSet, LocalSet, spawn_local},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    lines::{Line, Lines},
    protocol::{News, Order, Request, read, write},
    record::{Folder, Identity, Record, inherited, listen, own_user},
};
use crate::{
    child_exec::ChildExecError,
    keys::word,
    logs::read_line,
    processes::{kill_group, terminate_group},
};

/// For the first word, and for a knock.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// A keeper before this one may be about to go.
const LOCK_WITHIN: Duration = Duration::from_secs(3);
/// How long a finished child's last output is waited for; a process it left behind may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);
/// For whoever is to hear of the end.
const LAST_WORD: Duration = Duration::from_secs(2);
/// For a child that ends because nobody needs it.
const GRACE: Duration = Duration::from_secs(5);
/// Somebody who came back at the last moment is not cut.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Questions in a row after which a child that answers none has no work: a busy machine lets one or the other fail.
const UNANSWERED: u32 = 5;

/// Runs a keeper to its end: its first word comes by standard input, which is a socket.
pub fn keep() -> Result<ExitCode, ChildExecError> {
    // Away from the terminal that its starter has. Who leads a session already has none.
    let _ = setsid();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ChildExecError::Keeper)?;
    let kept = LocalSet::new().block_on(&runtime, serve());
    kept.map_err(ChildExecError::Keeper)?;
    Ok(ExitCode::SUCCESS)
}

async fn serve() -> io::Result<()> {
    let stream = inherited()?;
    stream.set_nonblocking(true)?;
    let (reading, mut writing) = UnixStream::from_std(stream)?.into_split();
    let mut reading = BufReader::new(reading);
    let first = timeout(FIRST_WORD, read(&mut reading)).await??;
    let Some(Request::Start(order)) = first else {
        return Err(io::Error::other(
            "it is started with an order, or not at all",
        ));
    };
    match begin(*order).await {
        Ok(begun) => {
            let pid = begun.pid;
            write(&mut writing, &News::Started { pid }).await?;
            begun.run(reading, writing).await;
            Ok(())
        }
        Err(error) => {
            let error = error.to_string();
            write(&mut writing, &News::Failed { error }).await
        }
    }
}

/// A child that runs, and everything to keep it.
struct Begun {
    child: Child,
    pid: u32,
    order: Order,
    record: Record,
    listener: UnixListener,
    _lock: File,
}

async fn begin(order: Order) -> io::Result<Begun> {
    let lock = lock(&order).await?;
    let mut random = rand::rng();
    let mut record = Record {
        keeper: Identity::own(),
        socket: format!("convoke-{}", word(24, &mut random)),
        knock: word(43, &mut random),
        answer: word(43, &mut random),
        folder: Folder::of(&order.record)?,
        config_file: order.config_file.clone(),
        told: order.told.clone(),
        owner: own_user(),
    };
    let listener = listen(&record.socket)?;
    listener.set_nonblocking(true)?;
    let listener = UnixListener::from_std(listener)?;
    // Before there is a child that nobody would find.
    record.write(&order.record)?;
    let spawned = spawn(&order);
    let child = match spawned {
        Ok(child) => child,
        Err(error) => {
            record.config_file = None;
            record.remove(&order.record);
            return Err(error);
        }
    };
    Ok(Begun {
        pid: child.id().unwrap_or_default(),
        child,
        order,
        record,
        listener,
        _lock: lock,
    })
}

/// One keeper at a time for each record.
async fn lock(order: &Order) -> io::Result<File> {
    let path = order.record.with_extension("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    let until = Instant::now() + LOCK_WITHIN;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < until => {
                sleep(Duration::from_millis(50)).await;
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(io::Error::other("the one before it is still there"));
            }
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// The leader of a group of its own, which dies with this process.
fn spawn(order: &Order) -> io::Result<Child> {
    let (program, args) = &order.last_step;
    Command::new(program)
        .args(args)
        .arg(std::process::id().to_string())
        .arg(&order.line.0)
        .args(&order.line.1)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

enum Event {
    /// Somebody knows the word; whether they watch from now on.
    Admitted(BufReader<OwnedReadHalf>, OwnedWriteHalf, bool),
    Asked(u64, Request),
    Gone(u64),
    /// To whom it is told; `None`: to ourselves.
    Work(Option<u64>, Option<u32>),
}

/// Somebody who is connected.
struct Peer {
    says: UnboundedSender<News>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Keeper {
    order: Rc<Order>,
    record: Record,
    pid: u32,
    lines: Rc<Lines>,
    inbox: UnboundedSender<Event>,
    peers: HashMap<u64, Peer>,
    next_peer: u64,
    /// Who watches the child.
    supervisor: Option<u64>,
    /// When to look whether the child still has work, where nobody does.
    look_at: Option<Instant>,
    /// Looks in a row that the child said nothing to.
    unanswered: u32,
    is_tied: bool,
    /// When the child is killed that was asked to end.
    kill_at: Option<Instant>,
}

impl Begun {
    async fn run(self, reading: BufReader<OwnedReadHalf>, writing: OwnedWriteHalf) {
        let Self {
            mut child,
            pid,
            order,
            record,
            listener,
            _lock,
        } = self;
        let (inbox, mut events) = mpsc::unbounded_channel();
        let lines = Rc::new(Lines::default());
        let mut output = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            output.spawn_local(take(stdout, false, lines.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            output.spawn_local(take(stderr, true, lines.clone()));
        }
        let mut keeper = Keeper {
            order: Rc::new(order),
            record,
            pid,
            lines,
            inbox,
            peers: HashMap::new(),
            next_peer: 0,
            supervisor: None,
            look_at: None,
            unanswered: 0,
            is_tied: false,
            kill_at: None,
        };
        keeper.welcome(reading, writing, true);
        let status = keeper.watch(&mut child, &listener, &mut events).await;
        // Also what a wrapper script left behind.
        kill_group(pid);
        let drained = async { while output.join_next().await.is_some() {} };
        let _ = timeout(LAST_OUTPUT, drained).await;
        // Before anybody hears of the end: the next keeper writes its own.
        keeper.record.remove(&keeper.order.record);
        let status = status.map_or(-1, ExitStatusExt::into_raw);
        keeper.say_farewell(status).await;
    }
}

/// Every line, until the child's end closes.
async fn take(output: impl AsyncRead + Unpin, is_error: bool, lines: Rc<Lines>) {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    while read_line(&mut output, &mut bytes).await {
        let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if !text.is_empty() {
            lines.push(Line { is_error, text });
        }
    }
}

impl Keeper {
    /// Until the child ends.
    async fn watch(
        &mut self,
        child: &mut Child,
        listener: &UnixListener,
        events: &mut UnboundedReceiver<Event>,
    ) -> io::Result<std::process::ExitStatus> {
        let mut terminated = signal(SignalKind::terminate())?;
        // Whoever closes a terminal does not mean us.
        let mut hung_up = signal(SignalKind::hangup())?;
        loop {
            let (kill_at, look_at) = (self.kill_at, self.look_at);
            tokio::select! {
                biased;
                status = child.wait() => return status,
                Some(event) = events.recv() => self.hear(event),
                Ok((stream, _)) = listener.accept() => self.admit(stream),
                _ = terminated.recv() => self.end(GRACE),
                _ = hung_up.recv() => {}
                () = sleep_until(kill_at.unwrap_or_else(Instant::now)), if kill_at.is_some() => {
                    self.kill_at = None;
                    kill_group(self.pid);
                }
                () = sleep_until(look_at.unwrap_or_else(Instant::now)), if look_at.is_some() => {
                    self.look_at = Some(Instant::now() + self.idle().min(LOOK_AGAIN));
                    self.ask(None);
                }
            }
        }
    }

    fn idle(&self) -> Duration {
        Duration::from_millis(self.order.idle)
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Admitted(reading, writing, adopts) => {
                let id = self.welcome(reading, writing, adopts);
                let (answer, pid) = (self.record.answer.clone(), self.pid);
                if let Some(peer) = self.peers.get(&id) {
                    let _ = peer.says.send(News::Welcome { answer, pid });
                }
            }
            Event::Asked(peer, Request::Busy) => self.ask(Some(peer)),
            Event::Asked(_, Request::Tie) => self.is_tied = true,
            Event::Asked(_, Request::End { grace }) => self.end(Duration::from_millis(grace)),
            // Said once, before.
            Event::Asked(_, Request::Start(_) | Request::Knock { .. }) => {}
            Event::Gone(peer) => {
                self.peers.remove(&peer);
                if self.supervisor == Some(peer) {
                    self.supervisor = None;
                    self.look_at = Some(Instant::now() + self.idle());
                    if self.is_tied {
                        self.end(Duration::ZERO);
                    }
                }
            }
            Event::Work(Some(peer), with) => {
                if let Some(peer) = self.peers.get(&peer) {
                    let _ = peer.says.send(News::Busy { with });
                }
            }
            Event::Work(None, with) => {
                self.unanswered = with.map_or(self.unanswered + 1, |_| 0);
                let has_none = with == Some(0) || self.unanswered >= UNANSWERED;
                if has_none && self.supervisor.is_none() {
                    self.end(GRACE);
                }
            }
        }
    }

    fn ask(&self, peer: Option<u64>) {
        let (order, inbox) = (self.order.clone(), self.inbox.clone());
        spawn_local(async move {
            let work = order.question.ask().await.ok();
            let _ = inbox.send(Event::Work(peer, work));
        });
    }

    fn end(&mut self, grace: Duration) {
        if grace.is_zero() {
            self.kill_at = None;
            kill_group(self.pid);
            return;
        }
        terminate_group(self.pid);
        let kill_at = Instant::now() + grace;
        self.kill_at = Some(self.kill_at.map_or(kill_at, |before| before.min(kill_at)));
    }

    /// Hears whoever knows the word; nobody else is answered.
    fn admit(&mut self, stream: UnixStream) {
        let ours = own_user();
        let is_ours = stream
            .peer_cred()
            .is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0);
        if !is_ours {
            return;
        }
        let (reading, writing) = stream.into_split();
        let mut reading = BufReader::new(reading);
        let (word, inbox) = (self.record.knock.clone(), self.inbox.clone());
        spawn_local(async move {
            let knock = timeout(FIRST_WORD, read(&mut reading)).await;
            if let Ok(Ok(Some(Request::Knock { secret, adopts }))) = knock
                && secret == word
            {
                let _ = inbox.send(Event::Admitted(reading, writing, adopts));
            }
        });
    }

    /// Hears them from now on; whoever watches takes the place of whoever did.
    fn welcome(
        &mut self,
        reading: BufReader<OwnedReadHalf>,
        writing: OwnedWriteHalf,
        watches: bool,
    ) -> u64 {
        let id = self.next_peer;
        self.next_peer += 1;
        let (says, said) = mpsc::unbounded_channel();
        let inbox = self.inbox.clone();
        let reader = spawn_local(async move {
            listen_to(id, reading, &inbox).await;
            let _ = inbox.send(Event::Gone(id));
        });
        let lines = watches.then(|| self.lines.clone());
        if watches {
            if let Some(before) = self.supervisor.replace(id) {
                self.peers.remove(&before);
            }
            (self.is_tied, self.look_at, self.unanswered) = (false, None, 0);
        }
        let writer = spawn_local(tell(writing, said, lines));
        let tasks = [reader, writer];
        self.peers.insert(id, Peer { says, tasks });
        id
    }

    async fn say_farewell(self, status: i32) {
        let mut writers = Vec::new();
        for (_, mut peer) in self.peers {
            let _ = peer.says.send(News::Ended { status });
            let nothing = spawn_local(async {});
            writers.push(std::mem::replace(&mut peer.tasks[1], nothing));
        }
        let told = async {
            for writer in writers {
                let _ = writer.await;
            }
        };
        let _ = timeout(LAST_WORD, told).await;
    }
}

async fn listen_to(id: u64, mut reading: BufReader<OwnedReadHalf>, inbox: &UnboundedSender<Event>) {
    while let Ok(Some(request)) = read(&mut reading).await {
        if inbox.send(Event::Asked(id, request)).is_err() {
            return;
        }
    }
}

/// Says what there is to say, and the child's lines where they are wanted; the end of the child comes last.
async fn tell(
    mut writing: OwnedWriteHalf,
    mut said: UnboundedReceiver<News>,
    lines: Option<Rc<Lines>>,
) {
    loop {
        let next = async {
            match &lines {
                Some(lines) => lines.next().await,
                None => std::future::pending().await,
            }
        };
        let news = tokio::select! {
            // The welcome comes before everything else.
            biased;
            news = said.recv() => match news {
                Some(news) => news,
                None => return,
            },
            Line { is_error, text } = next => News::Line { is_error, text },
        };
        let is_last = matches!(news, News::Ended { .. });
        if is_last && let Some(lines) = &lines {
            while let Some(Line { is_error, text }) = lines.pop() {
                if write(&mut writing, &News::Line { is_error, text })
                    .await
                    .is_err()
                {
                    return;
                }
            }
        }
        if write(&mut writing, &news).await.is_err() || is_last {
            return;
        }
    }
}
