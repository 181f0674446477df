//! One signal WebSocket: frames in to the session, frames out to the client, pings answered on the spot. What a message
//! means is the session's business.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use livekit_wire::{
    Encoding,
    proto::{Pong, SignalRequest, SignalResponse, signal_request, signal_response},
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::tungstenite;

use crate::ground::SignalOut;
use crate::shard::{Session, SignalSender};

/// How often a WebSocket ping keeps proxies from dropping a quiet connection.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A client that has not even answered pings for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);
/// A client that does not take a frame within this time is not reading.
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
/// A session's last words are read before the end is seen: the client, told to leave, closes by itself within this time.
/// Browsers that get both at once have lost the words.
const FAREWELL: Duration = Duration::from_millis(500);
/// Answers to pings that may wait; a client that floods with pings gets fewer answers.
const PONGS: usize = 8;

/// Why a connection ends.
enum End {
    /// The client closed it, or it broke.
    ClientGone,
    /// The session has ended and said all it had to say.
    SessionEnded {
        /// The client was told to leave.
        told: bool,
    },
    /// The client broke the rules.
    Refused(u16, String),
}

/// What the two directions of a connection share.
struct Shared {
    /// The client speaks JSON: it gets what it sent last.
    json: AtomicBool,
    wall_clock: fn() -> SystemTime,
}

impl Shared {
    fn encoding(&self) -> Encoding {
        if self.json.load(Ordering::Relaxed) {
            Encoding::Json
        } else {
            Encoding::Protobuf
        }
    }
}

/// Serves a connection until either side ends it. Dropping the session tells the room that the client is gone.
pub(super) async fn run(
    socket: WebSocket,
    session: Session,
    limit: usize,
    wall_clock: fn() -> SystemTime,
) {
    let Session {
        participant_sid,
        incoming,
        outgoing,
    } = session;
    let shared = Shared {
        json: AtomicBool::new(false),
        wall_clock,
    };
    let (mut sink, mut stream) = socket.split();
    let (pongs, answered) = mpsc::channel(PONGS);
    let end = tokio::select! {
        end = read(&mut stream, &incoming, &pongs, &shared, limit) => end,
        end = write(&mut sink, outgoing, answered, &shared) => end,
    };
    // First of all the room is told; saying good-bye may take its time.
    drop(incoming);
    let (code, reason) = match end {
        End::ClientGone => {
            tracing::info!(sid = %participant_sid, "signal connection closed by the client");
            (close_code::NORMAL, String::new())
        }
        End::SessionEnded { told } => {
            if told {
                let _ = timeout(FAREWELL, closed(&mut stream)).await;
            }
            tracing::info!(sid = %participant_sid, "signal connection closed");
            (close_code::NORMAL, String::new())
        }
        End::Refused(code, reason) => {
            tracing::warn!(sid = %participant_sid, code, reason, "signal connection refused");
            (code, reason)
        }
    };
    let close = Message::Close(Some(CloseFrame {
        code,
        reason: reason.into(),
    }));
    // The client may be gone already.
    let _ = timeout(WRITE_TIMEOUT, async {
        let _ = sink.send(close).await;
        sink.close().await
    })
    .await;
}

/// Waits for the client's own close; what it still says has nobody to hear it.
async fn closed(stream: &mut SplitStream<WebSocket>) {
    while let Some(Ok(message)) = stream.next().await {
        if matches!(message, Message::Close(_)) {
            return;
        }
    }
}

