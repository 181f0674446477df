//! What strangers can and cannot do to a listener, from outside: raw bytes over real connections.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{any, get},
};
use http_edge::{Limits, Server, TlsSource};
use hyper_util::rt::TokioIo;
use rcgen::generate_simple_self_signed;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Far beyond what anything here takes; only a broken listener meets it.
const PATIENCE: Duration = Duration::from_secs(20);
/// For the one limit that a test is about; the others stay out of its way.
const SOON: Duration = Duration::from_millis(100);

/// Tells what arrived.
async fn echo(request: Request) -> String {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let token = parts
        .headers
        .get(header::AUTHORIZATION)
        .map_or(0, axum::http::HeaderValue::len);
    format!(
        "{} {token} {}\n",
        parts.uri.path_and_query().unwrap(),
        body.len()
    )
}

/// Speaks another protocol from then on, and says back what it hears.
async fn upgrade(mut request: Request) -> impl IntoResponse {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(upgrade.await.unwrap());
        let (mut reader, mut writer) = tokio::io::split(&mut io);
        let _ = tokio::io::copy(&mut reader, &mut writer).await;
    });
    (
        StatusCode::SWITCHING_PROTOCOLS,
        [(header::UPGRADE, "echo"), (header::CONNECTION, "upgrade")],
    )
}

fn patient() -> Limits {
    Limits {
        head_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        stall_timeout: PATIENCE,
        ..Limits::default()
    }
}

async fn start(limits: Limits) -> SocketAddr {
    start_with(limits, |server| server).await
}

async fn start_with(
    limits: Limits,
    change: impl FnOnce(Server<Router>) -> Server<Router>,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/upgrade", get(upgrade))
        .fallback(any(echo));
    let server = change(Server::new(listener, router).limits(limits));
    tokio::spawn(server.serve(CancellationToken::new(), Duration::ZERO));
    address
}

struct Client(TcpStream);

impl Client {
    async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn say(&mut self, text: &str) {
        // The listener may have hung up, which the answer tells.
        let _ = self.0.write_all(text.as_bytes()).await;
    }

