//! The signal socket of LiveKit's dual peer connection mode (`/rtc`): protobuf frames both ways.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use livekit_client::signal_address;
use livekit_protocol as proto;
use prost::Message;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message as Frame},
};
use url::Url;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why the signal socket is of no use (any more).
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// The URL is not one of a LiveKit server.
    #[error("{0} is not a ws or http URL")]
    Url(Url),
    /// No connection, or the server refused the token.
    #[error("the signal connection failed: {0}")]
    WebSocket(#[source] Box<tungstenite::Error>),
    /// The server said nothing in time.
    #[error("no answer within {} s", ANSWER_WITHIN.as_secs())]
    Silent,
    /// The server closed the socket.
    #[error("the server closed the signal connection")]
    Closed,
    /// A frame that is no `SignalResponse`.
    #[error("the server sent a malformed frame: {0}")]
    Malformed(#[from] prost::DecodeError),
}

impl From<tungstenite::Error> for SignalError {
    fn from(error: tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// An open signal socket.
pub(crate) struct Signal {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Signal {
    pub async fn connect(
        server: &Url,
        token: &str,
        auto_subscribe: bool,
    ) -> Result<Self, SignalError> {
        let mut url =
            signal_address(server.clone()).map_err(|_| SignalError::Url(server.clone()))?;
        url.set_path("/rtc");
        url.query_pairs_mut()
            .append_pair("access_token", token)
            .append_pair("auto_subscribe", if auto_subscribe { "1" } else { "0" })
            .append_pair("sdk", "rust")
            .append_pair("protocol", "9");
        let connecting = tokio_tungstenite::connect_async(url.as_str());
        let (socket, _) = timeout(ANSWER_WITHIN, connecting)
            .await
            .map_err(|_| SignalError::Silent)??;
        Ok(Self { socket })
    }

    pub async fn send(
        &mut self,
        message: proto::signal_request::Message,
    ) -> Result<(), SignalError> {
        let request = proto::SignalRequest {
            message: Some(message),
        };
        Ok(self
            .socket
            .send(Frame::binary(request.encode_to_vec()))
            .await?)
    }

    /// The next message; frames without one are passed over.
    pub async fn receive(&mut self) -> Result<proto::signal_response::Message, SignalError> {
        loop {
            let Some(frame) = self.socket.next().await else {
                return Err(SignalError::Closed);
            };
            match frame? {
                Frame::Binary(bytes) => {
                    if let Some(message) = proto::SignalResponse::decode(bytes)?.message {
                        return Ok(message);
                    }
                }
                Frame::Close(_) => return Err(SignalError::Closed),
                Frame::Text(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
            }
        }
    }

    /// As [`Signal::receive`], but a server that says nothing is an error.
    pub async fn receive_soon(&mut self) -> Result<proto::signal_response::Message, SignalError> {
        timeout(ANSWER_WITHIN, self.receive())
            .await
            .map_err(|_| SignalError::Silent)?
    }

    pub async fn close(mut self) {
        let leave = proto::LeaveRequest {
            reason: proto::DisconnectReason::ClientInitiated.into(),
            ..Default::default()
        };
        // The server notices a vanished socket as well: a failure to say goodbye changes nothing.
        let _ = self
            .send(proto::signal_request::Message::Leave(leave))
            .await;
        let _ = self.socket.close(None).await;
    }
}
