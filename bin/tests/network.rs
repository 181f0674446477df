//! `convoke serve` on a machine whose network comes late and moves: a network namespace of its own.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Write, stderr},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct Machine {
    site: Child,
    port: String,
    /// What the site logs.
    log: PathBuf,
    /// It may have more to say.
    _stdout: BufReader<ChildStdout>,
    _data: TempDir,
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Ctrl-C is for everything that it started, too.
        if let Ok(pid) = i32::try_from(self.site.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.site.wait();
    }
}

impl Machine {
    /// With nothing but its loopback; `None`, and a visible word, where namespaces cannot be made.
    fn start() -> Option<Self> {
        let possible = Command::new("unshare")
            .args(["--net", "ip", "link", "set", "lo", "up"])
            .status();
        if !possible.is_ok_and(|status| status.success()) {
            // Not eprintln!, which the test runner would swallow.
            let _ = writeln!(stderr(), "skipped: no network namespace can be made here");
            return None;
        }
        let data = TempDir::new().unwrap();
        let (config, log) = (data.path().join("config.yaml"), data.path().join("log"));
        let yaml = format!(
            "server: {{host: 127.0.0.1, port: 0, data_dir: {}}}\n\
             livekit: {{engine: built-in, ports: {{signal: 0, udp: 0, tcp: 0}}, turn: {{udp_port: 0}}}}\n",
            data.path().join("data").display()
        );
        fs::write(&config, yaml).unwrap();
        let mut site = Command::new("unshare")
            .args(["--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_convoke"))
            .args(["serve", "--config"])
            .arg(&config)
            .env_remove("CONVOKE_CONFIG")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(site.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().to_owned();
        Some(Self {
            site,
            port,
            log,
            _stdout: stdout,
            _data: data,
        })
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new("nsenter")
            .args(["--net", "--target", &self.site.id().to_string(), program])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The site's answer, head and body.
    fn get(&self, path: &str) -> String {
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
            self.port
        );
        self.run("bash", &["-c", &script])
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            let log = fs::read_to_string(&self.log).unwrap();
            assert!(begun.elapsed() < PATIENCE, "{what}: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// That the site names `address`, and that its media server announces it and nothing else.
    fn announces(&self, address: &str) {
        let named = format!("\"node_ip\":\"{address}\"");
        self.until(address, || self.get("/api/connectivity").contains(&named));
        let line = format!("[{address}]");
        self.until(address, || {
            let log = fs::read_to_string(&self.log).unwrap();
            let last = log.lines().rfind(|line| line.contains("announced anew"));
            last.is_some_and(|last| last.contains(&line))
        });
    }
}

#[test]
fn a_network_that_comes_late_and_moves_is_announced_and_until_then_the_site_is_not_ready() {
    let Some(machine) = Machine::start() else {
        return;
    };
    machine.until("the media server runs", || {
        machine
            .get("/api/connectivity")
            .contains("\"media\":\"ready\"")
    });
    let ready = machine.get("/health/ready");
    assert!(ready.starts_with("HTTP/1.0 503"), "{ready}");
    assert!(ready.contains("no network address yet"), "{ready}");

    machine.run("ip", &["address", "add", "192.0.2.50/32", "dev", "lo"]);
    machine.announces("192.0.2.50");
    let ready = machine.get("/health/ready");
    assert!(ready.starts_with("HTTP/1.0 200"), "{ready}");

    machine.run("ip", &["address", "del", "192.0.2.50/32", "dev", "lo"]);
    machine.run("ip", &["address", "add", "192.0.2.51/32", "dev", "lo"]);
    machine.announces("192.0.2.51");
}
