//! A data folder, options with free ports and short times, and what the facts ask about processes.

use std::{
    env,
    ffi::OsString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Once,
    time::{Duration, SystemTime},
};

use livekit_supervisor::{
    ChildState, Command, Endpoint, Engine, Failure, MediaAddress, Options, Ports, StartError,
    Supervisor, SupervisorHandle, Timings,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{sync::watch, time::timeout};

/// Far beyond what anything here takes; only a broken supervisor meets it.
const PATIENCE: Duration = Duration::from_mins(1);

pub const GRACE: Duration = Duration::from_secs(20);

pub struct House {
    pub options: Options,
    pub data: tempfile::TempDir,
}

impl House {
    fn new(change: impl FnOnce(&mut Options)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut options = Options::new(
            data.path().to_owned(),
            fixture("serve", &[]),
            fixture("child-exec", &[]),
        );
        options.ports = Ports {
            signal: 0,
            rtc_udp: 0,
            rtc_second_udp: 0,
            rtc_tcp: 0,
            turn_udp: 0,
            turn_tls: 0,
        };
        options.timings = Timings {
            start_timeout: PATIENCE,
            health_interval: Duration::from_millis(20),
            probe_timeout: Duration::from_secs(2),
            health_failures: 2,
            backoff_first: Duration::from_millis(20),
            backoff_max: Duration::from_millis(80),
            replace_interval: Duration::from_millis(20),
            ..Timings::default()
        };
        change(&mut options);
        Self { options, data }
    }

    /// The small child of this crate, in the given modes.
    pub fn fixture(modes: &[&str]) -> Self {
        Self::new(|options| {
            options.engine = Engine::BuiltIn;
            options.built_in = fixture("serve", modes);
        })
    }

    /// The official server, or a visible word that it is not there.
    pub fn livekit_server() -> Option<Self> {
        static SAID: Once = Once::new();
        let binary = named("LIVEKIT_SERVER_BIN", &SAID)?;
        Some(Self::new(|options| options.binary = Some(binary)))
    }

    /// The built-in server of the `convoke` binary, or a visible word that it is not there.
    pub fn built_in() -> Option<Self> {
        static SAID: Once = Once::new();
        let program = named("CONVOKE_BIN", &SAID)?;
        Some(Self::new(|options| {
            options.engine = Engine::BuiltIn;
            options.built_in = Command {
                program,
                args: vec!["media-server".into()],
            };
        }))
    }

    pub async fn start(&self) -> Supervised {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(&self) -> Result<Supervised, StartError> {
        let options = self.options.clone();
        let (handle, state) = Supervisor::start(options, &mut rand::rng(), SystemTime::now).await?;
        Ok(Supervised { handle, state })
    }

    /// Where the child's keeper says who it is.
    pub fn record(&self) -> PathBuf {
        self.data.path().join("livekit-child.json")
    }

    /// The keeper's process.
    pub fn keeper(&self) -> u32 {
        let record: Value = serde_json::from_slice(&fs::read(self.record()).unwrap()).unwrap();
        record["keeper"]["pid"]
            .as_u64()
            .unwrap()
            .try_into()
            .unwrap()
    }

    pub fn config_file(&self) -> PathBuf {
        self.data.path().join("livekit-child.yaml")
    }
}

/// The program that an environment variable names, or one visible word that its facts are skipped.
fn named(variable: &'static str, said: &Once) -> Option<PathBuf> {
    let path = env::var_os(variable)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    if path.is_none() {
        said.call_once(|| {
            // Not eprintln!, which the test runner would swallow.
            let _ = writeln!(std::io::stderr(), "skipped: {variable} not set");
        });
    }
    path
}

pub fn fixture(word: &str, modes: &[&str]) -> Command {
    let args = std::iter::once(word)
        .chain(modes.iter().copied())
        .map(OsString::from)
        .collect();
    Command {
        program: env!("CARGO_BIN_EXE_supervisor-fixture").into(),
        args,
    }
}

pub struct Supervised {
    pub handle: SupervisorHandle,
    pub state: watch::Receiver<ChildState>,
}

pub struct Ready {
    pub endpoint: Endpoint,
    pub engine: livekit_supervisor::RunningEngine,
    pub version: Option<String>,
    pub pid: u32,
    pub media: Option<MediaAddress>,
    pub is_outdated: bool,
}

pub struct Down {
    pub reason: Failure,
    pub last_log_lines: Vec<String>,
    pub retry_in: Duration,
}

impl Supervised {
    async fn wait_for<T>(&mut self, pick: impl Fn(&ChildState) -> Option<T>) -> T {
        let picked = self.state.wait_for(|state| pick(state).is_some());
        let state = timeout(PATIENCE, picked)
            .await
            .expect("the state comes in time")
            .unwrap();
        pick(&state).unwrap()
    }

    pub async fn ready(&mut self) -> Ready {
        self.ready_again(0).await
    }

    /// Ready with another process than `before`.
    pub async fn ready_again(&mut self, before: u32) -> Ready {
        self.wait_for(|state| match state {
            ChildState::Ready {
                endpoint,
                engine,
                version,
                pid,
                media,
                is_outdated,
            } if *pid != before => Some(Ready {
                endpoint: endpoint.clone(),
                engine: *engine,
                version: version.clone(),
                pid: *pid,
                media: *media,
                is_outdated: *is_outdated,
            }),
            _ => None,
        })
        .await
    }

    /// Why the child had to be started again.
    pub async fn reason(&mut self) -> Failure {
        self.wait_for(|state| match state {
            ChildState::Starting {
                after: Some(reason),
            }
            | ChildState::Down { reason, .. } => Some(Failure::clone(reason)),
            _ => None,
        })
        .await
    }

    /// A pause of at least `shortest` before the next start.
    pub async fn down(&mut self, shortest: Duration) -> Down {
        self.wait_for(|state| match state {
            ChildState::Down {
                reason,
                last_log_lines,
                retry_in,
            } if *retry_in >= shortest => Some(Down {
                reason: Failure::clone(reason),
                last_log_lines: last_log_lines.clone(),
                retry_in: *retry_in,
            }),
            _ => None,
        })
        .await
    }

    pub async fn shutdown(self) {
        timeout(PATIENCE, self.handle.shutdown(GRACE))
            .await
            .expect("the shutdown ends");
        assert!(matches!(*self.state.borrow(), ChildState::Stopped));
    }
}

pub fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

/// A zombie that nobody reaped (a container's first process may not) no longer runs.
pub fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap()
            .trim_start()
            .starts_with(['Z', 'X'])
    })
}

pub async fn gone(pid: u32) {
    let gone = async {
        while is_running(pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("the process ends");
}

/// What others on this machine see of a process.
pub fn command_line(pid: u32) -> String {
    String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap()).replace('\0', " ")
}

pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
