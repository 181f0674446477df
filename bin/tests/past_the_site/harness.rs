//! Sites beside media servers that are nobody's child, people with browsers, and their way into calls.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{TcpListener, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use parking_lot::Mutex;
use participant::{Event, Events, JoinError, JoinOptions, LeaveReason, Participant, proto};
use proto::DisconnectReason;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use url::Url;

pub const PATIENCE: Duration = Duration::from_secs(40);
pub const KEY: &str = "key";
pub const SECRET: &str = "11111111111111111111111111111111";

/// The end of a configuration, where nothing is recorded.
pub const NO_RECORDER: &str = "recordings:\n  enabled: false\n";

/// A process of ours; killed when dropped.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// `convoke media-server`, which is no child of the site.
pub async fn start_media_server(folder: &TempDir, port: u16, sites: &[Site]) -> Process {
    start_media_server_with(folder, port, KEY, sites).await
}

/// The same with a key of its own.
pub async fn start_media_server_with(
    folder: &TempDir,
    port: u16,
    key: &str,
    sites: &[Site],
) -> Process {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr();
    let webhooks: Vec<String> = sites
        .iter()
        .map(|site| format!("\"{}/api/livekit/webhook\"", site.url))
        .collect();
    let yaml = [
        format!("port: {port}"),
        "bind_addresses: [127.0.0.1]".to_owned(),
        format!("keys: {{ {key}: \"{SECRET}\" }}"),
        format!(
            "rtc: {{ udp_port: {}, tcp_port: {}, node_ip: 127.0.0.1, use_external_ip: false, \
             enable_loopback_candidate: true }}",
            udp.unwrap().port(),
            free_port(),
        ),
        format!(
            "webhook: {{ api_key: {key}, urls: [{}] }}",
            webhooks.join(", ")
        ),
    ];
    let file = folder.path().join("livekit.yaml");
    fs::write(&file, yaml.join("\n")).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_convoke"))
        .env_clear()
        .arg("media-server")
        .arg("--config")
        .arg(file)
        .spawn()
        .unwrap();
    let process = Process(child);
    let url = format!("http://127.0.0.1:{port}");
    until("the media server answers", async || {
        reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    process
}

/// A site beside a media server of others.
pub struct Site {
    pub url: String,
    /// What makes the first administrator.
    setup: String,
    _process: Process,
    _folder: TempDir,
}

impl Site {
    pub fn start(media_port: u16, database: Option<&Url>) -> Site {
        Site::start_with(media_port, database, NO_RECORDER)
    }

    /// `more`: YAML that goes on in the section `livekit`.
    pub fn start_with(media_port: u16, database: Option<&Url>, more: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("convoke.yaml");
        fs::write(&file, format!("livekit:\n  external: true\n{more}")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_convoke"));
        child
            .env_clear()
            .arg("serve")
            .arg("--config")
            .arg(file)
            .arg("--data-dir")
            .arg(folder.path())
            .env("CONVOKE_SERVER__HOST", "127.0.0.1")
            .env("CONVOKE_SERVER__PORT", "0")
            .env("CONVOKE_AUTH__REGISTRATION", "open")
            .env(
                "CONVOKE_LIVEKIT__HOST",
                format!("ws://127.0.0.1:{media_port}"),
            )
            .env(
                "CONVOKE_LIVEKIT__INTERNAL_HOST",
                format!("http://127.0.0.1:{media_port}"),
            )
            .env("CONVOKE_LIVEKIT__API_KEY", KEY)
            .env("CONVOKE_LIVEKIT__API_SECRET", SECRET)
            .stdout(Stdio::piped());
        if let Some(database) = database {
            child
                .env("CONVOKE_DATABASE__URL", database.as_str())
                .env("CONVOKE_DATABASE__MAX_CONNECTIONS", "8");
        }
        let mut process = Process(child.spawn().unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let at = lines.next().unwrap().unwrap();
        let port = at.rsplit_once(':').unwrap().1;
        let setup = lines.next().unwrap().unwrap();
        let setup = setup.split_once("token=").unwrap().1.to_owned();
        Site {
            setup,
            url: format!("http://127.0.0.1:{port}"),
            _process: process,
            _folder: folder,
        }
    }
}

/// Somebody with a browser of their own; guests have no account.
pub struct Person {
    client: Client,
    token: Option<String>,
    cookie: Mutex<Option<String>>,
}

/// What `join` answers.
pub struct Way {
    pub url: Url,
    pub token: String,
    pub identity: String,
}

impl Person {
    pub fn guest() -> Person {
        Person {
            client: Client::builder().timeout(PATIENCE).build().unwrap(),
            token: None,
            cookie: Mutex::default(),
        }
    }

    /// Whoever sets the site up, and administers it.
    pub async fn set_up(site: &Site) -> Person {
        let mut person = Person::guest();
        let email = "ada@example.org";
        let password = "correct horse battery";
        let set_up =
            json!({"email": email, "name": "Ada", "password": password, "token": site.setup});
        person
            .ask(site, Method::POST, "/api/auth/setup", &set_up)
            .await;
        let sign_in = json!({"email": email, "password": password, "bearer": true});
        let answer = person
            .ask(site, Method::POST, "/api/auth/sign-in", &sign_in)
            .await;
        person.token = Some(answer["token"].as_str().unwrap().to_owned());
        person
    }

    pub async fn ask(&self, site: &Site, method: Method, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_to(site, method, path, body).await;
        assert!(status < 300, "{path}: {status}: {answer}");
        answer
    }

    /// What is answered, good or bad.
    pub async fn try_to(
        &self,
        site: &Site,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", site.url))
            .header("x-convoke-csrf", "1");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &*self.cookie.lock() {
            request = request.header("cookie", cookie);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next();
            *self.cookie.lock() = cookie.map(str::to_owned);
        }
        let text = answer.text().await.unwrap();
        (
            status.as_u16(),
            serde_json::from_str(&text).unwrap_or_default(),
        )
    }

    pub async fn join(&self, site: &Site, room: &str) -> Way {
        self.join_with(site, room, &json!({"name": "Linus"})).await
    }

    pub async fn join_with(&self, site: &Site, room: &str, body: &Value) -> Way {
        let path = format!("/api/rooms/{room}/join");
        let answer = self.ask(site, Method::POST, &path, body).await;
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        Way {
            url: text("url").parse().unwrap(),
            token: text("token"),
            identity: text("identity"),
        }
    }

    pub async fn live(&self, site: &Site, room: &str) -> i64 {
        let path = format!("/api/rooms/{room}");
        let room = self.ask(site, Method::GET, &path, &Value::Null).await;
        room["live"]["participants"].as_i64().unwrap()
    }
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "never: {what}");
}

pub async fn connect(way: &Way) -> Result<(Participant, Events), JoinError> {
    let options = JoinOptions {
        give_up_after: Duration::ZERO,
        ..JoinOptions::default()
    };
    let joined = Participant::join(&way.url, &way.token, options);
    timeout(PATIENCE, joined).await.unwrap()
}

/// Why the server ends somebody's stay, which it does.
pub async fn put_out(mut events: Events) -> DisconnectReason {
    let leaving = async {
        loop {
            match events.next().await {
                Some(Event::Left(LeaveReason::Server(reason))) => return reason,
                Some(Event::Left(other)) => panic!("not put out: {other:?}"),
                Some(_) => {}
                None => panic!("ended without a word"),
            }
        }
    };
    timeout(PATIENCE, leaving).await.unwrap()
}
