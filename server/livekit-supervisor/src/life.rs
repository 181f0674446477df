//! The life of the child, one after another: start, probe, watch, take down, wait, again.
//! Decides when; how is in the modules beside it.

use std::{
    net::{IpAddr, SocketAddr},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, SystemTime},
};

use livekit_client::{Probe, ProbeError};
use secrecy::ExposeSecret;
use tokio::{
    sync::{OnceCell, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    adoption::{self, Adopted, Found, NAME, Told},
    backoff::Backoff,
    choose::{Chosen, order},
    keeper::{Exit, Kept, Question, Record, Work},
    logs::{ChildLog, Speaker},
    node_ip::{moved, node_ip},
    options::{Options, PortKeys, Ports},
    ports,
    processes::{Stop, asked, was_dropped},
    state::{ChildState, Endpoint, Failure, MediaAddress, RunningEngine},
    version::version_of,
    yaml::{ConfigFile, FILE_NAME, generate},
};

/// For a child whose rooms are empty.
const REPLACED: Duration = Duration::from_secs(5);
/// A dying process closes its sockets before its parent hears of its end, which explains the failed probes better.
const OBITUARY: Duration = Duration::from_millis(200);

/// How one life of the child ended.
enum End {
    Asked,
    /// Another is to take its place.
    Outdated,
    Failed {
        failure: Failure,
        ready_for: Duration,
        last_log_lines: Vec<String>,
    },
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed {
            failure,
            ready_for: Duration::ZERO,
            last_log_lines: Vec::new(),
        }
    }
}

/// Why the watch over a running child ended.
enum Watched {
    Asked { how: Stop },
    Ended { exit: Exit },
    NotReady { probe: ProbeError },
    Hung { probe: ProbeError },
    Moved { from: IpAddr, to: IpAddr },
    Outdated,
}

/// When a media server ended, and whom it had.
pub struct Cut {
    pub at: Instant,
    pub people: Option<u32>,
}

/// One supervisor's task; [`Supervision::run`] ends when it is asked to.
pub struct Supervision {
    pub options: Options,
    pub chosen: Chosen,
    pub endpoint: Endpoint,
    pub address: SocketAddr,
    pub probe: Probe,
    pub version: OnceCell<Option<String>>,
    pub state: watch::Sender<ChildState>,
    /// When the last child that nobody had asked to end was gone.
    pub ended: watch::Sender<Option<SystemTime>>,
    pub wall_clock: fn() -> SystemTime,
    pub stop: watch::Receiver<Option<Stop>>,
    pub tied: watch::Receiver<bool>,
    /// The child that we found.
    pub first: Option<Box<Adopted>>,
    /// The last end that took calls with it.
    pub cut: Option<Cut>,
}

