//! `convoke serve` as a process, as proxies, second devices and people at the command line meet it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;

const HOST: &str = "lan.example";
const SECRET: &str = "12345678901234567890123456789e12";

fn convoke() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.env_clear().env("PATH", "");
    command
}

/// A running site; killed when dropped.
struct Site {
    child: Child,
    address: SocketAddr,
    setup_link: String,
    folder: TempDir,
}

impl Site {
    /// Over TLS, behind proxies on the loopback, its log in a file.
    fn start() -> Site {
        Site::start_with(|_| {})
    }

    fn start_with(change: impl FnOnce(&mut Command)) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("convoke.yaml");
        let text = format!(
            "server: {{host: 127.0.0.1, port: 0, tls: self-signed, trusted_proxies: [127.0.0.0/8]}}\n\
             livekit:\n  engine: built-in\n  node_ip: 127.0.0.1\n  api_key: 0x10\n  api_secret: {SECRET}\n  \
             ports: {{udp: 0, tcp: 0}}\n  turn: {{udp_port: 0}}\n"
        );
        fs::write(&config, text).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = convoke();
        command
            .args(["serve", "--config"])
            .arg(&config)
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(log);
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = || lines.next().unwrap().unwrap();
        let at = said();
        let port = at.rsplit_once(':').unwrap().1.parse().unwrap();
        let setup_link = said().rsplit_once(' ').unwrap().1.to_owned();
        Site {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            setup_link,
            folder,
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn client(
        &self,
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .tls_danger_accept_invalid_certs(true)
            .redirect(redirect::Policy::none())
            .resolve(HOST, self.address)
            .timeout(Duration::from_secs(20));
        change(client).build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.address.port())
    }

