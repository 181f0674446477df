//! `convoke serve` with a certificate from an authority: its port proves the name in a handshake, and shows what was signed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::{BufRead, BufReader, ErrorKind},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use http_edge::outbound::{Trust, direct};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rcgen::generate_simple_self_signed;
use reqwest::Client;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::json;

/// Far beyond what anything here takes on a busy machine.
const TRIES: u32 = 600;

/// Ended by this signal when dropped.
struct Process(Child, Signal);

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), self.1);
        }
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn client(trust: &Trust) -> Client {
    let client = direct(trust).unwrap().timeout(Duration::from_secs(5));
    client.build().unwrap()
}

/// Where its directory and its root certificate are; `None` where it is not installed.
fn pebble(folder: &Path, tls_port: u16) -> Option<(Process, String, String)> {
    let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(folder.join("tls.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let (port, management) = (free_port(), free_port());
    let config = json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{port}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": folder.join("tls.pem"),
        "privateKey": folder.join("key.pem"),
        "httpPort": 1,
        "tlsPort": tls_port,
    }});
    fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
    let program = env::var("PEBBLE_BIN").unwrap_or_else(|_| "pebble".to_owned());
    let process = Command::new(program)
        .arg("-config")
        .arg(folder.join("pebble.json"))
        .env("PEBBLE_VA_NOSLEEP", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match process {
        Ok(process) => Some((
            // Where these tests run in the background, it inherits that Ctrl-C is nothing to it.
            Process(process, Signal::SIGTERM),
            format!("https://127.0.0.1:{port}/dir"),
            format!("https://127.0.0.1:{management}/roots/0"),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: pebble is not installed (.ci/install does)");
            None
        }
        Err(error) => panic!("pebble: {error}"),
    }
}

async fn text(client: &Client, url: &str) -> String {
    let mut last = None;
    for _ in 0..TRIES {
        match client.get(url).send().await {
            Ok(answer) if answer.status() == 200 => return answer.text().await.unwrap(),
            other => last = Some(other),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{url}: {last:?}")
}

#[tokio::test]
async fn the_sites_port_proves_its_name_and_shows_what_the_authority_signed() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let Some((_pebble, directory, roots)) = pebble(folder.path(), port) else {
        return;
    };
    let root = text(&client(&Trust::Everybody), &roots).await;
    let root = CertificateDer::from_pem_slice(root.as_bytes()).unwrap();

    let config = folder.path().join("convoke.yaml");
    let yaml = format!(
        "server: {{host: 127.0.0.1, port: {port}, public_url: \"https://127.0.0.1:{port}\", tls: acme, redirect_port: 0}}\n\
         acme: {{directory: \"{directory}\", root_file: {}}}\n\
         livekit: {{engine: built-in, node_ip: 127.0.0.1, ports: {{udp: 0, tcp: 0}}}}\n",
        folder.path().join("tls.pem").display()
    );
    fs::write(&config, yaml).unwrap();
    let mut site = Command::new(env!("CARGO_BIN_EXE_convoke"));
    let site = site
        .env_clear()
        .args(["serve", "--config"])
        .arg(&config)
        .arg("--data-dir")
        .arg(folder.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(fs::File::create(folder.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    // Ctrl-C is for everything that it started, too.
    let mut site = Process(site, Signal::SIGINT);
    let mut first = String::new();
    let mut stdout = BufReader::new(site.0.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    let url = format!("https://127.0.0.1:{port}/health/live");
    // With a certificate of its own making, until the authority has signed one: it is there at once.
    text(&client(&Trust::Everybody), &url).await;
    text(&client(&Trust::Authorities(vec![root])), &url).await;
    // What is secret is in the database, which is nobody else's; the log has nothing of it.
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("the certificate is used"), "{log}");
    assert!(!log.contains("PRIVATE KEY"), "{log}");
}
