//! `convoke serve` before strangers: one site, started once, and what reaches it from outside.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use livekit_api::access_token::{AccessToken, VideoGrants};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct Site {
    process: Child,
    port: u16,
    data: TempDir,
    /// It may have more to say.
    _stdout: BufReader<ChildStdout>,
}

impl Drop for Site {
    fn drop(&mut self) {
        // Ctrl-C is for everything that it started, too.
        if let Ok(pid) = i32::try_from(self.process.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.process.wait();
    }
}

impl Site {
    /// With a low soft limit of descriptors, as login shells and service managers give it.
    fn start() -> Self {
        let data = TempDir::new().unwrap();
        let config = data.path().join("config.yaml");
        let yaml = format!(
            "server: {{host: 0.0.0.0, port: 0, data_dir: {}, max_connections_per_address: 400}}\n\
             livekit: {{engine: built-in, node_ip: 127.0.0.1, ports: {{signal: 0, udp: 0, tcp: 0}}, turn: {{udp_port: 0}}}}\n",
            data.path().join("data").display()
        );
        fs::write(&config, yaml).unwrap();
        let mut process = Command::new("sh")
            .args(["-c", "ulimit -Sn 200; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_convoke"))
            .args(["serve", "--config"])
            .arg(&config)
            .env_remove("CONVOKE_CONFIG")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        let site = Self {
            process,
            port,
            data,
            _stdout: stdout,
        };
        let begun = Instant::now();
        while site.get("/health/ready", "").0 != 200 {
            assert!(begun.elapsed() < PATIENCE);
            std::thread::sleep(Duration::from_millis(20));
        }
        site
    }

    /// A connection from an address of this machine.
    fn connect(&self, from: u8) -> Socket {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let from: IpAddr = Ipv4Addr::new(127, 0, 0, from).into();
        socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
        socket
            .connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)).into())
            .unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Status and body, asked from an address that does nothing else.
    fn get(&self, path: &str, header: &str) -> (u16, String) {
        let mut socket = self.connect(2);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    fn media_child(&self) -> u32 {
        children(self.process.id()).into_iter().next().unwrap()
    }

    fn token(&self, metadata: &str) -> String {
        let keys = fs::read_to_string(self.data.path().join("data/livekit-keys.yaml")).unwrap();
        let (key, secret) = keys.trim().split_once(": ").unwrap();
        AccessToken::with_api_key(key, secret)
            .with_identity("somebody")
            .with_metadata(metadata)
            .with_grants(VideoGrants {
                room_join: true,
                room: "a-room".to_owned(),
                ..VideoGrants::default()
            })
            .to_jwt()
            .unwrap()
    }
}

fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .flat_map(|pids| {
            let pids: Vec<u32> = pids
                .split_whitespace()
                .map(|pid| pid.parse().unwrap())
                .collect();
            pids
        })
        .collect()
}

/// Soft and hard.
fn descriptor_limits(pid: u32) -> (String, String) {
    let limits =
        fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("limits")).unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn a_site_stands_what_strangers_send() {
    let site = Site::start();
    let child = site.media_child();
    for pid in [site.process.id(), child] {
        let (soft, hard) = descriptor_limits(pid);
        assert_eq!(soft, hard, "the limit of descriptors is raised");
    }

    // A token with all the metadata that LiveKit allows, in both places.
    let token = site.token(&"m".repeat(512 << 10));
    let success = (200, "success".to_owned());
    let in_address = site.get(&format!("/rtc/validate?access_token={token}&sdk=js"), "");
    assert_eq!(in_address, success);
    let header = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(site.get("/rtc/validate", &header), success);
    let endless = "m".repeat(2 << 20);
    assert_eq!(site.get("/", &format!("A: {endless}\r\n")).0, 431);

    // More silent connections than the soft limit had descriptors, and more than one address may have.
    let silent: Vec<_> = (0..450).map(|_| site.connect(3)).collect();
    let mut last = silent.last().unwrap();
    assert_eq!(
        last.read(&mut [0]).unwrap(),
        0,
        "one too many is hung up on"
    );
    assert_eq!(site.get("/health/ready", "").0, 200);
    assert_eq!(site.media_child(), child, "the call goes on");
}
