//! TURN over TCP and TLS: one task for each connection. Nobody is waited for: not for a handshake, not for a first word, not
//! for a reader that is slow.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::BytesMut;
use http_edge::{Seats, descriptors_for_connections};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Tls, now, relay};
use crate::{
    net::shard::Router,
    turn::{Allocation, Answer, Door, Parcel, is_near, pad, take_frame},
};

/// Connections at a time.
const MAX_CONNECTIONS: usize = 4096;
/// Connections of one address at a time: each participant has two to four.
const MAX_PER_ADDRESS: usize = 256;
/// TLS takes two round trips.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Whoever connects asks for an allocation at once, and whoever gave theirs back for another.
const WITHOUT_ALLOCATION: Duration = Duration::from_secs(10);
/// Whoever takes nothing for so long is gone, or wants us to keep it all.
const WRITE: Duration = Duration::from_secs(10);
/// Frames that may wait for a client's socket: a burst, not a delay that can be heard.
const MAX_WAITING: usize = 256;
/// What is read at a time, and written, to be taken within [`WRITE`].
const CHUNK: usize = 16 << 10;
/// How often an allocation is looked at for what has expired.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a connection is served with.
pub(super) struct Turn<M> {
    pub(super) door: Arc<Door>,
    pub(super) router: Router<M>,
    /// `None` for TCP without it.
    pub(super) tls: Option<Tls>,
}

impl<M> Clone for Turn<M> {
    fn clone(&self) -> Self {
        Self {
            door: self.door.clone(),
            router: self.router.clone(),
            tls: self.tls.clone(),
        }
    }
}

/// Those of all listeners of TURN. Where somebody in front ends TLS, their address is that of many.
pub(super) fn seats(proxied: bool) -> Seats {
    let most = MAX_CONNECTIONS.min(descriptors_for_connections() / 4);
    Seats::new(most, MAX_PER_ADDRESS, move |ip| proxied && is_near(ip))
}

/// Accepts connections until shutdown.
pub(super) async fn accept<M: Send + 'static>(
    listener: TcpListener,
    seats: Seats,
    turn: Turn<M>,
    shutdown: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, client)) = accepted else {
            // Out of descriptors: let some close before trying again.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(seat) = seats.take(client.ip()) else {
            continue;
        };
        let (turn, end) = (turn.clone(), shutdown.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                ended = serve(stream, client, turn) => if let Err(error) = ended {
                    tracing::debug!(%error, %client, "connection of TURN ended");
                },
            }
            drop(seat);
        });
    }
}

async fn serve<M>(stream: TcpStream, client: SocketAddr, turn: Turn<M>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match turn.tls.clone() {
        None => speak(stream, client, turn).await,
        Some(tls) => {
            let stream = timeout(HANDSHAKE, TlsAcceptor::from(tls).accept(stream)).await??;
            speak(stream, client, turn).await
        }
    }
}

async fn speak<M>(
    stream: impl AsyncRead + AsyncWrite,
    client: SocketAddr,
    turn: Turn<M>,
) -> io::Result<()> {
    let (reader, writer) = tokio::io::split(stream);
    let (frames, waiting) = mpsc::channel(MAX_WAITING);
    tokio::select! {
        ended = read(reader, frames, client, turn) => ended,
        ended = write(writer, waiting) => ended,
    }
}

/// What is known of the client at the other end.
struct Conversation<M> {
    door: Arc<Door>,
    router: Router<M>,
    client: SocketAddr,
    allocation: Option<Box<Allocation>>,
    mailbox: mpsc::Sender<Parcel>,
    frames: mpsc::Sender<Vec<u8>>,
}

async fn read<M>(
    mut reader: impl AsyncRead + Unpin,
    frames: mpsc::Sender<Vec<u8>>,
    client: SocketAddr,
    turn: Turn<M>,
) -> io::Result<()> {
    let (mailbox, mut parcels) = mpsc::channel(MAX_WAITING);
    let mut conversation = Conversation {
        door: turn.door,
        router: turn.router,
        client,
        allocation: None,
        mailbox,
        frames,
    };
    let mut read = BytesMut::new();
    let mut patience = Instant::now() + WITHOUT_ALLOCATION;
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        let had_one = conversation.allocation.is_some();
        read.reserve(CHUNK);
        tokio::select! {
            got = reader.read_buf(&mut read) => {
                if got? == 0 {
                    return Ok(());
                }
                while let Some(frame) = take_frame(&mut read)
                    .map_err(|_| io::Error::other("not TURN"))?
                {
                    conversation.hear(frame)?;
                }
                conversation.router.flush();
            }
            Some(parcel) = parcels.recv() => conversation.bring(parcel),
            _ = look.tick() => conversation.look(),
            () = tokio::time::sleep_until(patience), if !had_one => {
                return Err(io::Error::other("no allocation was asked for"));
            }
        }
        if had_one && conversation.allocation.is_none() {
            patience = Instant::now() + WITHOUT_ALLOCATION;
        }
    }
}

