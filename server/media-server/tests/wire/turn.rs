//! TURN as clients are told of it, on its three transports: what they get is theirs alone, what they may reach is this server.

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    path::Path,
    sync::Arc,
};

use livekit_protocol::{IceServer, signal_response};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::harness::{TestServer, join_token};

/// An Allocate request without credentials.
const ALLOCATE: [u8; 28] = [
    0, 3, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 25, 0, 4, 17, 0,
    0, 0,
];
/// An error that answers one.
const ALLOCATE_ERROR: [u8; 2] = [1, 0x13];

/// A number that is free of both, a moment ago.
fn free_port() -> u16 {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = udp.local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A certificate for localhost in this folder.
fn certificate(folder: &Path) -> CertificateDer<'static> {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), signed.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signed.signing_key.serialize_pem()).unwrap();
    signed.cert.into()
}

async fn told(server: &TestServer, identity: &str) -> Vec<IceServer> {
    let token = join_token("lab", identity);
    let path = format!("/rtc?access_token={token}&protocol=16&sdk=js");
    let mut signal = server.connect(&path).await.unwrap();
    match signal.next().await {
        signal_response::Message::Join(join) => join.ice_servers,
        other => panic!("not a join: {other:?}"),
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> [u8; 2] {
    stream.write_all(&ALLOCATE).await.unwrap();
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn everybody_is_told_where_turn_is_with_credentials_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let (port, tls_port) = (free_port(), free_port());
    let files = folder.path().display();
    let server = TestServer::with(&format!(
        "turn: {{enabled: true, domain: localhost, udp_port: {port}, tls_port: {tls_port}, \
         cert_file: '{files}/cert.pem', key_file: '{files}/key.pem', bind_addresses: [127.0.0.1]}}\n"
    ))
    .await;
    let (ana, ben) = (told(&server, "ana").await, told(&server, "ben").await);
    assert_eq!(
        ana[0].urls,
        [
            format!("turn:localhost:{port}?transport=udp"),
            format!("turn:localhost:{port}?transport=tcp"),
            format!("turns:localhost:{tls_port}?transport=tcp"),
        ]
    );
    assert_eq!(ana.len(), 1);
    assert!(ana[0].username.contains(":PA_"), "{}", ana[0].username);
    assert_ne!(ana[0].username, ben[0].username);
    assert_ne!(ana[0].credential, ben[0].credential);
    server.stop().await;
}

#[tokio::test]
async fn each_transport_asks_strangers_for_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = certificate(folder.path());
    let (port, tls_port) = (free_port(), free_port());
    let files = folder.path().display();
    let server = TestServer::with(&format!(
        "turn: {{enabled: true, domain: localhost, udp_port: {port}, tls_port: {tls_port}, \
         cert_file: '{files}/cert.pem', key_file: '{files}/key.pem', bind_addresses: [127.0.0.1]}}\n"
    ))
    .await;
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));

    let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    udp.send_to(&ALLOCATE, at(port)).await.unwrap();
    let mut answered = [0; 200];
    let (length, from) = udp.recv_from(&mut answered).await.unwrap();
    assert_eq!(from, at(port));
    assert_eq!(answered[..2], ALLOCATE_ERROR);
    assert!(length <= 80, "{length} bytes for {}", ALLOCATE.len());

    let tcp = TcpStream::connect(at(port)).await.unwrap();
    assert_eq!(answer(tcp).await, ALLOCATE_ERROR);

    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // As coturn's own client offers, and no browser.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(at(tls_port)).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let tls = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    assert_eq!(answer(tls).await, ALLOCATE_ERROR);
    server.stop().await;
}

#[tokio::test]
async fn a_taken_port_of_turn_is_gone_without_and_not_told() {
    let port = free_port();
    let holder = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    let server = TestServer::with(&format!(
        "turn: {{enabled: true, udp_port: {port}, bind_addresses: [127.0.0.1]}}\n"
    ))
    .await;
    assert_eq!(told(&server, "ana").await, []);
    server.stop().await;
    drop(holder);
}

/// Runs coturn's own client; whether it was content, and what it said.
async fn uclient(server: &IceServer, port: u16, arguments: &[&str]) -> (bool, String) {
    let output = tokio::process::Command::new("turnutils_uclient")
        .args(["-v", "-c", "-s", "-n", "3", "-m", "1", "-l", "101"])
        .args(["-u", &server.username, "-w", &server.credential])
        .args(["-p", &port.to_string()])
        .args(arguments)
        .arg("127.0.0.1")
        .output()
        .await;
    // .ci/install installs it, with the Debian package coturn.
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

#[tokio::test]
async fn coturns_client_is_content_on_each_transport_and_reaches_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let (media, port, tls_port) = (free_port(), free_port(), free_port());
    let files = folder.path().display();
    let server = TestServer::on(
        media,
        &format!(
            "turn: {{enabled: true, domain: localhost, udp_port: {port}, tls_port: {tls_port}, \
             cert_file: '{files}/cert.pem', key_file: '{files}/key.pem', bind_addresses: [127.0.0.1]}}\n"
        ),
    )
    .await;
    let mine = &told(&server, "ana").await[0];
    let media = media.to_string();
    let ours = ["-e", "127.0.0.1", "-r", &media];
    let over = async |port, flags: &[&str]| {
        let (content, said) = uclient(mine, port, &[flags, &ours].concat()).await;
        assert!(content, "{flags:?}: {said}");
        assert!(said.contains("tot_send_msgs=3"), "{flags:?}: {said}");
    };
    let elsewhere = async |peer: &str, peer_port: &str| {
        let (content, said) = uclient(mine, port, &["-e", peer, "-r", peer_port]).await;
        assert!(!content && said.contains("403 (Forbidden)"), "{said}");
    };
    let guess = IceServer {
        credential: "guess".to_owned(),
        ..mine.clone()
    };
    let guessing = async {
        let (content, said) = uclient(&guess, port, &ours).await;
        let refused = said.contains("Cannot complete Allocation");
        assert!(!content && refused, "{said}");
    };
    tokio::join!(
        over(port, &[]),
        over(port, &["-t"]),
        over(tls_port, &["-t", "-S"]),
        elsewhere("198.51.100.7", &media),
        elsewhere("127.0.0.2", &media),
        elsewhere("10.0.0.1", "53"),
        guessing,
    );
    server.stop().await;
}
