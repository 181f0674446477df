//! A running media server, a proxy that can be cut, and participants with something to say.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use livekit_wire::{Claims, VideoGrants, token::sign};
use media_server::{Config, RunError, Server};
use participant::{
    Codec, Content, Event, Events, Frame, JoinOptions, LocalFrame, LocalTrack, Participant,
    Publish, Receive, proto,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use url::Url;

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-letters";
/// Longer than anything here takes on a busy machine; only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(45);

pub struct TestServer {
    pub address: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<Result<(), RunError>>,
}

impl TestServer {
    pub async fn start() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // A second call fails when another test was first, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let text = format!(
            "port: 0\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n\
             rtc: {{udp_port: 0, node_ip: 127.0.0.1, enable_loopback_candidate: true}}\n"
        );
        let (mut config, warnings) = Config::from_yaml(&text).unwrap();
        // Any free port; in YAML it would turn TCP off.
        config.rtc.tcp_port = Some(0);
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

    pub fn url(&self) -> Url {
        url(self.address)
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }

    /// Calls a method of RoomService.
    pub async fn call(&self, method: &str, body: String) -> u16 {
        let address = format!("http://{}/twirp/livekit.RoomService/{method}", self.address);
        let grants = VideoGrants {
            room_admin: true,
            room_create: true,
            room: "r".to_owned(),
            ..VideoGrants::default()
        };
        reqwest::Client::new()
            .post(address)
            .bearer_auth(token_with("", grants, Duration::from_hours(1)))
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }
}

pub fn url(address: SocketAddr) -> Url {
    format!("ws://{address}").parse().unwrap()
}

pub fn token(identity: &str) -> String {
    let grants = VideoGrants {
        room_join: true,
        room: "r".to_owned(),
        ..VideoGrants::default()
    };
    token_with(identity, grants, Duration::from_hours(1))
}

fn token_with(identity: &str, grants: VideoGrants, life: Duration) -> String {
    let claims = Claims {
        identity: identity.to_owned(),
        video: Some(grants),
        ..Claims::default()
    };
    sign(&claims, KEY, &SECRET.into(), SystemTime::now(), life).unwrap()
}

/// Options of one who wants frames.
pub fn frames() -> JoinOptions {
    JoinOptions {
        receive: Receive::Frames,
        ..JoinOptions::default()
    }
}

pub async fn join(url: &Url, identity: &str, options: JoinOptions) -> (Participant, Events) {
    let joined = Participant::join(url, &token(identity), options).await;
    let (participant, mut events) = joined.unwrap();
    let first = next(&mut events).await;
    assert!(matches!(first, Event::Joined { .. }), "{first:?}");
    (participant, events)
}

pub async fn next(events: &mut Events) -> Event {
    timeout(PATIENCE, events.next()).await.unwrap().unwrap()
}

/// Passes over events until one fits.
pub async fn until<T>(events: &mut Events, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        assert!(begin.elapsed() < PATIENCE, "it never happened");
        if let Some(found) = wanted(next(events).await) {
            return found;
        }
    }
}

pub async fn until_frame(events: &mut Events, mut fits: impl FnMut(&Frame) -> bool) -> Frame {
    until(events, |event| match event {
        Event::Frame(frame) => fits(&frame).then_some(frame),
        _ => None,
    })
    .await
}

pub async fn until_left(events: &mut Events) -> participant::LeaveReason {
    let reason = until(events, |event| match event {
        Event::Left(reason) => Some(reason),
        _ => None,
    })
    .await;
    assert!(events.next().await.is_none(), "the last event");
    reason
}

/// What frame `index` of a layer looks like; every tenth is a keyframe.
pub fn content(codec: Codec, layer: u8, index: u64) -> Vec<u8> {
    let length = if codec == Codec::Opus {
        20 + usize::try_from(index % 100).unwrap()
    } else {
        20 + usize::try_from(index * 977 % 6_000).unwrap()
    };
    let mut data: Vec<u8> = (0..length)
        .map(|at| u8::try_from((u64::try_from(at).unwrap() * 31 + index * 7) % 251).unwrap())
        .collect();
    data[0] = match codec {
        Codec::Opus => 0xf8,
        _ => u8::from(!index.is_multiple_of(10)),
    };
    if codec == Codec::Vp8 && index.is_multiple_of(10) {
        data[3..6].copy_from_slice(&[0x9d, 0x01, 0x2a]);
    }
    data[10] = layer;
    data[11..19].copy_from_slice(&index.to_be_bytes());
    data
}