    /// Status and body of the next answer.
    async fn hear(&mut self) -> (u16, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, self.0.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// That the listener hangs up, and what it said before.
    async fn ends(&mut self) -> String {
        let mut said = Vec::new();
        // A reset is an end, too.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut said))
            .await
            .expect("the listener hangs up");
        String::from_utf8(said).unwrap()
    }
}

#[tokio::test]
async fn those_who_say_nothing_or_never_finish_a_head_are_hung_up_on() {
    let address = start(Limits {
        head_timeout: SOON,
        ..patient()
    })
    .await;
    for beginning in [
        "",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "PRI * HTTP/2.0\r\n\r\n",
    ] {
        let mut client = Client::to(address).await;
        client.say(beginning).await;
        assert_eq!(client.ends().await, "", "{beginning}");
    }
    let mut client = Client::to(address).await;
    client.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(client.hear().await.1, "/1 0 0\n");
    client.say("GET /2 HT").await;
    assert_eq!(client.ends().await, "");
}

#[tokio::test]
async fn a_connection_without_requests_and_a_body_that_stalls_end() {
    let address = start(Limits {
        idle_timeout: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::to(address).await;
    client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.hear().await;
    assert_eq!(client.ends().await, "");

    let address = start(Limits {
        stall_timeout: SOON,
        ..patient()
    })
    .await;
    for head in ["Content-Length: 9", "Transfer-Encoding: chunked"] {
        let mut client = Client::to(address).await;
        client
            .say(&format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n"))
            .await;
        client.ends().await;
    }
}

#[tokio::test]
async fn an_address_has_its_share_of_connections_and_a_proxy_all() {
    let few = Limits {
        connections: 3,
        connections_per_address: 2,
        ..patient()
    };
    let address = start(few).await;
    let mut first = Client::to(address).await;
    let _second = Client::to(address).await;
    assert_eq!(Client::to(address).await.ends().await, "");
    first.say("GET / HTTP/1.0\r\n\r\n").await;
    assert!(first.ends().await.starts_with("HTTP/1.0 200"));
    let mut again = Client::to(address).await;
    again.say("GET / HTTP/1.0\r\n\r\n").await;
    assert!(again.ends().await.starts_with("HTTP/1.0 200"));

    let address = start_with(few, |server| server.exempt(|ip| ip.is_loopback())).await;
    let _held = [Client::to(address).await, Client::to(address).await];
    let mut third = Client::to(address).await;
    third.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(third.hear().await.0, 200);
    assert_eq!(Client::to(address).await.ends().await, "");
}

#[tokio::test]
async fn requests_follow_each_other_whatever_their_bodies_and_addresses() {
    let address = start(patient()).await;
    let mut client = Client::to(address).await;
    let token = "t".repeat(700_000);
    let requests = [
        ("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".to_owned(), "/length 0 5\n"),
        (format!("GET /long?a=1&access_token={token}&b=2 HTTP/1.1\r\nHost: x\r\n\r\n"), "/long?a=1&b=2 700007 0\n"),
        (
            "POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n".to_owned(),
            "/chunked 0 7\n",
        ),
        (format!("GET /header HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"), "/header 700007 0\n"),
        ("GET /refused HTTP/1.1\r\nHost: x\r\nUpgrade: nothing\r\nConnection: upgrade\r\n\r\n".to_owned(), "/refused 0 0\n"),
        (format!("GET /last?access_token={token} HTTP/1.1\r\nHost: x\r\n\r\n"), "/last 700007 0\n"),
    ];
    for (request, answer) in &requests {
        client.say(request).await;
        assert_eq!(client.hear().await, (200, (*answer).to_owned()));
    }
    // All at once, before any answer.
    let (mut reader, mut writer) = client.0.into_split();
    let all: String = requests
        .iter()
        .map(|(request, _)| request.as_str())
        .collect();
    let writing = tokio::spawn(async move {
        writer.write_all(all.as_bytes()).await.unwrap();
        let last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        writer.write_all(last).await.unwrap();
        writer
    });
    let mut said = String::new();
    timeout(PATIENCE, reader.read_to_string(&mut said))
        .await
        .unwrap()
        .unwrap();
    drop(writing.await.unwrap());
    for (_, answer) in &requests {
        assert!(said.contains(answer), "{answer}");
    }
}

#[tokio::test]
async fn heads_are_bounded_each_and_together() {
    let address = start(Limits {
        large_heads_per_address: 1,
        ..patient()
    })
    .await;
    let mut client = Client::to(address).await;
    let long = "t".repeat(1_200_000);
    client
        .say(&format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n"))
        .await;
    assert_eq!(client.hear().await.0, 431);

    let mut slow = Client::to(address).await;
    slow.say(&format!(
        "GET / HTTP/1.1\r\nHost: x\r\nA: {}",
        "t".repeat(100_000)
    ))
    .await;
    // Until the listener has read of the slow one, another has its place.
    let refused = async {
        loop {
            let mut another = Client::to(address).await;
            another
                .say(&format!(
                    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: {}\r\n\r\n",
                    "t".repeat(100_000)
                ))
                .await;
            if another.ends().await.is_empty() {
                break;
            }
        }
    };
    timeout(PATIENCE, refused).await.unwrap();
    slow.say("\r\n\r\n").await;
    assert_eq!(slow.hear().await.0, 200);
}

#[tokio::test]
async fn another_protocol_is_passed_through_and_may_be_silent() {
    let address = start(Limits {
        head_timeout: SOON,
        idle_timeout: SOON,
        stall_timeout: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::to(address).await;
    client
        .say(
            "GET /upgrade HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nearly",
        )
        .await;
    assert_eq!(client.hear().await.0, 101);
    let mut heard = [0; 5];
    client.0.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"early");
    tokio::time::sleep(3 * SOON).await;
    client.say("GET /\r\n\r\n").await;
    let mut heard = [0; 9];
    client.0.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"GET /\r\n\r\n");
}

#[tokio::test]
async fn those_who_never_greet_over_tls_are_hung_up_on() {
    let pair = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::Pkcs8(pair.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![pair.cert.der().clone()], key)
    .unwrap();
    let config = Arc::new(config);
    let source: TlsSource = Arc::new(move || config.clone());
    let limits = Limits {
        head_timeout: SOON,
        ..patient()
    };
    let address = start_with(limits, |server| server.tls(source)).await;
    assert_eq!(Client::to(address).await.ends().await, "");
}