    async fn ask(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Response {
        let mut request = client.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    /// Makes the administrator; the cookie of the session.
    async fn set_up(&self, client: &Client, headers: &[(&str, &str)]) -> String {
        let token = self.setup_link.split_once("token=").unwrap().1;
        let administrator = json!({"token": token, "email": "a@example.org", "name": "A",
            "password": "correct horse battery"});
        let path = "/api/auth/setup";
        let set_up = self.ask(client, Method::POST, path, headers, Some(administrator));
        let set_up = set_up.await;
        assert_eq!(set_up.status(), 201);
        set_up.headers()["set-cookie"].to_str().unwrap().to_owned()
    }

    /// Waits until the page of health says this of a part; what else it says of it.
    async fn until(&self, client: &Client, session: &str, part: &str, says: [&str; 2]) -> String {
        let mut told = Value::Null;
        for _ in 0..600 {
            let headers = [("cookie", session)];
            let path = "/api/admin/health";
            let seen = self.ask(client, Method::GET, path, &headers, None).await;
            let seen: Value = seen.json().await.unwrap();
            let mut parts = seen["parts"].as_array().unwrap().iter();
            told = parts.find(|it| it["part"] == part).unwrap().clone();
            let reason = told["reason"].as_str().unwrap_or_default();
            if [told["state"].as_str().unwrap(), reason] == says {
                return told["detail"].as_str().unwrap_or_default().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{part} is not {says:?}: {told}; {}", self.log());
    }

    /// Kills one of its processes, as often as it takes until the page of health says so; how it ended, by that page.
    async fn kill(&self, client: &Client, session: &str, command: &str, part: &str) -> String {
        let killed = async {
            loop {
                for process in self.processes(command) {
                    // It may be gone already.
                    let _ = kill(process, Signal::SIGKILL);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = killed => unreachable!(),
            how = self.until(client, session, part, ["fail", "restarting"]) => how,
        }
    }

    /// Its processes with this command.
    fn processes(&self, command: &str) -> Vec<Pid> {
        let config = format!("{command}-child.yaml");
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse::<i32>().ok()?;
            let line = fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
            let ours = line.contains(self.folder.path().to_str()?) && line.contains(&config);
            ours.then_some(Pid::from_raw(id))
        });
        all.collect()
    }

    async fn media_is_ready(&self, client: &Client) {
        for _ in 0..400 {
            let site = self.ask(client, Method::GET, "/api/site", &[], None).await;
            if site.json::<Value>().await.unwrap()["media"] == "ready" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the media server is not ready: {}", self.log());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The media child goes with it, also with a call.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_site_is_the_same_through_every_door() {
    let site = Site::start();
    let http1 = site.client(reqwest::ClientBuilder::http1_only);
    let http2 = site.client(|client| client);
    site.media_is_ready(&http1).await;

    let plain = [
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "meet.example"),
    ];
    // A trusted proxy says that the browser came without TLS: it would throw a Secure cookie away.
    let cookie = site.set_up(&http1, &plain).await;
    assert!(
        cookie.contains("HttpOnly") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let session = cookie.split(';').next().unwrap();

    let owner = [
        ("cookie", session),
        ("x-convoke-csrf", "1"),
        ("authorization", "Basic eDp5"),
    ];
    let room = site
        .ask(
            &http2,
            Method::POST,
            "/api/rooms",
            &owner,
            Some(json!({"name": "R"})),
        )
        .await;
    assert_eq!(
        room.status(),
        201,
        "Basic credentials of a proxy hide the cookie"
    );
    let room: Value = room.json().await.unwrap();
    let slug = room["slug"].as_str().unwrap();
    assert_eq!(room["url"], site.url(&format!("/{slug}")));

    let join = format!("/api/rooms/{slug}/join");
    let own = site.url("").replacen("http", "ws", 1);
    let mut token = String::new();
    for (client, version) in [(&http1, "HTTP/1.1"), (&http2, "HTTP/2.0")] {
        for (headers, url) in [(&[][..], own.as_str()), (&plain[..], "ws://meet.example")] {
            let joined = site
                .ask(
                    client,
                    Method::POST,
                    &join,
                    headers,
                    Some(json!({"name": "Ann"})),
                )
                .await;
            assert_eq!(format!("{:?}", joined.version()), version);
            let cookie = joined.headers()["set-cookie"].to_str().unwrap().to_owned();
            assert_eq!(cookie.contains("Secure"), headers.is_empty(), "{cookie}");
            assert_eq!(joined.headers()["cache-control"], "no-store");
            let joined: Value = joined.json().await.unwrap();
            assert_eq!(joined["url"], url, "{version}");
            joined["token"].as_str().unwrap().clone_into(&mut token);
        }
    }
    // The media server refuses what is no Bearer token.
    let validate = format!("/rtc/validate?access_token={token}");
    let basic = [("authorization", "Basic eDp5")];
    let valid = site.ask(&http2, Method::GET, &validate, &basic, None).await;
    assert_eq!(valid.status(), StatusCode::OK);

    let html = [("accept", "text/html,*/*;q=0.8")];
    for path in ["/metrics", "/twirp/x", "/no-such-room"] {
        let program = site.ask(&http2, Method::GET, path, &[], None).await;
        assert_eq!(program.status(), 404, "{path}");
        assert_eq!(
            program.headers()["content-type"],
            "application/problem+json"
        );
        let browser = site.ask(&http2, Method::GET, path, &html, None).await;
        assert_eq!(browser.status(), 404, "{path}");
    }
    let robots = site
        .ask(&http1, Method::GET, "/robots.txt", &[], None)
        .await;
    assert!(robots.text().await.unwrap().contains("Disallow: /"));
    let doubled = site
        .ask(
            &http1,
            Method::POST,
            "/livekit/jwt//sfu/get",
            &[],
            Some(json!({})),
        )
        .await;
    assert_eq!(doubled.status(), 307);
    assert_eq!(doubled.headers()["location"], "/livekit/jwt/sfu/get");

    let log = site.log();
    assert!(log.contains("media child is ready"), "{log}");
    for unwanted in ["\u{1b}", "={", SECRET] {
        assert!(!log.contains(unwanted), "{unwanted:?} in {log}");
    }
}

#[tokio::test]
async fn the_page_of_health_tells_how_the_processes_beside_the_media_server_do() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port().to_string();
    let site = Site::start_with(|command| {
        // `make test` installs an ffmpeg there.
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("CONVOKE_LIVEKIT__INGRESS__RTMP_PORT", &port);
    });
    let client = site.client(reqwest::ClientBuilder::http1_only);
    let cookie = site.set_up(&client, &[]).await;
    let session = cookie.split(';').next().unwrap();
    let whose = site
        .until(&client, session, "rtmp", ["warn", "port_taken"])
        .await;
    assert_eq!(whose, format!("{port} (livekit.ingress.rtmp_port)"));
    assert_eq!(
        site.log().matches("is taken by another program").count(),
        1,
        "it is said once"
    );
    drop(holder);
    for (command, part) in [("ingress", "rtmp"), ("egress", "recordings")] {
        site.until(&client, session, part, ["ok", ""]).await;
        let how = site.kill(&client, session, command, part).await;
        assert!(how.contains("signal: 9"), "{how}");
        site.until(&client, session, part, ["ok", ""]).await;
    }
}

fn check(file: &Path) -> (bool, String) {
    let Output { status, stderr, .. } = convoke()
        .args(["config", "--check"])
        .arg(file)
        .env("CONVOKE_SERVER__PROT", "1")
        .output()
        .unwrap();
    (status.success(), String::from_utf8(stderr).unwrap())
}

#[test]
fn every_fault_of_a_configuration_is_told_once_and_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    fs::write(
        &file,
        "server:\n  port: 70000\nlivekit:\n  api_secret: [0x5ec2e7]\ndatabase:\n  url: 0x5ec2e7\n",
    )
    .unwrap();
    let (good, said) = check(&file);
    assert!(!good);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "{said}");
    assert_eq!(lines[0], "convoke: the configuration has 4 faults:");
    for key in [
        "server.port",
        "livekit.api_secret",
        "database.url",
        "CONVOKE_SERVER__PORT?",
    ] {
        assert_eq!(said.matches(key).count(), 1, "{key} in {said}");
    }
    assert!(!said.contains("5ec2e7"), "{said}");
}

#[test]
fn a_taken_port_is_named_by_our_own_key() {
    let holder = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let mut child = convoke()
        .args(["serve", "--port", "0", "--data-dir"])
        .arg(folder.path())
        .env("CONVOKE_SERVER__HOST", "127.0.0.1")
        .env("CONVOKE_LIVEKIT__ENGINE", "built-in")
        .env("CONVOKE_LIVEKIT__PORTS__TCP", "0")
        .env("CONVOKE_LIVEKIT__PORTS__UDP", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("is taken") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended");
    }
    kill(
        Pid::from_raw(i32::try_from(child.id()).unwrap()),
        Signal::SIGTERM,
    )
    .unwrap();
    child.wait().unwrap();
    drop(log.read_to_end(&mut Vec::new()));
    assert!(line.contains("livekit.ports.udp"), "{line}");
}
