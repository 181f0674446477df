//! `convoke matrix-jwt` as a process: started by its environment, asked, stopped.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const SECRET: &str = "a-secret-that-no-log-shows";

fn command(changes: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command
        .arg("matrix-jwt")
        .env_clear()
        .env("LIVEKIT_URL", "ws://127.0.0.1:9")
        .env("LIVEKIT_KEY", "devkey")
        .env("LIVEKIT_SECRET", SECRET)
        .env("LIVEKIT_JWT_BIND", "127.0.0.1:0")
        .env("LIVEKIT_FULL_ACCESS_HOMESERVERS", "hs.example")
        .env("LIVEKIT_LOG_LEVEL", "debug")
        .envs(changes.iter().copied())
        .stderr(Stdio::piped());
    command
}

/// A running service; killed when dropped.
struct Service {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: SocketAddr,
    log: String,
}

impl Service {
    fn start(changes: &[(&str, &str)]) -> Self {
        let json = [("CONVOKE_LOG_FORMAT", "json")];
        let mut child = command(&[&json, changes].concat()).spawn().unwrap();
        let mut service = Self {
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child,
            address: SocketAddr::from(([0; 4], 0)),
            log: String::new(),
        };
        service.address = service.wait_for_address();
        service
    }

    fn wait_for_address(&mut self) -> SocketAddr {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.stderr.read_line(&mut line).unwrap(),
                0,
                "it ended: {}",
                self.log
            );
            self.log.push_str(&line);
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if event["message"] == "the Matrix service answers" {
                return event["address"].as_str().unwrap().parse().unwrap();
            }
        }
    }

    fn request(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(stream, "{head} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn healthcheck(&self) -> Output {
        let bind = self.address.to_string();
        let mut healthcheck = command(&[("LIVEKIT_JWT_BIND", &bind)]);
        healthcheck.arg("--healthcheck").output().unwrap()
    }

    /// Asks it to end; its exit code and whole log.
    fn stop(mut self) -> (Option<i32>, String) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut log = std::mem::take(&mut self.log);
        self.stderr.read_to_string(&mut log).unwrap();
        (code, log)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_answers_until_it_is_told_to_stop() {
    let service = Service::start(&[]);
    assert!(
        service
            .request("GET /healthz", "")
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
    let answer = service.request("POST /sfu/get", "null");
    assert!(
        answer.ends_with("{\"errcode\":\"M_BAD_JSON\",\"error\":\"Missing room parameter\"}\n"),
        "{answer}"
    );
    assert!(
        service
            .request("GET /metrics", "")
            .contains("convoke_matrix_requests_total")
    );
    let (code, log) = service.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
}

#[test]
fn no_log_shows_a_secret_or_a_token() {
    let service = Service::start(&[("LIVEKIT_LOG_LEVEL", "debug")]);
    let body = r#"{"room":"!r:x","openid_token":{"access_token":"syt_token","matrix_server_name":"127.0.0.1:9"},"device_id":"D"}"#;
    let answer = service.request("POST /sfu/get", body);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let (_, log) = service.stop();
    assert!(log.contains("not public"), "{log}");
    for secret in [SECRET, "syt_token"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn a_healthcheck_ends_with_0_while_it_answers_and_1_after() {
    let service = Service::start(&[]);
    assert_eq!(service.healthcheck().status.code(), Some(0));
    let bind = service.address.to_string();
    service.stop();
    let output = command(&[("LIVEKIT_JWT_BIND", &bind)])
        .arg("--healthcheck")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody listens"));
}

#[test]
fn it_refuses_to_start_and_names_the_variable() {
    for (changes, name) in [
        (
            [("LIVEKIT_FULL_ACCESS_HOMESERVERS", "")],
            "LIVEKIT_FULL_ACCESS_HOMESERVERS",
        ),
        ([("LIVEKIT_JWT_PORT", "80")], "LIVEKIT_JWT_PORT"),
        ([("LIVEKIT_JWT_BIND", "192.0.2.1:80")], "LIVEKIT_JWT_BIND"),
        ([("LIVEKIT_REDIS_URL", "nonsense")], "LIVEKIT_REDIS_URL"),
        (
            [("LIVEKIT_REDIS_URL", "redis://127.0.0.1:9")],
            "LIVEKIT_REDIS_URL",
        ),
    ] {
        let output = command(&changes).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(name), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
}
