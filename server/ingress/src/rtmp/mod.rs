//! One encoder's connection: RTMP's handshake and commands, up to the key that it publishes by; then its media. It must not know
//! what a key means, nor what is in the media.

mod error;
mod screen;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use rml_rtmp::{
    handshake::{Handshake, HandshakeProcessResult, PeerType},
    sessions::{ServerSession, ServerSessionConfig, ServerSessionEvent, ServerSessionResult},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub use error::RtmpError;

use screen::Screen;

/// Encoders that lose their network send nothing any more, not even silence.
const SILENT_AT_MOST: Duration = Duration::from_secs(10);
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// So that the refusal arrives before the socket is gone.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);
/// Handshake and commands of a stranger: whoever sends more wants memory.
const MOST_BEFORE_KEY: usize = 16 * 1024;
const READ_AT_ONCE: usize = 32 * 1024;
/// What the original's clients understand as: this name cannot be published.
const BAD_NAME: &str = "NetStream.Publish.BadName";

/// Sound or picture, as FLV has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub kind: Kind,
    /// Milliseconds.
    pub at: u32,
    pub data: Bytes,
}

/// What a piece of media is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sound,
    Picture,
}

/// What an encoder asks for.
pub struct PublishRequest {
    id: u32,
    /// The name that it publishes by, without a query.
    pub stream_key: String,
}

/// A connection.
pub struct Connection {
    socket: TcpStream,
    session: ServerSession,
    /// What has been read and not been looked at.
    events: VecDeque<ServerSessionEvent>,
    outgoing: BytesMut,
    before_key: Option<usize>,
    screen: Screen,
    /// Where bytes are read into.
    bytes: Vec<u8>,
    /// Whether the encoder has said that it ends.
    ended: bool,
}

impl Connection {
    /// Shakes hands. Whoever calls this has to limit its time.
    pub async fn open(mut socket: TcpStream) -> Result<Connection, RtmpError> {
        let mut handshake = Handshake::new(PeerType::Server);
        let mut bytes = vec![0; READ_AT_ONCE];
        let mut read = 0;
        let rest = loop {
            let length = match socket.read(&mut bytes).await? {
                0 => return Err(RtmpError::Gone),
                length => length,
            };
            read += length;
            if read > MOST_BEFORE_KEY {
                return Err(RtmpError::TooMuch);
            }
            match handshake.process_bytes(&bytes[..length])? {
                HandshakeProcessResult::InProgress { response_bytes } => {
                    socket.write_all(&response_bytes).await?;
                }
                HandshakeProcessResult::Completed {
                    response_bytes,
                    remaining_bytes,
                } => {
                    socket.write_all(&response_bytes).await?;
                    break remaining_bytes;
                }
            }
        };
        let (session, results) = ServerSession::new(ServerSessionConfig::new())?;
        let mut connection = Connection {
            socket,
            session,
            events: VecDeque::new(),
            outgoing: BytesMut::new(),
            before_key: Some(read),
            screen: Screen::new(),
            bytes,
            ended: false,
        };
        connection.take(results);
        connection.read(&rest)?;
        Ok(connection)
    }

    /// Waits until the encoder names its key. Whoever calls this has to limit its time.
    pub async fn publish_request(&mut self) -> Result<PublishRequest, RtmpError> {
        loop {
            match self.next_event().await? {
                ServerSessionEvent::ConnectionRequested { request_id, .. } => {
                    let results = self.session.accept_request(request_id)?;
                    self.take(results);
                }
                ServerSessionEvent::PublishStreamRequested {
                    request_id,
                    stream_key,
                    ..
                } => {
                    let name = stream_key.split('?').next().unwrap_or_default();
                    return Ok(PublishRequest {
                        id: request_id,
                        stream_key: name.trim_matches('/').to_owned(),
                    });
                }
                ServerSessionEvent::PlayStreamRequested { request_id, .. } => {
                    let (code, why) = ("NetStream.Play.StreamNotFound", "nothing is played here");
                    let results = self.session.reject_request(request_id, code, why)?;
                    self.take(results);
                    self.say_goodbye().await;
                    return Err(RtmpError::Gone);
                }
                // Encoders say much that needs no answer.
                _ => {}
            }
        }
    }

