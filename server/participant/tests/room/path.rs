//! A path between a client and its server on which media can be stopped, while signals go through.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_URL_SAFE};
use futures::{SinkExt, StreamExt};
use participant::proto::{self, signal_request, signal_response};
use prost::Message as _;
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
};
use tokio_tungstenite::{
    accept_hdr_async, connect_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

use url::Url;

/// A proxy of signals that puts itself into the way of media.
pub struct Path {
    pub address: SocketAddr,
    stopped: Arc<AtomicBool>,
    _tasks: JoinSet<()>,
}

impl Path {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let flag = Arc::clone(&stopped);
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                open.spawn(signals(client, server, Arc::clone(&flag)));
            }
        });
        Self {
            address,
            stopped,
            _tasks: tasks,
        }
    }

    pub fn stop_media(&self, stopped: bool) {
        self.stopped.store(stopped, Ordering::Relaxed);
    }
}

async fn signals(client: TcpStream, server: SocketAddr, stopped: Arc<AtomicBool>) {
    let mut path = String::new();
    #[expect(
        clippy::result_large_err,
        reason = "the callback's type is tungstenite's"
    )]
    let client = accept_hdr_async(client, |request: &Request, response: Response| {
        path = request.uri().path_and_query().unwrap().to_string();
        Ok(response)
    })
    .await
    .unwrap();
    let address: Url = format!("ws://{server}{path}").parse().unwrap();
    let Ok((server, _)) = connect_async(offering_nothing(address).as_str()).await else {
        return;
    };
    let (mut to_client, mut from_client) = client.split();
    let (mut to_server, mut from_server) = server.split();
    let mut relays = Relays {
        stopped,
        ports: HashMap::new(),
        tasks: JoinSet::new(),
    };
    loop {
        let sent = tokio::select! {
            Some(Ok(message)) = from_client.next() => {
                let message = match message {
                    Message::Binary(bytes) => Message::binary(without_candidates(&bytes)),
                    other => other,
                };
                to_server.send(message).await
            }
            Some(Ok(message)) = from_server.next() => {
                let message = match message {
                    Message::Binary(bytes) => Message::binary(relays.between(&bytes).await),
                    other => other,
                };
                to_client.send(message).await
            }
            else => return,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The server finds the client by its packets only, which come from a relay.
fn without_candidates(bytes: &[u8]) -> Vec<u8> {
    let mut request = proto::SignalRequest::decode(bytes).unwrap();
    if let Some(
        signal_request::Message::Answer(description) | signal_request::Message::Offer(description),
    ) = &mut request.message
    {
        strip(description);
    }
    request.encode_to_vec()
}

fn strip(description: &mut proto::SessionDescription) {
    description.sdp = description
        .sdp
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("a=candidate:") && !names_mid(line))
        .collect();
}

/// livekit-server does not tell subscribers by a packet's MID on which m-line it plays; so none is negotiated here.
fn names_mid(line: &str) -> bool {
    line.contains("rtp-hdrext:sdes:mid")
}

/// The address without the candidates of the offer that stands in it, if one does.
fn offering_nothing(mut address: Url) -> Url {
    let pairs: Vec<(String, String)> = address
        .query_pairs()
        .map(|(key, value)| {
            let value = if key == "join_request" {
                let bytes = BASE64_URL_SAFE.decode(value.as_bytes()).unwrap();
                let mut wrapped = proto::WrappedJoinRequest::decode(bytes.as_slice()).unwrap();
                let mut request =
                    proto::JoinRequest::decode(wrapped.join_request.as_slice()).unwrap();
                request.publisher_offer.as_mut().map(strip);
                wrapped.join_request = request.encode_to_vec();
                BASE64_URL_SAFE.encode(wrapped.encode_to_vec())
            } else {
                value.into_owned()
            };
            (key.into_owned(), value)
        })
        .collect();
    address.query_pairs_mut().clear().extend_pairs(pairs);
    address
}

struct Relays {
    stopped: Arc<AtomicBool>,
    ports: HashMap<String, u16>,
    tasks: JoinSet<()>,
}

impl Relays {
    /// Puts a relay in the place of each UDP candidate.
    async fn between(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut response = proto::SignalResponse::decode(bytes).unwrap();
        if let Some(
            signal_response::Message::Answer(description)
            | signal_response::Message::Offer(description),
        ) = &mut response.message
        {
            let mut sdp = String::new();
            for line in description
                .sdp
                .split_inclusive('\n')
                .filter(|line| !names_mid(line))
            {
                let mut words: Vec<&str> = line.split(' ').collect();
                let relay;
                if words[0].starts_with("a=candidate:") && words[2] == "udp" {
                    relay = self.relay(words[5]).await.to_string();
                    words[5] = &relay;
                }
                sdp.push_str(&words.join(" "));
            }
            description.sdp = sdp;
        }
        response.encode_to_vec()
    }

    async fn relay(&mut self, port: &str) -> u16 {
        if let Some(relay) = self.ports.get(port) {
            return *relay;
        }
        let server: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
        let near = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let far = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = near.local_addr().unwrap().port();
        let stopped = Arc::clone(&self.stopped);
        self.tasks.spawn(async move {
            let (mut there, mut back) = (vec![0; 2_000], vec![0; 2_000]);
            let mut client = None;
            loop {
                let (socket, to, packet) = tokio::select! {
                    Ok((length, from)) = near.recv_from(&mut there) => {
                        client = Some(from);
                        (&far, server, &there[..length])
                    }
                    Ok((length, _)) = far.recv_from(&mut back) => {
                        let Some(client) = client else { continue };
                        (&near, client, &back[..length])
                    }
                };
                if !stopped.load(Ordering::Relaxed) {
                    // What cannot be sent is lost, as on any path.
                    let _ = socket.send_to(packet, to).await;
                }
            }
        });
        self.ports.insert(port.to_owned(), relay);
        relay
    }
}