/// Layer and index of a frame, once its bytes were found right.
pub fn index_of(frame: &Frame) -> (u8, u64) {
    let layer = frame.data[10];
    let index = u64::from_be_bytes(frame.data[11..19].try_into().unwrap());
    assert_eq!(
        frame.data,
        content(frame.codec, layer, index),
        "frame {index}"
    );
    assert_eq!(
        frame.keyframe,
        frame.codec == Codec::Opus || index.is_multiple_of(10)
    );
    (layer, index)
}

/// A track whose frames come until this is dropped.
pub struct Speaker {
    pub track: Arc<LocalTrack>,
    newest: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Speaker {
    pub async fn publish(participant: &Participant, codec: Codec, layers: u8) -> Self {
        Self::publish_late(participant, codec, layers, Instant::now(), Duration::ZERO).await
    }

    /// Frame 0 was captured at `start`, and each is sent so much later than it was captured.
    pub async fn publish_late(
        participant: &Participant,
        codec: Codec,
        layers: u8,
        start: Instant,
        late: Duration,
    ) -> Self {
        let (source, content_) = if codec.is_video() {
            (
                proto::TrackSource::Camera,
                Content::Frames {
                    codec,
                    layers,
                    size: (1280, 720),
                },
            )
        } else {
            (
                proto::TrackSource::Microphone,
                Content::Frames {
                    codec,
                    layers: 1,
                    size: (0, 0),
                },
            )
        };
        let publish = Publish {
            name: format!("{codec:?}"),
            source,
            content: content_,
        };
        let track = timeout(PATIENCE, participant.publish(publish))
            .await
            .unwrap()
            .unwrap();
        let track = Arc::new(track);
        let writer = Arc::clone(&track);
        let newest = Arc::new(AtomicU64::new(0));
        let written = Arc::clone(&newest);
        let task = tokio::spawn(async move {
            let begin = u64::try_from(start.elapsed().as_millis() / 20).unwrap();
            for index in begin.. {
                let captured = start + Duration::from_millis(20) * u32::try_from(index).unwrap();
                sleep_until((captured + late).into()).await;
                for layer in 0..layers.max(1) {
                    let frame = LocalFrame {
                        layer,
                        rtp_time: index * u64::from(codec.clock_rate()) / 50,
                        captured,
                        loudness: (codec == Codec::Opus).then_some(-20),
                        data: content(codec, layer, index),
                    };
                    writer.write(frame).await;
                }
                written.store(index, Ordering::Relaxed);
            }
        });
        Self {
            track,
            newest,
            task,
        }
    }
}

impl Speaker {
    /// The frame that was written last.
    pub fn newest(&self) -> u64 {
        self.newest.load(Ordering::Relaxed)
    }

    pub async fn unpublish(self) {
        let track = Arc::clone(&self.track);
        drop(self);
        track.unpublish().await;
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A TCP proxy in front of a server.
pub struct Proxy {
    pub address: SocketAddr,
    target: watch::Sender<Option<SocketAddr>>,
    _stop: oneshot::Sender<()>,
}

impl Proxy {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (target, mut targets) = watch::channel(Some(server));
        let (stop, mut stopped) = oneshot::channel();
        tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                tokio::select! {
                    _ = &mut stopped => return,
                    // Every change cuts what is open.
                    _ = targets.changed() => open.abort_all(),
                    accepted = listener.accept() => {
                        let (mut client, _) = accepted.unwrap();
                        if let Some(server) = *targets.borrow() {
                            open.spawn(async move {
                                let mut server = TcpStream::connect(server).await?;
                                copy_bidirectional(&mut client, &mut server).await
                            });
                        }
                    }
                }
            }
        });
        Self {
            address,
            target,
            _stop: stop,
        }
    }

    /// Cuts all connections and lets new ones through to `server`, or none.
    pub fn cut(&self, server: Option<SocketAddr>) {
        self.target.send_replace(server);
    }
}
