//! A call goes on while `convoke serve` is killed, stopped and started again, and ends when somebody asks for that.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use livekit_protocol::TrackSource;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use participant::{Content, Event, Events, JoinOptions, LocalTrack, Participant, Publish};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Nothing is left of it.
const NOTHING: [Vec<u32>; 3] = [const { Vec::new() }; 3];

struct Site {
    child: Option<Child>,
    port: u16,
    udp: u16,
    http: Client,
    folder: TempDir,
}

impl Site {
    fn new() -> Site {
        let free = || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        Site {
            child: None,
            port: free(),
            udp: free(),
            http: Client::builder().timeout(PATIENCE).build().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command
            .env_clear()
            .env("PATH", "")
            .args(words)
            .arg("--data-dir")
            .arg(self.folder.path().join("data"))
            .env("CONVOKE_SERVER__HOST", "127.0.0.1")
            .env("CONVOKE_SERVER__PORT", self.port.to_string())
            .env("CONVOKE_LIVEKIT__ENGINE", "built-in")
            .env("CONVOKE_LIVEKIT__NODE_IP", "127.0.0.1")
            .env("CONVOKE_LIVEKIT__PORTS__UDP", self.udp.to_string())
            .env("CONVOKE_LIVEKIT__PORTS__TCP", "0")
            .env("CONVOKE_LIVEKIT__TURN__UDP_PORT", "0");
        command
    }

    /// Starts it; the first time with the token of whoever sets it up.
    async fn start(&mut self, words: &[&str]) -> Option<String> {
        let log = fs::File::options()
            .append(true)
            .create(true)
            .open(self.log_file())
            .unwrap();
        let mut child = self
            .command(words)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next().unwrap().unwrap();
        let setup = fs::metadata(self.folder.path().join("set-up")).is_err();
        let setup = setup.then(|| lines.next().unwrap().unwrap());
        self.child = Some(child);
        for _ in 0..400 {
            let site = self.http.get(self.url("/api/site")).send().await;
            if site.unwrap().json::<Value>().await.unwrap()["media"] == "ready" {
                return setup.map(|line| line.split_once("token=").unwrap().1.to_owned());
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the media server is not ready: {}", self.log());
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn log_file(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap()
    }

    async fn post(&self, path: &str, session: Option<&str>, body: Value) -> Value {
        let mut request = self.http.post(self.url(path)).json(&body);
        if let Some(session) = session {
            request = request.bearer_auth(session);
        }
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A room, made by an administrator; its slug and the administrator's session.
    async fn room(&self, setup: &str) -> (String, String) {
        let account = |more: Value| {
            let mut body = json!({"email": "a@example.org", "password": "correct horse battery"});
            let fields = body.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            body
        };
        let who = account(json!({"name": "A", "token": setup}));
        self.post("/api/auth/setup", None, who).await;
        fs::write(self.folder.path().join("set-up"), "").unwrap();
        let who = account(json!({"bearer": true}));
        let session = self.post("/api/auth/sign-in", None, who).await;
        let session = session["token"].as_str().unwrap().to_owned();
        let room = self.post("/api/rooms", Some(&session), json!({"name": "R"}));
        (room.await["slug"].as_str().unwrap().to_owned(), session)
    }

    async fn join(&self, slug: &str, name: &str) -> (Participant, Events) {
        let path = format!("/api/rooms/{slug}/join");
        let joined = self.post(&path, None, json!({"name": name})).await;
        let token = joined["token"].as_str().unwrap();
        let url = self.url("").parse().unwrap();
        Participant::join(&url, token, JoinOptions::default())
            .await
            .unwrap()
    }

    fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().unwrap();
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
    }

    fn gone(&mut self) {
        self.child.take().unwrap().wait().unwrap();
    }

    /// Processes that name the data folder: `[media servers, recorders, keepers]`.
    fn processes(&self) -> [Vec<u32>; 3] {
        let mut found = [const { Vec::new() }; 3];
        for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            let line =
                fs::read_to_string(Path::new("/proc").join(entry.file_name()).join("cmdline"));
            let line = line.unwrap_or_default();
            if !line.contains(self.folder.path().to_str().unwrap()) {
                continue;
            }
            for (kind, word) in ["media-server", "egress-child.yaml", "--keep"]
                .iter()
                .enumerate()
            {
                if line.contains(word) {
                    found[kind].push(pid);
                }
            }
        }
        found
    }

    fn stop_media(&self, words: &[&str]) -> Output {
        let mut all = vec!["stop", "--media"];
        all.extend(words);
        self.command(&all).output().unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            if let Ok(pid) = i32::try_from(child.id()) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
            }
            let _ = child.wait();
        }
        self.stop_media(&[]);
    }
}

async fn camera(participant: &Participant) -> LocalTrack {
    let camera = Publish {
        name: "camera".to_owned(),
        source: TrackSource::Camera,
        content: Content::SyntheticVideo {
            bits_per_second: 200_000,
            layers: 1,
            keyframes: true,
        },
    };
    participant.publish(camera).await.unwrap()
}

/// Whatever comes from now on is new.
async fn sees_more(participant: &Participant) {
    let before = participant.received().frames;
    let more = async {
        while participant.received().frames < before + 30 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, more).await.expect("the picture goes on");
}

/// Until the signal is back.
async fn resumes(events: &mut Events) {
    let resumed = async {
        loop {
            match events.next().await.unwrap() {
                Event::Reconnected { resumed } => return resumed,
                Event::Left(reason) => panic!("left: {reason:?}"),
                _ => {}
            }
        }
    };
    assert!(
        timeout(PATIENCE, resumed)
            .await
            .expect("the signal comes back")
    );
}

#[tokio::test]
async fn a_call_goes_on_while_the_site_is_killed_stopped_and_started_again() {
    let mut site = Site::new();
    let setup = site.start(&["serve"]).await.unwrap();
    let (slug, session) = site.room(&setup).await;
    let (ann, _heard) = site.join(&slug, "Ann").await;
    let (bob, mut events) = site.join(&slug, "Bob").await;
    let _camera = camera(&ann).await;
    sees_more(&bob).await;
    let [media, _, _] = site.processes();
    assert_eq!(media.len(), 1);
    let sids = (ann.sid(), bob.sid());

    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        site.signal(signal);
        site.gone();
        // Nobody serves the site now.
        sees_more(&bob).await;
        assert_eq!(site.processes()[0], media);
        site.start(&["serve"]).await;
        resumes(&mut events).await;
        sees_more(&bob).await;
        assert_eq!(site.processes()[0], media, "{}", site.log());
        assert_eq!((ann.sid(), bob.sid()), sids);
    }
    // One meeting, in which both still are; what happens now is heard.
    let path = format!("/api/rooms/{slug}/meetings");
    ann.leave().await;
    let mut meetings = Value::Null;
    for _ in 0..400 {
        let request = site.http.get(site.url(&path)).bearer_auth(&session);
        meetings = request.send().await.unwrap().json().await.unwrap();
        let stays = meetings["items"][0]["attendances"].as_array().unwrap();
        if stays.iter().any(|stay| !stay["left_at"].is_null()) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let [meeting] = &*meetings["items"].as_array().unwrap().clone() else {
        panic!("{meetings}");
    };
    assert!(meeting["ended_at"].is_null(), "{meeting}");
    let stays = meeting["attendances"].as_array().unwrap();
    assert_eq!(stays.len(), 2, "{meeting}");
    assert!(stays.iter().all(|stay| stay["visits"] == 1), "{meeting}");

    // A call is nothing that Ctrl-C spares.
    site.signal(Signal::SIGINT);
    site.gone();
    assert_eq!(site.processes(), NOTHING);
}

#[tokio::test]
async fn what_goes_on_is_ended_by_its_owner() {
    let mut site = Site::new();
    let setup = site.start(&["serve"]).await.unwrap();
    let (slug, _) = site.room(&setup).await;
    let (ann, mut events) = site.join(&slug, "Ann").await;
    let _camera = camera(&ann).await;
    let refused = site.stop_media(&[]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--restart"), "{said}");
    // With it there is another one at once, and whoever was in a call is again.
    let [media, _, _] = site.processes();
    let restarted = site.stop_media(&["--restart"]);
    assert!(restarted.status.success(), "{restarted:?}");
    let back = async {
        loop {
            match events.next().await.unwrap() {
                Event::Reconnected { resumed } => return resumed,
                Event::Left(reason) => panic!("left: {reason:?}"),
                _ => {}
            }
        }
    };
    assert!(!timeout(PATIENCE, back).await.expect("she is back"));
    assert_ne!(site.processes()[0], media);
    assert!(site.log().contains("gap_seconds"), "{}", site.log());

    site.signal(Signal::SIGTERM);
    site.gone();
    assert_eq!(site.processes()[0].len(), 1);
    let ended = site.stop_media(&[]);
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(said.contains("ended: the media server"), "{said}");
    assert_eq!(site.processes(), NOTHING);
    let nothing = site.stop_media(&[]);
    assert_eq!(
        String::from_utf8(nothing.stdout).unwrap(),
        "nothing of it runs\n"
    );
}

#[tokio::test]
async fn a_site_that_drains_waits_for_its_call_and_leaves_nothing_behind() {
    let mut site = Site::new();
    let setup = site.start(&["serve", "--drain"]).await.unwrap();
    let (slug, _) = site.room(&setup).await;
    let (ann, _events) = site.join(&slug, "Ann").await;
    site.signal(Signal::SIGTERM);
    let waits = async {
        while !site.log().contains("waiting until nobody is in a call") {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waits)
        .await
        .expect("it says that it waits");
    let live = site.http.get(site.url("/health/live")).send().await;
    assert!(live.unwrap().status().is_success());
    ann.leave().await;
    site.gone();
    assert_eq!(site.processes(), NOTHING);
}
