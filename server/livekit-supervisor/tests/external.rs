//! Facts about the watch over an external cluster, seen from outside: a small HTTP server on loopback plays LiveKit.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use livekit_supervisor::{
    ApiKeys, ClusterFailure, ClusterState, Endpoint, Timings, watch_external,
};
use livekit_wire::token::verify;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Far beyond what anything here takes; only a broken watch meets it.
const PATIENCE: Duration = Duration::from_mins(1);
const API_KEY: &str = "APIexternal";
const API_SECRET: &str = "a-secret-of-more-than-thirty-two-characters";

const TIMINGS: Timings = Timings {
    alone_for: Duration::from_mins(1),
    replace_interval: Duration::from_mins(1),
    start_probe_interval: PATIENCE,
    start_timeout: PATIENCE,
    health_interval: Duration::from_millis(10),
    probe_timeout: PATIENCE,
    health_failures: 3,
    backoff_first: PATIENCE,
    backoff_max: PATIENCE,
    stable_after: PATIENCE,
};

/// What the server does with the next requests.
#[derive(Clone, Copy)]
enum Mood {
    Well,
    /// This many health requests are answered with 406, then well.
    NotReady(u32),
    /// Reads and never answers.
    Hung,
}

#[derive(Clone)]
struct Server {
    mood: Arc<Mutex<Mood>>,
    /// Good answers of RoomService since the last change of mood.
    good: watch::Sender<u32>,
    /// Requests that wait for an answer that never comes.
    hanging: watch::Sender<u32>,
}

struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    fn new() -> Self {
        Self {
            mood: Arc::new(Mutex::new(Mood::Well)),
            good: watch::Sender::new(0),
            hanging: watch::Sender::new(0),
        }
    }

    /// Listens until the guard is dropped.
    async fn listen(&self, at: SocketAddr, tls: Option<TlsAcceptor>) -> (SocketAddr, Listening) {
        let listener = TcpListener::bind(at).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = self.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (server, tls) = (server.clone(), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => server.serve(stream).await,
                        Some(tls) => {
                            // A client that does not trust us ends the handshake.
                            if let Ok(stream) = tls.accept(stream).await {
                                server.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        (address, Listening(task.abort_handle()))
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let status = if head.starts_with("GET / ") {
            match self.next_mood() {
                Mood::Well => "200 OK",
                Mood::NotReady(_) => "406 Not Acceptable",
                Mood::Hung => {
                    self.hanging.send_modify(|hanging| *hanging += 1);
                    let mut rest = Vec::new();
                    let _ = stream.read_to_end(&mut rest).await;
                    self.hanging.send_modify(|hanging| *hanging -= 1);
                    return;
                }
            }
        } else if head.starts_with("POST /twirp/livekit.RoomService/ListRooms ") && accepts(&head) {
            self.good.send_modify(|good| *good += 1);
            "200 OK"
        } else {
            "401 Unauthorized"
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }

    fn set(&self, mood: Mood) {
        self.good.send_replace(0);
        *self.mood.lock().unwrap() = mood;
    }

    fn next_mood(&self) -> Mood {
        let mut mood = self.mood.lock().unwrap();
        let now = *mood;
        match now {
            Mood::NotReady(0) => {
                *mood = Mood::Well;
                Mood::Well
            }
            Mood::NotReady(left) => {
                *mood = Mood::NotReady(left - 1);
                now
            }
            Mood::Well | Mood::Hung => now,
        }
    }
}

/// What LiveKit asks of a token for `ListRooms`.
fn accepts(head: &str) -> bool {
    let token = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let token = value.strip_prefix("Bearer ")?;
        name.eq_ignore_ascii_case("authorization").then_some(token)
    });
    let keys = livekit_wire::ApiKeys::one(API_KEY.to_owned(), API_SECRET.into());
    token
        .and_then(|token| verify(token, &keys, SystemTime::now()).ok())
        .is_some_and(|token| token.claims.video.is_some_and(|video| video.room_list))
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn endpoint(scheme: &str, address: SocketAddr, api_secret: &str) -> Endpoint {
    Endpoint {
        internal_url: format!("{scheme}://{address}").parse().unwrap(),
        keys: ApiKeys {
            api_key: API_KEY.to_owned(),
            api_secret: api_secret.into(),
        },
    }
}

fn watch_with(
    endpoint: &Endpoint,
    skip_tls_verify: bool,
    timings: Timings,
) -> watch::Receiver<ClusterState> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .no_proxy()
        .tls_danger_accept_invalid_certs(skip_tls_verify)
        .build()
        .unwrap();
    watch_external(endpoint, client, timings, SystemTime::now)
}

fn watch(address: SocketAddr) -> watch::Receiver<ClusterState> {
    watch_with(&endpoint("http", address, API_SECRET), false, TIMINGS)
}

async fn until<T: Clone>(watched: &mut watch::Receiver<T>, is: impl FnMut(&T) -> bool) -> T {
    timeout(PATIENCE, watched.wait_for(is))
        .await
        .unwrap()
        .unwrap()
        .clone()
}

async fn ready(state: &mut watch::Receiver<ClusterState>) {
    until(state, |state| *state == ClusterState::Ready).await;
}

async fn down(state: &mut watch::Receiver<ClusterState>) -> ClusterFailure {
    match until(state, |state| matches!(state, ClusterState::Down { .. })).await {
        ClusterState::Down { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cluster_that_answers_and_takes_our_keys_is_ready() {
    let (address, _listening) = Server::new().listen(loopback(), None).await;
    let mut state = watch(address);
    assert_eq!(*state.borrow(), ClusterState::Starting);
    ready(&mut state).await;
}

#[tokio::test]
async fn a_cluster_with_another_secret_is_down_and_the_reason_says_so() {
    let (address, _listening) = Server::new().listen(loopback(), None).await;
    let wrong = endpoint("http", address, "another-secret-of-more-than-32-characters");
    let reason = down(&mut watch_with(&wrong, false, TIMINGS)).await;
    assert_eq!(reason, ClusterFailure::KeysRefused);
    assert!(reason.to_string().contains("refused our API key or secret"));
}

#[tokio::test]
async fn an_unreachable_cluster_is_down_at_once_and_ready_when_it_comes_and_comes_back() {
    let server = Server::new();
    let (address, listening) = server.listen(loopback(), None).await;
    drop(listening);
    let mut state = watch(address);
    let reason = down(&mut state).await;
    assert!(
        matches!(reason, ClusterFailure::Unreachable { .. }),
        "{reason}"
    );
    assert!(
        !reason.to_string().contains(&address.to_string()),
        "{reason}"
    );
    for _ in 0..2 {
        let (_, listening) = server.listen(address, None).await;
        ready(&mut state).await;
        drop(listening);
        down(&mut state).await;
    }
}

#[tokio::test]
async fn a_cluster_that_takes_the_request_and_never_answers_is_down() {
    let server = Server::new();
    let (address, _listening) = server.listen(loopback(), None).await;
    let within = Duration::from_millis(500);
    let timings = Timings {
        probe_timeout: within,
        ..TIMINGS
    };
    let mut state = watch_with(&endpoint("http", address, API_SECRET), false, timings);
    ready(&mut state).await;
    server.set(Mood::Hung);
    assert_eq!(down(&mut state).await, ClusterFailure::Timeout { within });
}

#[tokio::test]
async fn a_ready_cluster_stays_ready_until_so_many_probes_in_a_row_fail() {
    let server = Server::new();
    let (address, _listening) = server.listen(loopback(), None).await;
    let mut state = watch(address);
    ready(&mut state).await;
    for _ in 0..2 {
        server.set(Mood::NotReady(TIMINGS.health_failures - 1));
        // The second good answer comes after the first was heeded.
        until(&mut server.good.subscribe(), |good| *good >= 2).await;
    }
    assert!(!state.has_changed().unwrap());
    server.set(Mood::NotReady(u32::MAX));
    assert_eq!(down(&mut state).await, ClusterFailure::NotReady);
    assert!(matches!(
        *server.mood.lock().unwrap(),
        Mood::NotReady(left) if left <= u32::MAX - TIMINGS.health_failures
    ));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_taken_only_when_told_to() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    let (address, _listening) = Server::new().listen(loopback(), Some(tls)).await;
    let https = endpoint("https", address, API_SECRET);

    let reason = down(&mut watch_with(&https, false, TIMINGS)).await;
    assert!(reason.to_string().contains("certificate"), "{reason}");
    ready(&mut watch_with(&https, true, TIMINGS)).await;
}

#[tokio::test]
async fn a_probe_is_given_up_when_nobody_watches_any_more() {
    let server = Server::new();
    server.set(Mood::Hung);
    let (address, _listening) = server.listen(loopback(), None).await;
    let state = watch(address);
    until(&mut server.hanging.subscribe(), |hanging| *hanging == 1).await;
    drop(state);
    until(&mut server.hanging.subscribe(), |hanging| *hanging == 0).await;
}