async fn read(
    stream: &mut SplitStream<WebSocket>,
    incoming: &SignalSender,
    pongs: &mpsc::Sender<SignalResponse>,
    shared: &Shared,
    limit: usize,
) -> End {
    loop {
        let message = match timeout(SILENCE, stream.next()).await {
            Err(_) => return End::Refused(close_code::POLICY, "no sign of life".to_owned()),
            Ok(None) => return End::ClientGone,
            Ok(Some(Err(error))) => return broken(error, limit),
            Ok(Some(Ok(message))) => message,
        };
        let (encoding, payload) = match message {
            Message::Binary(payload) => (Encoding::Protobuf, payload),
            Message::Text(text) => (Encoding::Json, text.into()),
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return End::ClientGone,
        };
        shared
            .json
            .store(encoding == Encoding::Json, Ordering::Relaxed);
        let request: SignalRequest = match encoding.decode(&payload) {
            Ok(request) => request,
            Err(error) => {
                tracing::debug!(%error, "a frame is not a signal request");
                return End::Refused(close_code::INVALID, "not a signal request".to_owned());
            }
        };
        if let Some(pong) = answer(&request, (shared.wall_clock)()) {
            // A full queue means that the client floods or does not read; either way it does not wait for this one.
            let _ = pongs.try_send(pong);
        }
        if incoming.send(request).await.is_err() {
            // The writer still has the session's last words.
            std::future::pending::<()>().await;
        }
    }
}

/// Pings are answered here, so that a busy room does not look like a lost connection.
fn answer(request: &SignalRequest, now: SystemTime) -> Option<SignalResponse> {
    let now = now
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    // Milliseconds: JavaScript cannot hold nanoseconds.
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let message = match request.message.as_ref()? {
        signal_request::Message::Ping(_) => signal_response::Message::Pong(now),
        signal_request::Message::PingReq(ping) => signal_response::Message::PongResp(Pong {
            last_ping_timestamp: ping.timestamp,
            timestamp: now,
        }),
        _ => return None,
    };
    Some(SignalResponse {
        message: Some(message),
    })
}

async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<SignalOut>,
    mut pongs: mpsc::Receiver<SignalResponse>,
    shared: &Shared,
) -> End {
    let mut pings = interval(PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.reset();
    let mut told = false;
    loop {
        let message = tokio::select! {
            out = outgoing.recv() => match out {
                Some(SignalOut::Message(response)) => {
                    told |= matches!(response.message, Some(signal_response::Message::Leave(_)));
                    encode(&response, shared.encoding())
                }
                Some(SignalOut::Close) | None => return End::SessionEnded { told },
            },
            Some(pong) = pongs.recv() => encode(&pong, shared.encoding()),
            _ = pings.tick() => Some(Message::Ping(bytes::Bytes::new())),
        };
        let Some(message) = message else { continue };
        match timeout(WRITE_TIMEOUT, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::ClientGone,
            Err(_) => return End::Refused(close_code::POLICY, "reads too slowly".to_owned()),
        }
    }
}

fn encode(response: &SignalResponse, encoding: Encoding) -> Option<Message> {
    match (encoding, encoding.encode(response)) {
        (Encoding::Protobuf, Ok(bytes)) => Some(Message::Binary(bytes.into())),
        (Encoding::Json, Ok(bytes)) => {
            let text = String::from_utf8(bytes).unwrap_or_default();
            Some(Message::Text(text.into()))
        }
        (_, Err(error)) => {
            tracing::error!(%error, "a signal response cannot be written as JSON");
            None
        }
    }
}

/// A frame beyond the limit is the client's fault and it is told so; everything else is a broken connection.
fn broken(error: axum::Error, limit: usize) -> End {
    match error
        .into_inner()
        .downcast::<tungstenite::Error>()
        .map(|error| *error)
    {
        Ok(tungstenite::Error::Capacity(_)) => End::Refused(
            close_code::SIZE,
            format!("signal message exceeds size limit of {limit} bytes"),
        ),
        Ok(tungstenite::Error::Utf8(_)) => {
            End::Refused(close_code::INVALID, "text is not UTF-8".to_owned())
        }
        Ok(tungstenite::Error::Protocol(error)) => {
            tracing::debug!(%error, "a signal connection broke the WebSocket protocol");
            End::ClientGone
        }
        _ => End::ClientGone,
    }
}
