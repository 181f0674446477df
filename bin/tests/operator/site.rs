//! A site as a process, over plain HTTP on the loopback.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery";
pub const EMAIL: &str = "root@example.org";

pub fn convoke() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.env_clear().env("PATH", "");
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

/// A running site; stopped when dropped.
pub struct Site {
    pub child: Child,
    pub url: String,
    said: Receiver<String>,
    log: PathBuf,
    client: Client,
}

impl Site {
    pub fn start(data_dir: &Path) -> Site {
        Site::start_with(data_dir, |_| {})
    }

    pub fn start_with(data_dir: &Path, change: impl FnOnce(&mut Command)) -> Site {
        let mut log = data_dir.to_owned().into_os_string();
        log.push(".log");
        let log = PathBuf::from(log);
        let mut command = convoke();
        command
            .args(["serve", "--data-dir"])
            .arg(data_dir)
            .env("CONVOKE_SERVER__HOST", "127.0.0.1")
            .env("CONVOKE_SERVER__PORT", "0")
            .env("CONVOKE_LIVEKIT__ENGINE", "built-in")
            .env("CONVOKE_LIVEKIT__NODE_IP", "127.0.0.1")
            .env("CONVOKE_LIVEKIT__PORTS__TCP", "0")
            .env("CONVOKE_LIVEKIT__PORTS__UDP", "0")
            .env("CONVOKE_LIVEKIT__TURN__ENABLED", "false")
            .env("CONVOKE_LIVEKIT__INGRESS__RTMP_PORT", "0");
        change(&mut command);
        command
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let at = lines
            .next()
            .unwrap_or_else(|| panic!("{}", fs::read_to_string(&log).unwrap()))
            .unwrap();
        let port = at.rsplit_once(':').unwrap().1.to_owned();
        let (tell, said) = channel();
        // To its end, or it would write into a closed pipe.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody listens once the site is gone.
                let _ = tell.send(line);
            }
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        Site {
            child,
            url: format!("http://127.0.0.1:{port}"),
            said,
            log,
            client: Client::builder().build().unwrap(),
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.url);
        let mut request = self.client.request(method, url);
        request = match token {
            Some(token) => request.bearer_auth(token),
            None => request.header("x-convoke-csrf", "1"),
        };
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Makes the administrator, and signs in.
    pub async fn set_up(&self) -> String {
        let link = self.said.recv().unwrap();
        let token = link.split_once("token=").unwrap().1;
        let setup = json!({"token": token, "email": EMAIL, "name": "Root", "password": PASSWORD});
        let path = "/api/auth/setup";
        let (status, answer) = self.ask(Method::POST, path, None, Some(setup)).await;
        assert_eq!(status, 201, "{answer}");
        self.sign_in(EMAIL).await
    }

    /// The token of a new session.
    pub async fn sign_in(&self, email: &str) -> String {
        let sign_in = json!({"email": email, "password": PASSWORD, "bearer": true});
        let path = "/api/auth/sign-in";
        let (status, answer) = self.ask(Method::POST, path, None, Some(sign_in)).await;
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().unwrap().to_owned()
    }

    pub fn stop(&mut self) -> bool {
        // It may have ended already.
        let _ = kill(self.pid(), Signal::SIGTERM);
        self.child.wait().unwrap().success()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}