    /// Has the encoder begin.
    pub async fn accept(&mut self, request: &PublishRequest) -> Result<(), RtmpError> {
        self.before_key = None;
        let results = self.session.accept_request(request.id)?;
        self.take(results);
        self.flush().await
    }

    /// Tells the encoder why it may not, and goes.
    pub async fn refuse(mut self, request: &PublishRequest, why: &str) {
        if let Ok(results) = self.session.reject_request(request.id, BAD_NAME, why) {
            self.take(results);
            self.say_goodbye().await;
        }
    }

    /// The next piece of media; `None` when the encoder has ended. May be dropped and called again.
    pub async fn next_media(&mut self) -> Result<Option<Media>, RtmpError> {
        while !self.ended {
            let event = match self.next_event().await {
                Ok(event) => event,
                Err(RtmpError::Gone) => return Ok(None),
                Err(error) => return Err(error),
            };
            let (kind, at, data) = match event {
                ServerSessionEvent::AudioDataReceived {
                    data, timestamp, ..
                } => (Kind::Sound, timestamp, data),
                ServerSessionEvent::VideoDataReceived {
                    data, timestamp, ..
                } => (Kind::Picture, timestamp, data),
                ServerSessionEvent::PublishStreamFinished { .. } => {
                    self.ended = true;
                    continue;
                }
                _ => continue,
            };
            if !data.is_empty() {
                let at = at.value;
                return Ok(Some(Media { kind, at, data }));
            }
        }
        Ok(None)
    }

    async fn next_event(&mut self) -> Result<ServerSessionEvent, RtmpError> {
        loop {
            self.flush().await?;
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let read = timeout(SILENT_AT_MOST, self.socket.read(&mut self.bytes)).await;
            let length = match read.map_err(|_| RtmpError::Silent)? {
                Ok(0) => return Err(RtmpError::Gone),
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                    return Err(RtmpError::Gone);
                }
                Err(error) => return Err(error.into()),
            };
            if let Some(read) = &mut self.before_key {
                *read += length;
                if *read > MOST_BEFORE_KEY {
                    return Err(RtmpError::TooMuch);
                }
            }
            let bytes = self.bytes[..length].to_vec();
            self.read(&bytes)?;
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), RtmpError> {
        // The library panics at some commands with too little in them. Nothing of a connection is used after that.
        let read = catch_unwind(AssertUnwindSafe(|| {
            self.screen.look(bytes)?;
            Ok::<_, RtmpError>(self.session.handle_input(bytes)?)
        }));
        let results = read.unwrap_or(Err(RtmpError::Malformed))?;
        self.take(results);
        Ok(())
    }

    fn take(&mut self, results: Vec<ServerSessionResult>) {
        for result in results {
            match result {
                ServerSessionResult::OutboundResponse(packet) => {
                    self.outgoing.extend_from_slice(&packet.bytes);
                }
                ServerSessionResult::RaisedEvent(event) => self.events.push_back(event),
                ServerSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
    }

    async fn flush(&mut self) -> Result<(), RtmpError> {
        while !self.outgoing.is_empty() {
            let written = timeout(TAKEN_WITHIN, self.socket.write(&self.outgoing)).await;
            match written.map_err(|_| RtmpError::Silent)?? {
                0 => return Err(RtmpError::Gone),
                length => self.outgoing.advance(length),
            }
        }
        Ok(())
    }

    async fn say_goodbye(&mut self) {
        let said = async {
            self.flush().await?;
            self.socket.shutdown().await?;
            let mut bytes = [0; 1024];
            while self.socket.read(&mut bytes).await? > 0 {}
            Ok::<(), RtmpError>(())
        };
        // Whoever does not listen goes without.
        let _ = timeout(GOODBYE_WITHIN, said).await;
    }
}
