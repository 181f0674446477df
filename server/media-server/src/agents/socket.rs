//! One worker's WebSocket: it registers first, then frames go both ways; pings are answered on the spot. What a message
//! means is the desk's business.

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
    ids::random_id,
    proto::{
        JobType, ParticipantPermission, RegisterWorkerRequest, RegisterWorkerResponse, ServerInfo,
        ServerMessage, WorkerMessage, WorkerPong, server_message, worker_message,
    },
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{Agents, WorkerId, command::Command};

/// A worker has this long to say who it is.
const REGISTER: Duration = Duration::from_secs(10);
/// How often a WebSocket ping keeps proxies from dropping a quiet connection.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A worker that has not even answered pings for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);
/// A worker that does not take a frame within this time is not reading.
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
/// Frames that may wait for a worker before it counts as gone.
const OUTGOING_QUEUE: usize = 256;
const PONGS: usize = 8;
/// The longest name of a deployment (protocol `agent/environment.go`).
const LONGEST_DEPLOYMENT: usize = 64;

/// What is known of a worker before it says anything.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// That signed its token, and will sign for its agents.
    pub api_key: String,
    /// Of its token; usually empty.
    pub subject: String,
    /// Where it connects from.
    pub address: String,
}

/// What a worker says of itself.
#[derive(Debug, Clone)]
pub struct Registration {
    pub api_key: String,
    pub subject: String,
    pub address: String,
    pub agent_name: String,
    pub deployment: String,
    pub version: String,
    pub job_type: JobType,
    pub permissions: ParticipantPermission,
}

/// Why a worker is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Broken {
    #[error("no sign of life")]
    Silent,
    #[error("not a worker's message")]
    Malformed,
    #[error("the first message must register the worker")]
    NotRegistered,
    #[error("no such job type, or not a deployment's name")]
    BadRegistration,
    #[error("reads too slowly")]
    Slow,
    #[error("the connection is closed")]
    Closed,
}

/// Both directions of a connection.
struct Connection {
    sink: SplitSink<WebSocket, Message>,
    stream: SplitStream<WebSocket>,
    /// The worker speaks JSON: it gets what it sent last.
    json: AtomicBool,
}

/// Whether a text can be a deployment's name.
pub fn is_deployment(name: &str) -> bool {
    let fits = |byte: u8| byte > b' ' && byte != 0x7f && byte != b'_';
    name.len() <= LONGEST_DEPLOYMENT && name.bytes().all(fits)
}

/// Serves a worker until either side ends it.
pub async fn run(
    socket: WebSocket,
    credentials: Credentials,
    agents: Agents,
    server: ServerInfo,
    wall_clock: fn() -> SystemTime,
) {
    let (sink, stream) = socket.split();
    let mut connection = Connection {
        sink,
        stream,
        json: AtomicBool::new(false),
    };
    let served = serve(&mut connection, credentials, &agents, server, wall_clock).await;
    let (code, reason) = match served {
        Ok(()) | Err(Broken::Closed) => (close_code::NORMAL, String::new()),
        Err(broken) => {
            tracing::info!(reason = %broken, "a worker is turned away");
            (close_code::POLICY, broken.to_string())
        }
    };
    let close = Message::Close(Some(CloseFrame {
        code,
        reason: reason.into(),
    }));
    // The worker may be gone already.
    let _ = timeout(WRITE_TIMEOUT, async {
        let _ = connection.sink.send(close).await;
        connection.sink.close().await
    })
    .await;
}

async fn serve(
    connection: &mut Connection,
    credentials: Credentials,
    agents: &Agents,
    server: ServerInfo,
    wall_clock: fn() -> SystemTime,
) -> Result<(), Broken> {
    let registered = timeout(REGISTER, register(connection, wall_clock)).await;
    let request = registered.map_err(|_| Broken::NotRegistered)??;
    let registration = registration(credentials, request)?;
    let id = WorkerId(random_id("AW_", &mut rand::rng()));
    let welcome = server_message::Message::Register(RegisterWorkerResponse {
        worker_id: id.0.clone(),
        server_info: Some(server),
        ..RegisterWorkerResponse::default()
    });
    connection.send(welcome).await?;

    let (frames, outgoing) = mpsc::channel(OUTGOING_QUEUE);
    agents.send(Command::Registered {
        id: id.clone(),
        registration: Box::new(registration),
        frames,
    });
    let (pongs, answered) = mpsc::channel(PONGS);
    let Connection { sink, stream, json } = connection;
    let end = tokio::select! {
        end = listen(stream, json, &id, agents, &pongs, wall_clock) => end,
        end = write(sink, outgoing, answered, json) => end,
    };
    agents.send(Command::Gone { id });
    end
}

impl Connection {
    async fn send(&mut self, message: server_message::Message) -> Result<(), Broken> {
        let message = ServerMessage {
            message: Some(message),
        };
        send(&mut self.sink, &message, &self.json).await
    }
}

