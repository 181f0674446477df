//! Pebble, the small ACME authority for tests: a real process with faults of its own (`.ci/install` installs it).

use std::{
    env, fs, io,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rcgen::generate_simple_self_signed;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use url::Url;

/// The process; ends when dropped.
pub struct Pebble {
    pub directory: Url,
    /// In PEM, where it proves who it is.
    pub root_file: std::path::PathBuf,
    process: Child,
    _folder: TempDir,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pebble {
    /// Looks for proofs at these ports of whatever name it is asked for. `None`, and a word about it, where it is not
    /// installed.
    pub async fn start(http_port: u16, tls_port: u16) -> Option<Pebble> {
        let folder = TempDir::new().unwrap();
        let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("key.pem"));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let port = free_port();
        let config = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{}", free_port()),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": http_port,
            "tlsPort": tls_port,
            "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "ninety days", "validityPeriod": 7_776_000}},
        }});
        let file = folder.path().join("pebble.json");
        fs::write(&file, config.to_string()).unwrap();
        let program = env::var("PEBBLE_BIN").unwrap_or_else(|_| "pebble".to_owned());
        let process = Command::new(program)
            .arg("-config")
            .arg(&file)
            .env("PEBBLE_VA_NOSLEEP", "1")
            // It throws away good requests, as authorities do.
            .env("PEBBLE_WFE_NONCEREJECT", "5")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match process {
            Ok(process) => process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                eprintln!("skipped: pebble is not installed (.ci/install does)");
                return None;
            }
            Err(error) => panic!("pebble: {error}"),
        };
        let pebble = Pebble {
            directory: format!("https://127.0.0.1:{port}/dir").parse().unwrap(),
            root_file: certificate,
            process,
            _folder: folder,
        };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(pebble);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("pebble does not answer");
    }
}

/// Nobody's for now.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
