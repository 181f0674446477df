//! A bucket for tests: a real S3 server of its own, behind a door that loses and breaks what a network can.

use std::{
    env,
    net::{Ipv4Addr, TcpListener as Port},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};
use url::Url;

use crate::config::{PathStyle, S3};

/// Names the S3 server's program, where it is not on PATH.
const PROGRAM: &str = "VERSITYGW_BIN";
const KEY: &str = "test-key";
const SECRET: &str = "test-secret-test-secret";
pub const BUCKET: &str = "films";

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum S3Fault {
    #[default]
    None,
    /// Nobody answers.
    Away,
    /// A byte of the next part turns over on its way.
    FlipsAByte,
    /// The file is made of its parts, and nobody hears of it.
    LosesCompletion,
}

#[derive(Default)]
struct Door {
    fault: S3Fault,
    parts: usize,
}

/// The server; ends when dropped.
pub struct FakeS3 {
    url: Url,
    folder: TempDir,
    door: Arc<Mutex<Door>>,
    passing: JoinHandle<()>,
    server: Child,
}

impl Drop for FakeS3 {
    fn drop(&mut self) {
        self.passing.abort();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl FakeS3 {
    /// Starts one; `None`, and a line that says so, where the program is not installed.
    pub async fn start() -> Option<FakeS3> {
        let Some(program) = program() else {
            eprintln!("skipped: films in a bucket (no versitygw; .ci/install installs it)");
            return None;
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let (files, facts) = (folder.path().join("files"), folder.path().join("facts"));
        std::fs::create_dir_all(files.join(BUCKET)).unwrap();
        std::fs::create_dir(&facts).unwrap();
        let port = Port::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap();
        let server = Command::new(program)
            .args(["--quiet", "--access", KEY, "--secret", SECRET, "--port"])
            .arg(port.to_string())
            .arg("posix")
            .arg("--sidecar")
            .args([&facts, &files])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(port).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
        let door = Arc::new(Mutex::new(Door::default()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let state = (door.clone(), client, format!("http://{port}"));
        let router = Router::new()
            .fallback(pass)
            .layer(DefaultBodyLimit::disable())
            .with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let passing = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Some(FakeS3 {
            url: url.parse().unwrap(),
            folder,
            door,
            passing,
            server,
        })
    }

    /// How to reach the bucket.
    pub fn config(&self) -> S3 {
        S3 {
            endpoint: Some(self.url.clone()),
            region: "us-east-1".to_owned(),
            bucket: BUCKET.to_owned(),
            prefix: "recordings/".to_owned(),
            access_key: Some(KEY.to_owned()),
            secret_key: Some(SECRET.into()),
            secret_key_file: None,
            path_style: PathStyle::Auto,
            checksums: true,
            proxy: false,
        }
    }

    pub fn fail(&self, fault: S3Fault) {
        self.door.lock().fault = fault;
    }

    /// How many parts were sent so far, also those that did not arrive whole.
    pub fn parts(&self) -> usize {
        self.door.lock().parts
    }

    /// Where the server keeps a file.
    pub fn path(&self, key: &str) -> PathBuf {
        let files = self.folder.path().join("files").join(BUCKET);
        files.join("recordings").join(key)
    }
}

fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os(PROGRAM) {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder: PathBuf| folder.join("versitygw"));
    found
        .into_iter()
        .find(|program: &PathBuf| Path::is_file(program))
}

async fn pass(
    State((door, client, server)): State<(Arc<Mutex<Door>>, reqwest::Client, String)>,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_part = request.method() == Method::PUT && query.contains("partNumber");
    let completes = request.method() == Method::POST && query.contains("uploadId");
    let fault = {
        let mut door = door.lock();
        door.parts += usize::from(is_part);
        let fault = door.fault;
        if (is_part && fault == S3Fault::FlipsAByte)
            || (completes && fault == S3Fault::LosesCompletion)
        {
            door.fault = S3Fault::None;
        }
        fault
    };
    if fault == S3Fault::Away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (parts, body) = request.into_parts();
    let mut bytes = body.collect().await.unwrap().to_bytes();
    if is_part && fault == S3Fault::FlipsAByte {
        let mut flipped = bytes.to_vec();
        flipped[0] ^= 1;
        bytes = Bytes::from(flipped);
    }
    let path = parts.uri.path_and_query().unwrap();
    let answer = client
        .request(parts.method, format!("{server}{path}"))
        // The name that was signed is among them.
        .headers(parts.headers)
        .body(bytes)
        .send()
        .await
        .unwrap();
    if completes && fault == S3Fault::LosesCompletion {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let answer: http::Response<reqwest::Body> = answer.into();
    answer.map(Body::new)
}