/// Waits for the message that a worker must begin with.
async fn register(
    connection: &mut Connection,
    wall_clock: fn() -> SystemTime,
) -> Result<RegisterWorkerRequest, Broken> {
    loop {
        match read(&mut connection.stream, &connection.json).await? {
            worker_message::Message::Register(request) => return Ok(request),
            worker_message::Message::Ping(ping) => {
                let pong = pong(ping.timestamp, wall_clock());
                connection.send(pong).await?;
            }
            _ => return Err(Broken::NotRegistered),
        }
    }
}

fn registration(
    credentials: Credentials,
    request: RegisterWorkerRequest,
) -> Result<Registration, Broken> {
    let job_type = JobType::try_from(request.r#type).map_err(|_| Broken::BadRegistration)?;
    if !is_deployment(&request.deployment) {
        return Err(Broken::BadRegistration);
    }
    let permissions = request.allowed_permissions;
    Ok(Registration {
        api_key: credentials.api_key,
        subject: credentials.subject,
        address: credentials.address,
        agent_name: request.agent_name,
        deployment: request.deployment,
        version: request.version,
        job_type,
        permissions: permissions.unwrap_or_else(|| ParticipantPermission {
            can_subscribe: true,
            can_publish: true,
            can_publish_data: true,
            can_update_metadata: true,
            ..ParticipantPermission::default()
        }),
    })
}

async fn listen(
    stream: &mut SplitStream<WebSocket>,
    json: &AtomicBool,
    id: &WorkerId,
    agents: &Agents,
    pongs: &mpsc::Sender<server_message::Message>,
    wall_clock: fn() -> SystemTime,
) -> Result<(), Broken> {
    loop {
        match read(stream, json).await? {
            worker_message::Message::Ping(ping) => {
                // A full queue means that the worker floods or does not read; either way it does not wait for this one.
                let _ = pongs.try_send(pong(ping.timestamp, wall_clock()));
            }
            message => agents.send(Command::Said {
                id: id.clone(),
                message: Box::new(message),
            }),
        }
    }
}

/// The next message; frames of the WebSocket itself are passed over.
async fn read(
    stream: &mut SplitStream<WebSocket>,
    json: &AtomicBool,
) -> Result<worker_message::Message, Broken> {
    loop {
        let (encoding, payload) = match timeout(SILENCE, stream.next()).await {
            Err(_) => return Err(Broken::Silent),
            Ok(Some(Ok(Message::Binary(payload)))) => (Encoding::Protobuf, payload),
            Ok(Some(Ok(Message::Text(text)))) => (Encoding::Json, text.into()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return Err(Broken::Closed),
        };
        json.store(encoding == Encoding::Json, Ordering::Relaxed);
        let message: WorkerMessage = encoding.decode(&payload).map_err(|error| {
            tracing::debug!(%error, "a frame is not a worker's message");
            Broken::Malformed
        })?;
        return message.message.ok_or(Broken::Malformed);
    }
}

fn pong(last: i64, now: SystemTime) -> server_message::Message {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    server_message::Message::Pong(WorkerPong {
        last_timestamp: last,
        timestamp: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
    })
}

async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<ServerMessage>,
    mut pongs: mpsc::Receiver<server_message::Message>,
    json: &AtomicBool,
) -> Result<(), Broken> {
    let mut pings = interval(PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.reset();
    loop {
        tokio::select! {
            out = outgoing.recv() => match out {
                Some(message) => send(sink, &message, json).await?,
                // The desk has no more to say to this worker.
                None => return Ok(()),
            },
            Some(pong) = pongs.recv() => {
                let message = ServerMessage { message: Some(pong) };
                send(sink, &message, json).await?;
            }
            _ = pings.tick() => put(sink, Message::Ping(bytes::Bytes::new())).await?,
        }
    }
}

async fn send(
    sink: &mut SplitSink<WebSocket, Message>,
    message: &ServerMessage,
    json: &AtomicBool,
) -> Result<(), Broken> {
    let encoding = if json.load(Ordering::Relaxed) {
        Encoding::Json
    } else {
        Encoding::Protobuf
    };
    let bytes = match encoding.encode(message) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%error, "a message for a worker cannot be written as JSON");
            return Ok(());
        }
    };
    let message = match encoding {
        Encoding::Protobuf => Message::Binary(bytes.into()),
        Encoding::Json => Message::Text(String::from_utf8(bytes).unwrap_or_default().into()),
    };
    put(sink, message).await
}

async fn put(sink: &mut SplitSink<WebSocket, Message>, message: Message) -> Result<(), Broken> {
    match timeout(WRITE_TIMEOUT, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Broken::Closed),
        Err(_) => Err(Broken::Slow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_a_short_word_without_underscore() {
        assert!(is_deployment("") && is_deployment("blue-2"));
        for bad in ["a b", "a_b", "a\n", &"x".repeat(65)] {
            assert!(!is_deployment(bad), "{bad}");
        }
    }
}
