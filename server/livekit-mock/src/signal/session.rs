//! One open socket, playing its script.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::ws::{CloseCode, CloseFrame, Message, WebSocket, close_code};
use livekit_protocol::{
    SignalRequest, SignalResponse, signal_request,
    signal_response::{self, Message as Answer},
};
use livekit_wire::Claims;
use prost::Message as _;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    messages,
    script::{Mode, Script},
};

/// Long enough for a client to see an open socket before it closes.
const BEFORE_JOIN: Duration = Duration::from_millis(50);
/// Long enough for a client to take the connection for established.
const CONNECTED: Duration = Duration::from_millis(200);
/// How long a client has to answer a close.
const CLOSING: Duration = Duration::from_secs(1);

/// What a connection is about.
pub(super) struct Session {
    pub(super) region: String,
    pub(super) claims: Claims,
    pub(super) script: Script,
    pub(super) resumes: bool,
    pub(super) clock: fn() -> SystemTime,
}

/// How the mock leaves a connection.
enum End {
    /// With a close frame.
    Close(CloseCode, &'static str),
    /// Without a word; or the client is gone already.
    Drop,
}

/// Plays the script until either side ends the connection, or the mock is asked to stop.
pub(super) async fn run(mut socket: WebSocket, session: Session, stop: &CancellationToken) {
    let end = tokio::select! {
        end = session.play(&mut socket) => end,
        () = stop.cancelled() => End::Close(close_code::AWAY, "mock server stops"),
    };
    if let End::Close(code, reason) = end {
        let reason = reason.into();
        let close = Message::Close(Some(CloseFrame { code, reason }));
        // Closing TCP at once could overtake the frame.
        let _ = timeout(CLOSING, async {
            if socket.send(close).await.is_ok() {
                drain(&mut socket).await;
            }
        })
        .await;
    }
}

impl Session {
    async fn play(&self, socket: &mut WebSocket) -> End {
        let leave = || messages::leave(self.script.leave_action);
        match self.script.mode {
            Mode::NoFirstMessage => return drain(socket).await,
            Mode::CloseBeforeJoin => {
                sleep(BEFORE_JOIN).await;
                return End::Close(close_code::ERROR, "");
            }
            Mode::LeaveFirstMessage => return say_and_drain(socket, leave()).await,
            Mode::LeaveDuringReconnect if self.resumes => {
                return say_and_drain(socket, leave()).await;
            }
            _ => {}
        }
        let first = if self.resumes {
            messages::reconnect(&self.region)
        } else {
            messages::join(&self.region, &self.claims)
        };
        if say(socket, first).await.is_err() {
            return End::Drop;
        }
        match self.script.mode {
            Mode::CloseWhenConnected => {
                sleep(CONNECTED).await;
                return End::Close(close_code::ERROR, "mock close_when_connected");
            }
            Mode::DropWhenConnected => {
                sleep(CONNECTED).await;
                return End::Drop;
            }
            Mode::LeaveWhenConnected => {
                sleep(CONNECTED).await;
                if say(socket, leave()).await.is_err() {
                    return End::Drop;
                }
            }
            _ => {}
        }
        self.converse(socket).await
    }

    async fn converse(&self, socket: &mut WebSocket) -> End {
        while let Some(Ok(message)) = socket.recv().await {
            let request = match message {
                Message::Binary(bytes) => SignalRequest::decode(bytes),
                // The library's own answer goes out with the next read.
                Message::Close(_) if self.script.mode == Mode::DropOnClose => return End::Drop,
                Message::Close(_) | Message::Text(_) | Message::Ping(_) | Message::Pong(_) => {
                    continue;
                }
            };
            let Ok(SignalRequest {
                message: Some(request),
            }) = request
            else {
                continue;
            };
            if matches!(request, signal_request::Message::Leave(_)) {
                return End::Close(close_code::NORMAL, "");
            }
            if let Some(answer) = self.reply(&request)
                && say(socket, answer).await.is_err()
            {
                return End::Drop;
            }
        }
        End::Drop
    }

    fn reply(&self, request: &signal_request::Message) -> Option<Answer> {
        let pongs = self.script.mode != Mode::NoPong;
        match request {
            signal_request::Message::Ping(_) => pongs.then(|| Answer::Pong(self.now())),
            signal_request::Message::PingReq(ping) => {
                pongs.then(|| messages::pong(ping.timestamp, self.now()))
            }
            signal_request::Message::UpdateMetadata(update) => {
                Some(messages::acknowledged(update.request_id))
            }
            _ => None,
        }
    }

    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        let since = (self.clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

async fn say(socket: &mut WebSocket, message: signal_response::Message) -> Result<(), axum::Error> {
    let response = SignalResponse {
        message: Some(message),
    };
    socket
        .send(Message::Binary(response.encode_to_vec().into()))
        .await
}

async fn say_and_drain(socket: &mut WebSocket, message: signal_response::Message) -> End {
    match say(socket, message).await {
        Ok(()) => drain(socket).await,
        Err(_) => End::Drop,
    }
}

/// Reads until the client closes.
async fn drain(socket: &mut WebSocket) -> End {
    while let Some(Ok(_)) = socket.recv().await {}
    End::Drop
}
