//! `convoke doctor` as a process: faults that are really there, each planted by itself, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use stun_types::{
    attribute::XorMappedAddress,
    message::{Message, MessageWriteVec},
    prelude::{MessageWrite, MessageWriteExt},
};
use tempfile::TempDir;

const SECRET: &str = "12345678901234567890123456789e12";
const OTHER_SECRET: &str = "a-secret-of-somebody-else-entirely";
/// Of a machine in the Internet that does not exist.
const OUTSIDE: &str = "198.51.100.7";

fn convoke() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.env_clear().env("PATH", "");
    command
}

/// What the doctor said and how it ended.
struct Report {
    code: i32,
    json: Value,
}

impl Report {
    /// The findings of a check that are in this state.
    fn said(&self, check: &str, state: &str) -> Vec<String> {
        let findings = self.json["server"]["findings"].as_array().unwrap();
        let of = findings
            .iter()
            .filter(|it| it["check"] == check && it["state"] == state);
        of.map(|it| it["said"].as_str().unwrap().to_owned())
            .collect()
    }

    fn names(&self, check: &str, state: &str, words: &[&str]) {
        let said = self.said(check, state);
        let named = said
            .iter()
            .any(|said| words.iter().all(|word| said.contains(word)));
        assert!(
            named,
            "{check} {state}: nothing of {words:?}: {:#}",
            self.json
        );
    }
}

/// Where the doctor finds its configuration.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Nobody outside is asked, and no port is fixed, unless `yaml` says otherwise.
    fn asks(&self, yaml: &str) -> Report {
        let config = self.path("convoke.yaml");
        fs::write(&config, yaml).unwrap();
        let mut command = convoke();
        command
            .args(["doctor", "--json", "--config", &config])
            .env("CONVOKE_SERVER__DATA_DIR", self.path("data"));
        if !yaml.contains("doctor:") {
            command
                .env("CONVOKE_DOCTOR__STUN_SERVERS", "")
                .env("CONVOKE_DOCTOR__TIME_SERVER", "");
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!(
                "{error}: {text} {}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        assert!(!text.contains(SECRET) && !text.contains(OTHER_SECRET));
        Report {
            code: output.status.code().unwrap(),
            json,
        }
    }
}

const QUIET: &str = "ports: {udp: 0, tcp: 0}, turn: {udp_port: 0}, ingress: {rtmp_port: 0}";

/// Says that whoever asks is seen at [`OUTSIDE`].
fn stun_server() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let request = Message::from_bytes(&buffer[..length]).unwrap();
            let seen = SocketAddr::new(OUTSIDE.parse().unwrap(), from.port());
            let mut answer = Message::builder_success(&request, MessageWriteVec::new());
            let mapped = XorMappedAddress::new(seen, request.transaction_id());
            answer.add_attribute(&mapped).unwrap();
            socket.send_to(&answer.finish(), from).unwrap();
        }
    });
    address
}

/// Is this much ahead.
fn time_server(ahead: Duration) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 48];
        while let Ok((_, from)) = socket.recv_from(&mut buffer) {
            let now = SystemTime::now() + ahead;
            let since = now.duration_since(UNIX_EPOCH).unwrap().as_secs() + 2_208_988_800;
            let mut answer = [0; 48];
            (answer[0], answer[1]) = (0x24, 1);
            answer[40..44].copy_from_slice(&u32::try_from(since).unwrap().to_be_bytes());
            socket.send_to(&answer, from).unwrap();
        }
    });
    address
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// What a proxy does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// It passes no upgrade on, as nginx does that nobody told to.
    NoUpgrade,
    /// It waits for the whole body.
    HoldsBack,
}

/// A proxy in front of the site at `port`; its own port.
fn proxy(port: u16, wrong: Wrong) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            thread::spawn(move || pass_on(client, port, wrong));
        }
    });
    own
}

fn pass_on(mut client: TcpStream, port: u16, wrong: Wrong) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap_or(0) > 2 {}
    let dropped = |line: &str| {
        let line = line.to_ascii_lowercase();
        wrong == Wrong::NoUpgrade && (line.starts_with("connection") || line.starts_with("upgrade"))
    };
    let kept = head.trim_end().lines().filter(|line| !dropped(line));
    let mut passed: String = kept.flat_map(|line| [line, "\r\n"]).collect();
    if !head.to_ascii_lowercase().contains("upgrade: ") || wrong == Wrong::NoUpgrade {
        passed.push_str("Connection: close\r\n");
    }
    let Ok(mut site) = TcpStream::connect(("127.0.0.1", port)) else {
        return;
    };
    write!(site, "{passed}\r\n").unwrap();
    let mut upstream = site.try_clone().unwrap();
    thread::spawn(move || {
        let _ = std::io::copy(&mut reader, &mut upstream);
    });
    if wrong == Wrong::HoldsBack {
        let mut answer = Vec::new();
        let _ = site.read_to_end(&mut answer);
        let _ = client.write_all(&answer);
    } else {
        let _ = std::io::copy(&mut site, &mut client);
    }
    let _ = client.shutdown(Shutdown::Both);
}

