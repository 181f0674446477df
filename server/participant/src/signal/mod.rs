//! The signal socket: protobuf frames both ways, and an end when the server falls silent.

mod address;
mod dial;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use livekit_protocol as proto;
use prost::Message;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message as Frame},
};
use url::Url;

pub(crate) use address::{Opening, Resume};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Until the server has said otherwise.
const SILENCE: Duration = Duration::from_secs(15);

/// Why the signal socket is of no use (any more).
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// The URL is not one of a LiveKit server.
    #[error("{0} is not a ws or http URL")]
    Url(Url),
    /// The server has no address, or nobody answers there.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(Url, #[source] std::io::Error),
    /// The system's or the server's certificates.
    #[error("no encrypted connection: {0}")]
    Tls(#[from] rustls::Error),
    /// The server answered, but not with a socket.
    #[error("the server refused with {status}: {text}")]
    Refused {
        /// HTTP's status.
        status: u16,
        /// What it says.
        text: String,
    },
    /// The socket failed.
    #[error("the signal connection failed: {0}")]
    WebSocket(#[source] Box<tungstenite::Error>),
    /// The server said nothing in time.
    #[error("the server fell silent")]
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
        match error {
            tungstenite::Error::Http(answer) => Self::Refused {
                status: answer.status().as_u16(),
                text: String::from_utf8_lossy(answer.body().as_deref().unwrap_or_default())
                    .into_owned(),
            },
            other => Self::WebSocket(Box::new(other)),
        }
    }
}

/// An open signal socket.
pub(crate) struct Signal {
    socket: Box<WebSocketStream<dial::Stream>>,
    silence: Duration,
    silent_at: Instant,
}

impl Signal {
    pub async fn connect(server: &Url, opening: &Opening) -> Result<Self, SignalError> {
        let url = opening.address(server)?;
        let socket = timeout(ANSWER_WITHIN, dial::dial(&url))
            .await
            .map_err(|_| SignalError::Silent)??;
        Ok(Self {
            socket: Box::new(socket),
            silence: SILENCE,
            silent_at: Instant::now() + SILENCE,
        })
    }

    /// The server promised to answer pings: without a word for so long it is gone.
    pub fn expect_words_within(&mut self, silence: Duration) {
        self.silence = silence;
        self.silent_at = Instant::now() + silence;
    }

    pub async fn send(
        &mut self,
        message: proto::signal_request::Message,
    ) -> Result<(), SignalError> {
        let request = proto::SignalRequest {
            message: Some(message),
        };
        let frame = Frame::binary(request.encode_to_vec());
        timeout(ANSWER_WITHIN, self.socket.send(frame))
            .await
            .map_err(|_| SignalError::Silent)??;
        Ok(())
    }

    /// The next message; frames without one are passed over. Safe to drop between two calls.
    pub async fn receive(&mut self) -> Result<proto::signal_response::Message, SignalError> {
        loop {
            let frame = tokio::select! {
                frame = self.socket.next() => frame.ok_or(SignalError::Closed)??,
                () = sleep_until(self.silent_at) => return Err(SignalError::Silent),
            };
            self.silent_at = Instant::now() + self.silence;
            match frame {
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

    /// As [`Signal::receive`], but a server that says nothing soon is an error.
    pub async fn receive_soon(&mut self) -> Result<proto::signal_response::Message, SignalError> {
        timeout(ANSWER_WITHIN, self.receive())
            .await
            .map_err(|_| SignalError::Silent)?
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let leave = proto::LeaveRequest {
            reason: proto::DisconnectReason::ClientInitiated.into(),
            ..Default::default()
        };
        // The server notices a vanished socket as well: a failure to say goodbye changes nothing.
        let _ = self
            .send(proto::signal_request::Message::Leave(leave))
            .await;
        let _ = timeout(
            ANSWER_WITHIN,
            WebSocketStream::close(&mut self.socket, None),
        )
        .await;
    }
}