impl<M> Conversation<M> {
    fn hear(&mut self, frame: Vec<u8>) -> io::Result<()> {
        let now = now();
        let reply = match &mut self.allocation {
            Some(allocation) => {
                let passed = allocation.hear(&self.door, frame, now);
                if allocation.is_over() {
                    self.allocation = None;
                }
                passed.and_then(|passed| relay(passed, &self.door, &mut self.router, now))
            }
            None => match self.door.hear(self.client, &frame, &self.mailbox, now) {
                Answer::Nothing => None,
                Answer::Reply(reply) => Some(reply),
                Answer::Opened(allocation, reply) => {
                    self.allocation = Some(allocation);
                    Some(reply)
                }
            },
        };
        match reply {
            // Whoever asks without reading answers gets none.
            Some(reply) => self
                .frames
                .try_send(pad(reply))
                .map_err(|_| io::Error::other("answers are not read")),
            None => Ok(()),
        }
    }

    /// What a slow client has no room for is lost, as on any congested path: its sender then sends less.
    fn bring(&mut self, parcel: Parcel) {
        let Some(allocation) = &mut self.allocation else {
            return;
        };
        let bytes = parcel.payload.len() as u64;
        let Some(datagram) = allocation.bring(parcel, now().instant) else {
            return;
        };
        let traffic = self.door.relays().traffic();
        if self.frames.try_send(pad(datagram)).is_ok() {
            traffic.bytes_out.add(bytes);
        } else {
            traffic.dropped.add(1);
        }
    }

    fn look(&mut self) {
        if let Some(allocation) = &mut self.allocation {
            allocation.settle(now().instant);
            if allocation.is_over() {
                self.allocation = None;
            }
        }
    }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut waiting: mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    while let Some(frame) = waiting.recv().await {
        bytes.extend(frame);
        while bytes.len() < CHUNK
            && let Ok(frame) = waiting.try_recv()
        {
            bytes.extend(frame);
        }
        timeout_at(Instant::now() + WRITE, async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        })
        .await??;
        bytes.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use tokio::io::DuplexStream;

    use super::*;
    use crate::{
        net::shard::Directory,
        turn::{Places, Relays, Secret},
    };

    /// An Allocate request without credentials.
    const ALLOCATE: [u8; 28] = [
        0, 3, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 25, 0, 4, 17,
        0, 0, 0,
    ];

    fn turn() -> Turn<()> {
        let door = Door::new(
            Secret::from(SecretString::from("a secret")),
            Places::new(false),
            Relays::default(),
            Box::new(Vec::new),
            &mut rand::rng(),
        );
        Turn {
            door: Arc::new(door),
            router: Router::new(Arc::new([]), Directory::default()),
            tls: None,
        }
    }

    /// A client, and the end of its connection with what is said about it.
    fn connected() -> (DuplexStream, tokio::task::JoinHandle<String>) {
        let (ours, theirs) = tokio::io::duplex(4096);
        let client = ([192, 0, 2, 1], 5000).into();
        let ended = tokio::spawn(async move {
            let ended = speak(theirs, client, turn()).await;
            ended.map_or_else(|error| error.to_string(), |()| "end".to_owned())
        });
        (ours, ended)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_for_no_allocation_is_let_go() {
        let begun = Instant::now();
        let (mut silent, ended) = connected();
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(ended.await.unwrap(), "no allocation was asked for");
        let (mut guessing, ended) = connected();
        let mut answer = [0; 80];
        for _ in 0..9 {
            guessing.write_all(&ALLOCATE).await.unwrap();
            guessing.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer[..2], [1, 0x13], "an error");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(ended.await.unwrap(), "no allocation was asked for");
        assert_eq!(begun.elapsed().as_secs(), 2 * WITHOUT_ALLOCATION.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn other_protocols_and_giants_end_at_once() {
        let giant = [&[0x40, 1, 0xff, 0xff][..], &[0; 500]].concat();
        for bytes in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &giant] {
            let begun = Instant::now();
            let (mut client, ended) = connected();
            client.write_all(bytes).await.unwrap();
            assert_eq!(ended.await.unwrap(), "not TURN");
            assert!(begun.elapsed() < Duration::from_secs(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_no_answers_is_let_go_and_costs_no_memory() {
        let (mut client, ended) = connected();
        let flood = async { while client.write_all(&ALLOCATE).await.is_ok() {} };
        flood.await;
        assert_eq!(ended.await.unwrap(), "answers are not read");
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_waits_for_nobody() {
        let (_reads_nothing, stream) = tokio::io::duplex(10);
        let (frames, waiting) = mpsc::channel(1);
        frames.send(vec![0; 100]).await.unwrap();
        let begun = Instant::now();
        let error = write(stream, waiting).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), WRITE);
    }

    #[tokio::test]
    async fn a_handshake_that_does_not_come_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, address) = listener.accept().await.unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::server::ResolvesServerCertUsingSni::new()));
        let turn = Turn {
            tls: Some(Arc::new(config)),
            ..turn()
        };
        tokio::time::pause();
        let served = tokio::spawn(serve(stream, address, turn));
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        let error = served.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