/// A running site; killed when dropped.
struct Site {
    child: Child,
    port: u16,
    place: Place,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Site {
    /// Plain HTTP.
    fn start() -> Site {
        let place = Place::new();
        let config = place.path("site.yaml");
        let port = free_port();
        fs::write(&config, yaml(port, port, SECRET)).unwrap();
        let mut child = convoke()
            .args(["serve", "--config", &config])
            .env("CONVOKE_SERVER__DATA_DIR", place.path("data"))
            .stdout(Stdio::piped())
            .stderr(fs::File::create(place.path("log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next().unwrap().unwrap();
        let site = Site { child, port, place };
        while !site.is_ready() {
            thread::sleep(Duration::from_millis(100));
        }
        site
    }

    fn is_ready(&self) -> bool {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET /health/ready HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.starts_with("HTTP/1.0 200")
    }

    /// What the doctor says of it, with people coming by `public`.
    fn asked(&self, public: u16, secret: &str) -> Report {
        self.place.asks(&yaml(self.port, public, secret))
    }
}

fn yaml(port: u16, public: u16, secret: &str) -> String {
    format!(
        "server: {{host: 127.0.0.1, port: {port}, public_url: \"http://127.0.0.1:{public}\", trusted_proxies: [127.0.0.1]}}\n\
         livekit: {{engine: built-in, node_ip: 127.0.0.1, api_key: key, api_secret: {secret}, {QUIET}}}\n"
    )
}

#[test]
fn a_running_site_is_looked_at_through_each_door_and_what_a_proxy_does_wrong_is_named() {
    let site = Site::start();
    let good = site.asked(proxy(site.port, Wrong::Nothing), SECRET);
    for check in ["site", "ports", "media_server", "proxy", "database", "disk"] {
        assert_eq!(
            good.said(check, "fail"),
            Vec::<String>::new(),
            "{:#}",
            good.json
        );
        good.names(check, "ok", &[]);
    }
    good.names("site", "ok", &[&format!("127.0.0.1:{}", site.port)]);
    assert_eq!(good.said("webhooks", "fail"), Vec::<String>::new());
    // An address of this machine alone, and whom nobody asked.
    assert_eq!(good.code, 1, "{:#}", good.json);

    let closed = site.asked(proxy(site.port, Wrong::NoUpgrade), SECRET);
    closed.names("proxy", "fail", &["WebSocket"]);
    assert_eq!(closed.code, 2);
    let slow = site.asked(proxy(site.port, Wrong::HoldsBack), SECRET);
    slow.names("proxy", "warn", &["holds bodies back"]);
    let nowhere = site.asked(proxy(free_port(), Wrong::Nothing), SECRET);
    nowhere.names("public_address", "warn", &["does not answer"]);
    let other = site.asked(site.port, OTHER_SECRET);
    other.names("webhooks", "fail", &["livekit.api_key", "turned away"]);
}

#[test]
fn a_wrong_node_ip_is_named_against_what_others_see() {
    let stun = stun_server();
    let report = Place::new().asks(&format!(
        "server: {{port: 0, public_url: \"https://meet.invalid\"}}\n\
         livekit: {{engine: built-in, node_ip: 203.0.113.99, {QUIET}}}\n\
         doctor: {{stun_servers: [\"{stun}\"], time_server: \"\"}}\n"
    ));
    report.names(
        "address",
        "fail",
        &["203.0.113.99", "livekit.node_ip", OUTSIDE],
    );
    report.names("nat", "warn", &[OUTSIDE]);
    report.names("dns", "fail", &["meet.invalid", "server.public_url"]);
    assert_eq!(report.code, 2);
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let time = time_server(Duration::from_secs(90));
    let report = Place::new().asks(&format!(
        "server: {{port: 0}}\nlivekit: {{engine: built-in, {QUIET}}}\n\
         doctor: {{stun_servers: [], time_server: \"{time}\"}}\n"
    ));
    report.names("clock", "fail", &["behind", &time.to_string()]);
}

#[test]
fn taken_ports_are_named_with_their_keys() {
    let media = UdpSocket::bind("0.0.0.0:0").unwrap();
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = TcpListener::bind("0.0.0.0:0").unwrap();
    let udp = media.local_addr().unwrap().port();
    let tcp = site.local_addr().unwrap().port();
    let turn = relay.local_addr().unwrap().port();
    let report = Place::new().asks(&format!(
        "server: {{host: 127.0.0.1, port: {tcp}}}\n\
         livekit: {{engine: built-in, ports: {{udp: {udp}, tcp: 0}}, turn: {{udp_port: {turn}}}}}\n"
    ));
    report.names(
        "ports",
        "fail",
        &[&format!("UDP port {udp}"), "livekit.ports.udp"],
    );
    report.names(
        "ports",
        "fail",
        &[&format!("TCP port {tcp}"), "server.port"],
    );
    report.names(
        "ports",
        "warn",
        &[&format!("TCP port {turn}"), "livekit.turn.udp_port"],
    );
}

#[test]
fn certificates_of_no_use_are_named() {
    let place = Place::new();
    let pair = |name: &str, from: i32, until: i32, host: &str| {
        let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        fs::write(place.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(place.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    };
    pair("old", 2020, 2021, "meet.invalid");
    pair("own", 2020, 4000, "meet.invalid");
    let report = |certificate: &str, key: &str| {
        place.asks(&format!(
            "server: {{port: 0, public_url: \"https://meet.invalid\", tls: files, cert_file: {}, key_file: {}}}\n\
             livekit: {{engine: built-in, {QUIET}}}\n",
            place.path(certificate),
            place.path(key),
        ))
    };
    report("old.pem", "old.key").names("certificate", "fail", &["meet.invalid:443", "expired"]);
    report("own.pem", "own.key").names("certificate", "fail", &["nobody whom browsers trust"]);
    report("own.pem", "old.key").names("certificate", "fail", &["server.cert_file"]);
}

#[test]
fn a_folder_a_database_and_a_redis_that_cannot_be_used_are_named() {
    let place = Place::new();
    let nobody = free_port();
    let livekit = place.path("livekit-server");
    fs::write(&livekit, "#!/bin/sh\necho livekit-server version 1.13.5\n").unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&livekit, executable).unwrap();
    let report = place.asks(&format!(
        "server: {{port: 0}}\n\
         database: {{url: \"postgres://convoke:password@127.0.0.1:{nobody}/convoke\"}}\n\
         recordings: {{folder: /proc/nothing}}\n\
         livekit: {{binary: {livekit}, redis: {{address: \"127.0.0.1:{nobody}\"}}, {QUIET}}}\n"
    ));
    report.names("disk", "fail", &["/proc/nothing", "recordings.folder"]);
    report.names("database", "fail", &["database.url"]);
    report.names(
        "redis",
        "fail",
        &[&format!("127.0.0.1:{nobody}"), "livekit.redis.address"],
    );
    report.names("media_server", "skipped", &["livekit-server", "1.13.5"]);
    assert!(!report.json.to_string().contains("password@"));
}

#[test]
fn what_livekit_refuses_in_a_file_of_ones_own_is_named_before_it_does() {
    let place = Place::new();
    let file = place.path("livekit.yaml");
    let report = |yaml: &str| {
        fs::write(&file, yaml).unwrap();
        place.asks(&format!(
            "server: {{port: 0, public_url: \"https://meet.invalid\"}}\n\
             livekit: {{engine: built-in, config_path: {file}, api_key: key, api_secret: {SECRET}}}\n"
        ))
    };
    let bad = report(&format!(
        "port: 7880\ntls: {{cert_file: a}}\nkeys: {{key: {OTHER_SECRET}}}\n\
         rtc: {{use_external_ip: true}}\nturn: {{enabled: true, tls_port: 5349}}\n\
         webhook: {{api_key: another, urls: [\"https://meet.invalid/api/livekit/webhook\"]}}\n"
    ));
    for words in [
        &["`tls:`", "1.12"][..],
        &["turn.domain"],
        &["livekit.api_secret"],
        &["webhook.api_key"],
    ] {
        bad.names("media_file", "fail", words);
    }
    bad.names("media_file", "warn", &["could not resolve external IP"]);
    let torn = report("port: 7880\n  keys: [\n");
    torn.names("media_file", "fail", &[&file, "line"]);
    let good = report(&format!(
        "port: 7880\nkeys: {{key: {SECRET}}}\n\
         webhook: {{api_key: key, urls: [\"https://meet.invalid/api/livekit/webhook\"]}}\n"
    ));
    good.names("media_file", "ok", &[]);
}

#[test]
fn a_cluster_that_is_away_and_a_configuration_that_is_refused_are_named() {
    let nobody = free_port();
    let away = Place::new().asks(&format!(
        "server: {{port: 0, public_url: \"https://meet.invalid\"}}\n\
         livekit: {{external: true, host: \"ws://127.0.0.1:{nobody}\", internal_host: \"http://127.0.0.1:{nobody}\", \
         api_key: key, api_secret: {SECRET}}}\n"
    ));
    away.names(
        "media_server",
        "fail",
        &[
            &format!("http://127.0.0.1:{nobody}/"),
            "livekit.internal_host",
        ],
    );
    away.names(
        "media_server",
        "fail",
        &[&format!("ws://127.0.0.1:{nobody}/"), "livekit.host"],
    );
    away.names("webhooks", "warn", &["No webhook"]);

    let refused = Place::new().asks("server: {prot: 8080}\n");
    refused.names("configuration", "fail", &["server.prot", "server.port"]);
    assert_eq!(refused.code, 2);
}

#[test]
fn sentences_for_people_end_with_what_is_worst() {
    let place = Place::new();
    let config = place.path("convoke.yaml");
    fs::write(&config, "server: {prot: 8080}\n").unwrap();
    let output = convoke()
        .args(["doctor", "--config", &config])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("FAIL  The configuration is refused"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(2));
}
