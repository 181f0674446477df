//! One peer connection: str0m inside, its own socket outside. It knows m-lines and packets, not who is in the room.

mod description;
mod negotiate;
mod socket;
mod streams;
mod wire;
mod write;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use livekit_protocol as proto;
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcError,
    media::{KeyframeRequestKind, MediaData, Mid, Rid},
    rtp::RtpPacket,
};
use tokio::time::{self, sleep_until};

pub(crate) use description::tracks_of;
pub(crate) use negotiate::Change;
use negotiate::Negotiation;
use wire::Wire;
use write::Outlets;
pub(crate) use write::{Outgoing, layer_name};

use crate::options::{Receive, Transport};

/// How long audio waits for a packet that may never come: a lost one before a pause is not followed by others.
const AUDIO_PATIENCE: Duration = Duration::from_millis(400);

/// Both ends check their path every few seconds. str0m waits for long, or for ever, before it says that nobody answers.
const SILENCE: Duration = Duration::from_secs(10);

/// Why a peer connection failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The socket.
    #[error("the media socket failed: {0}")]
    Socket(#[from] io::Error),
    /// The protocol.
    #[error("the peer connection failed: {0}")]
    Rtc(#[from] RtcError),
    /// A description that cannot be read.
    #[error("the server sent a malformed {0}")]
    Malformed(&'static str),
    /// No packets for too long.
    #[error("no media connection")]
    Silent,
}

/// What the session wants to know of its connection.
#[derive(Debug)]
pub(crate) enum Happened {
    /// ICE and DTLS are up (again).
    Connected,
    /// ICE is gone; it may come back by itself.
    Disconnected,
    /// A packet arrived ([`Receive::Count`]).
    Rtp(Box<RtpPacket>),
    /// A frame arrived ([`Receive::Frames`]).
    Frame(Box<MediaData>),
    /// The other side wants a keyframe.
    KeyframeAsked(Mid, Option<Rid>),
}

/// One `Rtc` with its socket.
pub(crate) struct Connection {
    rtc: Box<Rtc>,
    wire: Wire,
    receive: Receive,
    negotiation: Negotiation,
    outlets: Outlets,
    buffer: Vec<u8>,
    /// When the server was last heard.
    heard_at: time::Instant,
    /// It has not been heard for too long.
    silent: bool,
}

impl Connection {
    /// Makes a connection whose packets leave from `local` until the server's candidates say more.
    pub async fn open(
        local: IpAddr,
        transport: Transport,
        receive: Receive,
    ) -> Result<Self, ConnectionError> {
        let mut builder = Rtc::builder();
        builder = match receive {
            Receive::Count => builder.set_rtp_mode(true),
            Receive::Frames => builder
                .clear_codecs()
                .enable_opus(true, false)
                .enable_vp8(true)
                .enable_vp9(true)
                .enable_h264(true)
                .enable_av1(true)
                .set_reordering_timeout_audio(Some(AUDIO_PATIENCE)),
        };
        let mut connection = Self {
            rtc: Box::new(builder.build(now())),
            wire: Wire::open(local, transport).await?,
            receive,
            negotiation: Negotiation::default(),
            outlets: Outlets::default(),
            buffer: vec![0; socket::LONGEST],
            heard_at: time::Instant::now(),
            silent: false,
        };
        // Without the time str0m makes no checks of its own, and a server that waits for them never comes.
        connection.rtc.handle_input(Input::Timeout(now()))?;
        connection.learn_locals();
        Ok(connection)
    }

    /// Whether media can flow.
    pub fn is_connected(&self) -> bool {
        self.rtc.is_connected() && !self.silent
    }

    /// Takes a trickled candidate.
    pub async fn add_candidate(&mut self, init: &str) {
        if let Some(candidate) = description::trickled(init) {
            self.learn(std::slice::from_ref(&candidate)).await;
            self.rtc.add_remote_candidate(candidate);
        }
    }

    /// Asks the sender on an m-line for a keyframe.
    pub fn request_keyframe(&mut self, mid: Mid) {
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_rx_by_mid(mid, None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// Finds the way to candidates of the server.
    async fn learn(&mut self, candidates: &[Candidate]) {
        self.wire.learn(candidates).await;
        self.learn_locals();
    }

    fn learn_locals(&mut self) {
        for candidate in self.wire.take_locals() {
            self.rtc.add_local_candidate(candidate);
        }
    }

    /// Takes a packet; true if it is the first one after a silence.
    fn take(&mut self, arrived: &wire::Arrived) -> Result<bool, ConnectionError> {
        self.heard_at = time::Instant::now();
        if let Some(received) = arrived.parse(&self.buffer) {
            self.rtc.handle_input(Input::Receive(now(), received))?;
        }
        Ok(std::mem::take(&mut self.silent))
    }

    /// Sends what is due and waits for the next thing that happens. Safe to drop between two calls.
    pub async fn next(&mut self) -> Result<Happened, ConnectionError> {
        loop {
            let deadline = match self.rtc.poll_output() {
                Ok(Output::Timeout(deadline)) => deadline,
                Ok(Output::Transmit(transmit)) => {
                    self.wire.send(&transmit.contents, transmit.destination);
                    continue;
                }
                Ok(Output::Event(event)) => match self.happened(event) {
                    Some(happened) => return Ok(happened),
                    None => continue,
                },
                // A frame that its codec's rules do not allow is its publisher's affair: it is skipped.
                Err(RtcError::Packet(mid, pt, error)) => {
                    tracing::debug!(%mid, %pt, %error, "frame skipped");
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let listens = self.is_connected();
            tokio::select! {
                () = sleep_until(self.heard_at + SILENCE), if listens => {
                    self.silent = true;
                    self.wire.renew();
                    return Ok(Happened::Disconnected);
                }
                () = sleep_until(deadline.into()) => {
                    self.rtc.handle_input(Input::Timeout(now()))?;
                }
                arrived = self.wire.receive(&mut self.buffer) => match arrived {
                    Ok(Some(arrived)) => {
                        if self.take(&arrived)? && self.is_connected() {
                            return Ok(Happened::Connected);
                        }
                    }
                    Ok(None) => self.learn_locals(),
                    Err(error) => {
                        tracing::debug!(%error, "media socket");
                        return Ok(Happened::Disconnected);
                    }
                }
            }
        }
    }

    fn happened(&mut self, event: Event) -> Option<Happened> {
        match event {
            Event::Connected
            | Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) => self.is_connected().then_some(Happened::Connected),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.wire.renew();
                Some(Happened::Disconnected)
            }
            Event::Closed => Some(Happened::Disconnected),
            Event::RtpPacket(packet) => Some(Happened::Rtp(Box::new(packet))),
            Event::MediaData(data) => Some(Happened::Frame(Box::new(data))),
            Event::KeyframeRequest(request) => {
                Some(Happened::KeyframeAsked(request.mid, request.rid))
            }
            _ => None,
        }
    }
}

/// The address from which packets to `server` leave.
pub(crate) async fn way_to_server(server: &url::Url) -> Option<IpAddr> {
    let host = server.host_str()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = server.port_or_known_default()?;
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.ok()?.collect();
    for address in addresses {
        if let Some(local) = socket::way_to(address).await {
            return Some(local);
        }
    }
    None
}

/// Tokio's clock, which the timers follow.
pub(crate) fn now() -> Instant {
    time::Instant::now().into_std()
}

/// The kind of a track.
pub(crate) fn kind(track: proto::TrackType) -> str0m::media::MediaKind {
    match track {
        proto::TrackType::Audio => str0m::media::MediaKind::Audio,
        proto::TrackType::Video | proto::TrackType::Data => str0m::media::MediaKind::Video,
    }
}
