//! A running server and what is needed to talk to it.

use std::{net::SocketAddr, sync::Once, time::Duration};

use futures::{SinkExt, StreamExt};
use livekit_api::access_token::{AccessToken, VideoGrants};
use livekit_protocol::{SignalRequest, SignalResponse, signal_request, signal_response};
use media_server::{Config, RunError, Server};
use prost::Message as _;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message},
};
use tokio_util::sync::CancellationToken;

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-letters";

/// Longer than anything here takes on a busy machine; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct TestServer {
    address: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<Result<(), RunError>>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// With more YAML.
    pub async fn with(yaml: &str) -> Self {
        Self::on(0, yaml).await
    }

    /// With media on this UDP port; 0 takes any.
    pub async fn on(udp_port: u16, yaml: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // A second call fails when another test was first, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let text = format!(
            "port: 0\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n\
             rtc: {{udp_port: {udp_port}, tcp_port: 0, node_ip: 127.0.0.1, enable_loopback_candidate: true}}\n{yaml}"
        );
        let (config, warnings) = Config::from_yaml(&text).unwrap();
        assert_eq!(warnings, []);
        let server = Server::bind(&config).await.unwrap();
        let address = server.addresses()[0];
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(server.serve(shutdown.clone()));
        Self {
            address,
            shutdown,
            running,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(self.url(path)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Opens a signal WebSocket; the error is the status and body of a refusal.
    pub async fn connect(&self, path_and_query: &str) -> Result<Signal, (u16, String)> {
        let url = format!("ws://{}{path_and_query}", self.address);
        match connect_async(url).await {
            Ok((socket, _)) => Ok(Signal(socket)),
            Err(tungstenite::Error::Http(answer)) => {
                let body = answer.body().clone().unwrap_or_default();
                Err((answer.status().as_u16(), String::from_utf8(body).unwrap()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Joins on `/rtc` and returns after the `join` message.
    pub async fn join(&self, room: &str, identity: &str) -> Signal {
        let token = join_token(room, identity);
        let mut signal = self
            .connect(&format!("/rtc?access_token={token}&protocol=16&sdk=js"))
            .await
            .unwrap();
        match signal.next().await {
            signal_response::Message::Join(join) => assert_eq!(join.room.unwrap().name, room),
            other => panic!("not a join: {other:?}"),
        }
        signal
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }

    /// Tells the server to stop without waiting for it.
    pub fn begin_stop(&self) {
        self.shutdown.cancel();
    }
}

pub struct Signal(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Signal {
    pub async fn frame(&mut self) -> Message {
        timeout(PATIENCE, self.0.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    /// The next signal response; pings of the WebSocket are passed over.
    pub async fn next(&mut self) -> signal_response::Message {
        loop {
            match self.frame().await {
                Message::Binary(bytes) => {
                    return SignalResponse::decode(bytes).unwrap().message.unwrap();
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a signal response: {other:?}"),
            }
        }
    }

    /// Passes over responses until one fits.
    pub async fn until<T>(
        &mut self,
        mut wanted: impl FnMut(signal_response::Message) -> Option<T>,
    ) -> T {
        loop {
            if let Some(found) = wanted(self.next().await) {
                return found;
            }
        }
    }

    /// Passes over everything until the server closes, with code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }

    pub async fn send(&mut self, message: signal_request::Message) {
        let request = SignalRequest {
            message: Some(message),
        };
        self.send_frame(Message::Binary(request.encode_to_vec().into()))
            .await;
    }

    pub async fn send_frame(&mut self, frame: Message) {
        self.0.send(frame).await.unwrap();
    }

    /// Sends if the connection is still open.
    pub async fn try_send(&mut self, frame: Message) -> Result<(), tungstenite::Error> {
        self.0.send(frame).await
    }

    /// Cuts the connection without a word.
    pub fn cut(self) {
        drop(self.0);
    }
}

pub fn token(identity: &str, grants: VideoGrants) -> String {
    AccessToken::with_api_key(KEY, SECRET)
        .with_identity(identity)
        .with_grants(grants)
        .to_jwt()
        .unwrap()
}

pub fn join_token(room: &str, identity: &str) -> String {
    token(
        identity,
        VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        },
    )
}

pub fn admin_token(room: &str) -> String {
    let grants = VideoGrants {
        room_create: true,
        room_list: true,
        room_record: true,
        room_admin: true,
        ingress_admin: true,
        room: room.to_owned(),
        ..VideoGrants::default()
    };
    token("", grants)
}
