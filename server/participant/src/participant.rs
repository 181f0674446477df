//! Joins a room and takes part in it until told to leave; one task per participant.

use std::{net::IpAddr, time::Duration};

use livekit_protocol as proto;
use proto::{signal_request::Message as Request, signal_response::Message as Response};
use str0m::media::Mid;
use tokio::{
    net::UdpSocket,
    sync::{oneshot, watch},
    task::JoinHandle,
    time::{Interval, MissedTickBehavior, interval},
};
use url::Url;

use crate::{
    connection::{Connection, ConnectionError, Happened},
    received::{Counter, Received},
    signal::{Signal, SignalError},
    synthetic_video::SyntheticVideo,
};

/// Why a participant is not, or no longer, in the room.
#[derive(Debug, thiserror::Error)]
pub enum ParticipantError {
    /// The signal socket.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// A peer connection.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The server is not reachable from any address.
    #[error("cannot find the way to {0}")]
    Unreachable(Url),
    /// The server's first message was not a join.
    #[error("the server did not let us join: {0}")]
    Refused(String),
    /// The server told us to leave.
    #[error("the server ended our part: {0}")]
    Removed(String),
    /// The task died.
    #[error("the participant panicked")]
    Panicked,
}

/// How to take part.
#[derive(Debug, Clone, Copy)]
pub struct JoinOptions {
    /// Subscribe to every track.
    pub auto_subscribe: bool,
    /// Publish a synthetic video of so many bits per second.
    pub publish_video: Option<u32>,
}

/// A participant that is in the room; dropping it leaves abruptly, [`Participant::leave`] politely.
pub struct Participant {
    received: watch::Receiver<Received>,
    connected: watch::Receiver<bool>,
    leave: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ParticipantError>>,
}

impl Participant {
    /// Joins the room of `token` at `server` (`ws://`, `wss://`, `http://` or `https://`).
    pub async fn join(
        server: &Url,
        token: &str,
        options: JoinOptions,
    ) -> Result<Self, ParticipantError> {
        let ip = way_to(server)
            .await
            .ok_or_else(|| ParticipantError::Unreachable(server.clone()))?;
        let mut signal = Signal::connect(server, token, options.auto_subscribe).await?;
        match signal.receive_soon().await? {
            Response::Join(_) => {}
            Response::Leave(leave) => {
                return Err(ParticipantError::Refused(
                    leave.reason().as_str_name().to_owned(),
                ));
            }
            other => {
                return Err(ParticipantError::Refused(format!(
                    "first message {other:?}"
                )));
            }
        }
        let (received_sender, received) = watch::channel(Received::default());
        let (connected_sender, connected) = watch::channel(false);
        let (leave, leaving) = oneshot::channel();
        let mut part = Part {
            signal,
            subscriber: Connection::open(ip).await?,
            publisher: Connection::open(ip).await?,
            counter: Counter::default(),
            received: received_sender,
            connected: connected_sender,
            video: options.publish_video.map(SyntheticVideo::new),
            mid: None,
            sending: false,
        };
        if part.video.is_some() {
            part.publish().await?;
        }
        let task = tokio::spawn(part.run(leaving));
        Ok(Self {
            received,
            connected,
            leave,
            task,
        })
    }

    /// What arrived so far.
    pub fn received(&self) -> Received {
        *self.received.borrow()
    }

    /// Resolves when media can flow, or when the participant ended before.
    pub async fn connected(&mut self) {
        // An error says that the task ended: leaving will tell why.
        let _ = self.connected.wait_for(|connected| *connected).await;
    }

    /// Leaves, and tells what went wrong until then.
    pub async fn leave(self) -> Result<(), ParticipantError> {
        // The task may have ended by itself; its result says so.
        let _ = self.leave.send(());
        self.task.await.map_err(|_| ParticipantError::Panicked)?
    }
}

/// The local address from which packets to `server` leave; nothing is sent to find out.
async fn way_to(server: &Url) -> Option<IpAddr> {
    let address = server.socket_addrs(|| None).ok()?.into_iter().next()?;
    let any: IpAddr = if address.is_ipv4() {
        [0; 4].into()
    } else {
        [0; 16].into()
    };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(address).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}

struct Part {
    signal: Signal,
    subscriber: Connection,
    publisher: Connection,
    counter: Counter,
    received: watch::Sender<Received>,
    connected: watch::Sender<bool>,
    video: Option<SyntheticVideo>,
    mid: Option<Mid>,
    sending: bool,
}

impl Part {
    const CID: &str = "synthetic-video";

    async fn publish(&mut self) -> Result<(), ParticipantError> {
        let track = proto::AddTrackRequest {
            cid: Self::CID.to_owned(),
            name: "synthetic".to_owned(),
            r#type: proto::TrackType::Video.into(),
            source: proto::TrackSource::Camera.into(),
            width: 640,
            height: 360,
            ..Default::default()
        };
        self.signal.send(Request::AddTrack(track)).await?;
        if let Some((mid, offer)) = self.publisher.offer_video(Self::CID) {
            self.mid = Some(mid);
            self.signal.send(Request::Offer(offer)).await?;
        }
        Ok(())
    }

    async fn run(mut self, mut leaving: oneshot::Receiver<()>) -> Result<(), ParticipantError> {
        let mut pings = every(Duration::from_secs(5));
        let mut frames = every(SyntheticVideo::INTERVAL);
        loop {
            tokio::select! {
                _ = &mut leaving => {
                    self.signal.close().await;
                    return Ok(());
                }
                message = self.signal.receive() => self.handle(message?).await?,
                happened = self.subscriber.next() => match happened? {
                    Happened::Rtp(packet) => {
                        let header = &packet.header;
                        self.counter.count(*header.ssrc, *packet.seq_no, packet.payload.len());
                        self.received.send_replace(self.counter.total());
                    }
                    Happened::Connected => self.ready(self.video.is_none()),
                    Happened::Disconnected | Happened::KeyframeAsked => {}
                },
                happened = self.publisher.next() => match happened? {
                    Happened::Connected => {
                        self.sending = true;
                        self.ready(true);
                    }
                    Happened::KeyframeAsked => {
                        if let Some(video) = &mut self.video {
                            video.ask_for_keyframe();
                        }
                    }
                    Happened::Disconnected | Happened::Rtp(_) => {}
                },
                _ = frames.tick(), if self.sending => self.send_frame(),
                _ = pings.tick() => self.signal.send(Request::PingReq(proto::Ping::default())).await?,
            }
        }
    }

    fn ready(&self, all: bool) {
        if all {
            self.connected.send_replace(true);
        }
    }

    fn send_frame(&mut self) {
        if let (Some(video), Some(mid)) = (&mut self.video, self.mid) {
            for packet in video.next_frame() {
                self.publisher.write(mid, packet);
            }
        }
    }

    async fn handle(&mut self, message: Response) -> Result<(), ParticipantError> {
        match message {
            Response::Offer(offer) => {
                let answer = self.subscriber.answer(&offer)?;
                self.signal.send(Request::Answer(answer)).await?;
            }
            Response::Answer(answer) => self.publisher.accept(&answer)?,
            Response::Trickle(trickle) => {
                let connection = match trickle.target() {
                    proto::SignalTarget::Publisher => &mut self.publisher,
                    proto::SignalTarget::Subscriber => &mut self.subscriber,
                };
                connection.add_candidate(&trickle.candidate_init)?;
            }
            Response::Leave(leave) => {
                return Err(ParticipantError::Removed(
                    leave.reason().as_str_name().to_owned(),
                ));
            }
            _ => {}
        }
        Ok(())
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    interval
}