impl Supervision {
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(self.options.timings);
        loop {
            let (failure, ready_for, last_log_lines) = match self.live_once().await {
                End::Asked => break,
                End::Outdated => {
                    self.state
                        .send_replace(ChildState::Starting { after: None });
                    continue;
                }
                End::Failed {
                    failure,
                    ready_for,
                    last_log_lines,
                } => (failure, ready_for, last_log_lines),
            };
            let retry_in = backoff.after_failure(ready_for);
            tracing::error!(
                engine = %self.chosen.engine,
                retry_in_seconds = retry_in.as_secs(),
                "media child is down: {failure}"
            );
            let reason = Arc::new(failure);
            self.state.send_replace(ChildState::Down {
                reason: Arc::clone(&reason),
                last_log_lines,
                retry_in,
            });
            tokio::select! {
                () = sleep(retry_in) => {}
                _ = asked(&mut self.stop) => break,
            }
            self.state.send_replace(ChildState::Starting {
                after: Some(reason),
            });
        }
        self.state.send_replace(ChildState::Stopped);
    }

    /// From the port check to the last byte of output, or to the moment when it is left to itself.
    async fn live_once(&mut self) -> End {
        let (adopted, is_fresh) = match self.first.take() {
            Some(adopted) => (adopted, false),
            None => match self.begin().await {
                Ok((begun, is_fresh)) => (Box::new(begun), is_fresh),
                Err(failure) => return failure.into(),
            },
        };
        let Adopted {
            kept,
            told,
            log,
            is_outdated,
        } = *adopted;
        // A child of ours that was never ready has nobody inside; one from before may, from the first moment.
        let is_empty = |ready_at: Option<Instant>| is_fresh && ready_at.is_none();
        let mut ready_at = None;
        let mut watched = self.watch(&kept, &told, is_outdated, &mut ready_at).await;
        if let Watched::NotReady { .. } | Watched::Hung { .. } = watched
            && let Ok(exit) = timeout(OBITUARY, kept.wait()).await
        {
            watched = Watched::Ended { exit };
        }
        let ready_for = ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed());
        let exit = match watched {
            Watched::Ended { exit } => exit,
            Watched::Asked { how } => {
                let may_go_on = !*self.tied.borrow() && !is_empty(ready_at);
                if may_go_on && !is_fresh && was_dropped(&self.stop) {
                    return End::Asked;
                }
                if how.spares_work && may_go_on {
                    let people = kept.work().await;
                    // One that does not say may be busy with many.
                    if people != Some(0) && !kept.has_ended() {
                        tracing::info!(
                            pid = kept.pid,
                            people,
                            "the media server goes on without the site, which takes it up again at its next start; \
                             `convoke stop --media` ends it"
                        );
                        return End::Asked;
                    }
                }
                let grace = if is_empty(ready_at) {
                    Duration::ZERO
                } else {
                    how.grace
                };
                let settled = ready_at.map(|at| at + self.settles_in());
                let settles = sleep_until(settled.unwrap_or_else(Instant::now));
                tokio::select! {
                    exit = kept.wait() => exit,
                    () = settles => kept.end(grace).await,
                }
            }
            Watched::Outdated => kept.end(REPLACED).await,
            Watched::NotReady { .. } | Watched::Hung { .. } | Watched::Moved { .. } => {
                kept.end(Duration::ZERO).await
            }
        };
        if let Exit::Unseen = exit {
            self.tidy_up().await;
        }
        let engine = self.chosen.engine;
        let asked = matches!(watched, Watched::Asked { .. });
        if !asked {
            self.ended.send_replace(Some((self.wall_clock)()));
            if ready_at.is_some() {
                self.cut = Some(Cut {
                    at: Instant::now(),
                    people: matches!(watched, Watched::Outdated).then_some(0),
                });
            }
        }
        let failure = match watched {
            Watched::Asked { .. } => return End::Asked,
            Watched::Outdated => return End::Outdated,
            Watched::Ended { exit } => why_ended(engine, exit, &log),
            Watched::NotReady { probe } => Failure::NotReady {
                engine,
                within: self.options.timings.start_timeout,
                probe: probe.to_string(),
            },
            Watched::Hung { probe } => Failure::Hung {
                engine,
                probe: probe.to_string(),
            },
            Watched::Moved { from, to } => Failure::Moved { from, to },
        };
        End::Failed {
            failure,
            ready_for,
            last_log_lines: log.last_lines(),
        }
    }

    /// What a keeper that was killed could not.
    async fn tidy_up(&self) {
        let path = Record::path(&self.options.data_dir, NAME);
        if let Some(record) = Record::load(&path) {
            record.remove_once_dead(&path).await;
        }
    }

    /// Starts a child, or takes up one of which only the disk knows: whoever started it was killed meanwhile. Says whether it
    /// was started.
    async fn begin(&self) -> Result<(Adopted, bool), Failure> {
        let log = ChildLog::new(Speaker::LiveKit, self.endpoint.keys.api_secret.clone());
        let keys = &self.endpoint.keys;
        let found = adoption::find(&self.options, &self.chosen, keys, log.clone()).await;
        if let Found::Ours(adopted) = found {
            if adopted.told.address == self.address {
                return Ok((*adopted, false));
            }
            adopted.kept.end(REPLACED).await;
        }
        let (file, ports, media) = self.config().await?;
        let path = match (&file, &self.options.config_path) {
            (Some(file), _) => file.path(),
            (None, Some(path)) => path,
            (None, None) => unreachable!("a file is generated, or written by hand"),
        };
        let told = Told::new(
            &self.options,
            &self.chosen,
            keys,
            self.address,
            (ports, media),
        );
        let order = order(
            Record::path(&self.options.data_dir, NAME),
            (&self.chosen.command, &self.options.child_exec),
            path,
            file.as_ref().map(|file| file.path().to_owned()),
            Question {
                url: self.endpoint.internal_url.clone(),
                api_key: keys.api_key.clone(),
                api_secret: keys.api_secret.expose_secret().to_owned(),
                work: Work::People,
            },
            self.options.timings.alone_for,
            &told,
        );
        let started = async { Kept::start(&self.options.child_exec, order?, log.clone()).await };
        let kept = started.await.map_err(|error| Failure::Spawn {
            program: self.chosen.command.program.display().to_string(),
            error: error.to_string(),
        })?;
        if let Some(file) = file {
            file.hand_over();
        }
        let begun = Adopted {
            kept,
            told,
            log,
            is_outdated: false,
        };
        Ok((begun, true))
    }

    /// The generated file, its ports and where media goes; nothing where a file was written by hand.
    async fn config(
        &self,
    ) -> Result<(Option<ConfigFile>, Option<Ports>, Option<MediaAddress>), Failure> {
        if self.options.config_path.is_some() {
            ports::check_signal(self.address, PortKeys::default().signal)?;
            return Ok((None, None, None));
        }
        let ports = ports::check(&self.options, self.address.port(), self.chosen.engine)?;
        let node_ip = node_ip(self.options.node_ip, self.options.public_host.as_deref()).await;
        tracing::info!(
            signal = ports.signal,
            udp = ports.rtc_udp,
            tcp = ports.rtc_tcp,
            turn_udp = Some(ports.turn_udp).filter(|port| *port != 0),
            turn_tls = Some(ports.turn_tls).filter(|port| *port != 0),
            %node_ip,
            "starting the media child"
        );
        let told = self.options.told_node_ip(self.chosen.engine, Some(node_ip));
        let keys = &self.endpoint.keys;
        let text =
            generate(self.chosen.engine, &self.options, keys, ports, told).map_err(|error| {
                Failure::ConfigFile {
                    error: error.to_string(),
                }
            })?;
        match ConfigFile::write(&self.options.data_dir, FILE_NAME, &text) {
            Ok(file) => {
                let media = MediaAddress {
                    node_ip,
                    udp_port: ports.rtc_udp,
                    tcp_port: ports.rtc_tcp,
                };
                Ok((Some(file), Some(ports), Some(media)))
            }
            Err(error) => {
                let folder = self.options.data_dir.display();
                Err(Failure::ConfigFile {
                    error: format!("{folder}: {error}"),
                })
            }
        }
    }

    /// Until the child ends, is to end, or has to be ended.
    async fn watch(
        &mut self,
        kept: &Kept,
        told: &Told,
        is_outdated: bool,
        ready_at: &mut Option<Instant>,
    ) -> Watched {
        let (mut stop, mut tied) = (self.stop.clone(), self.tied.clone());
        let tie = async {
            if tied.wait_for(|tied| *tied).await.is_ok() {
                kept.tie();
            }
            std::future::pending::<()>().await;
        };
        let cut = self.cut.take();
        let this = &*self;
        tokio::select! {
            // The child's own end explains a failed probe, so it is looked at first.
            biased;
            exit = kept.wait() => Watched::Ended { exit },
            how = asked(&mut stop) => Watched::Asked { how },
            () = tie => Watched::Asked { how: Stop::default() },
            (from, to) = this.moved(told.media) => Watched::Moved { from, to },
            () = this.is_empty(kept), if is_outdated => Watched::Outdated,
            ended = this.probe(kept.pid, told, is_outdated, cut, ready_at) => ended,
        }
    }

    /// Resolves when nobody is in any room.
    async fn is_empty(&self, kept: &Kept) {
        loop {
            sleep(self.options.timings.replace_interval).await;
            if kept.work().await == Some(0) {
                tracing::info!(
                    "nobody is in a call any more: the media server from before is replaced"
                );
                return;
            }
        }
    }

    /// Resolves when the official server has to be told another address, which takes a restart: nobody reaches it at
    /// the old one. The built-in one looks itself.
    async fn moved(&self, media: Option<MediaAddress>) -> (IpAddr, IpAddr) {
        let told = media.filter(|media| {
            let found = Some(media.node_ip);
            let told = self.options.told_node_ip(self.chosen.engine, found);
            told.is_some() && self.options.node_ip.is_none()
        });
        match told {
            Some(MediaAddress { node_ip: from, .. }) => {
                (from, moved(from, self.options.public_host.as_deref()).await)
            }
            None => std::future::pending().await,
        }
    }

    async fn probe(
        &self,
        pid: u32,
        told: &Told,
        is_outdated: bool,
        cut: Option<Cut>,
        ready_at: &mut Option<Instant>,
    ) -> Watched {
        let timings = self.options.timings;
        let version = async {
            if told.version.is_some() || is_outdated {
                return &told.version;
            }
            self.version
                .get_or_init(|| version_of(&self.chosen, &self.options.built_in_version))
                .await
        };
        let (ready, version) = tokio::join!(self.until_ready(), version);
        if let Err(probe) = ready {
            return Watched::NotReady { probe };
        }
        *ready_at = Some(Instant::now());
        tracing::info!(engine = %self.chosen.engine, version, pid, url = %self.endpoint.internal_url, "media child is ready");
        if let Some(Cut { at, people }) = cut
            && people != Some(0)
        {
            tracing::info!(
                people,
                gap_seconds = at.elapsed().as_secs_f32(),
                "calls were without a media server for so long"
            );
        }
        self.state.send_replace(ChildState::Ready {
            endpoint: self.endpoint.clone(),
            engine: self.chosen.engine,
            version: version.clone(),
            pid,
            media: told.media,
            is_outdated,
        });
        let mut failures = 0;
        loop {
            sleep(timings.health_interval).await;
            match self.probe.healthy().await {
                Ok(()) => failures = 0,
                Err(probe) if probe.is_our_own() => {
                    tracing::warn!(pid, "media child cannot be probed: {probe}");
                }
                Err(probe) => {
                    failures += 1;
                    tracing::warn!(pid, failures, "media child failed a health probe: {probe}");
                    if failures >= timings.health_failures {
                        return Watched::Hung { probe };
                    }
                }
            }
        }
    }

    /// livekit-server answers for 0.1 s before it heeds SIGTERM; one that comes earlier is lost.
    const fn settles_in(&self) -> Duration {
        match self.chosen.engine {
            RunningEngine::LivekitServer => Duration::from_millis(200),
            RunningEngine::BuiltIn => Duration::ZERO,
        }
    }

    async fn until_ready(&self) -> Result<(), ProbeError> {
        let timings = self.options.timings;
        let deadline = Instant::now() + timings.start_timeout;
        while let Err(probe) = self.probe.ready().await {
            if Instant::now() >= deadline && !probe.is_our_own() {
                return Err(probe);
            }
            sleep(timings.start_probe_interval).await;
        }
        Ok(())
    }
}

fn why_ended(engine: RunningEngine, exit: Exit, log: &ChildLog) -> Failure {
    if let Some(line) = log.address_in_use() {
        return Failure::AddressInUse { line };
    }
    let last_line = log.last_words();
    let status = match exit {
        Exit::Status(status) => status,
        // The kernel killed it with its keeper.
        Exit::Unseen => ExitStatus::from_raw(9),
    };
    if let Some(signal) = status.signal() {
        return Failure::Killed {
            engine,
            signal,
            last_line,
        };
    }
    let code = status.code().unwrap_or(-1);
    Failure::Exited {
        engine,
        code,
        last_line,
    }
}
