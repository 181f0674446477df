//! One peer connection with a UDP socket of its own: str0m inside, LiveKit's descriptions outside.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use livekit_protocol as proto;
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcError,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{RtpPacket, RtpWrite},
};
use tokio::{
    net::UdpSocket,
    time::{self, sleep_until},
};

use crate::synthetic_video::VideoPacket;

/// Why a peer connection failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The socket.
    #[error("the media socket failed: {0}")]
    Socket(#[from] io::Error),
    /// The protocol.
    #[error("the peer connection failed: {0}")]
    Rtc(#[from] RtcError),
    /// A description or candidate that cannot be read.
    #[error("the server sent a malformed {0}")]
    Malformed(&'static str),
}

/// What the participant wants to know of its connection.
#[derive(Debug)]
pub(crate) enum Happened {
    /// ICE and DTLS are up.
    Connected,
    /// ICE is gone.
    Disconnected,
    /// A packet arrived.
    Rtp(Box<RtpPacket>),
    /// The other side wants a keyframe.
    KeyframeAsked,
}

/// One `Rtc` with its socket.
pub(crate) struct Connection {
    rtc: Box<Rtc>,
    socket: UdpSocket,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Binds a free port of `ip`, the address from which the server is reached.
    pub async fn open(ip: IpAddr) -> Result<Self, ConnectionError> {
        let socket = UdpSocket::bind((ip, 0)).await?;
        let local = socket.local_addr()?;
        let mut rtc = Box::new(Rtc::builder().set_rtp_mode(true).build(now()));
        let candidate =
            Candidate::host(local, "udp").map_err(|_| ConnectionError::Malformed("address"))?;
        rtc.add_local_candidate(candidate);
        Ok(Self {
            rtc,
            socket,
            local,
            pending: None,
            buffer: vec![0; 2000],
        })
    }

    /// Answers the server's offer.
    pub fn answer(
        &mut self,
        offer: &proto::SessionDescription,
    ) -> Result<proto::SessionDescription, ConnectionError> {
        let sdp = SdpOffer::from_sdp_string(&offer.sdp)
            .map_err(|_| ConnectionError::Malformed("offer"))?;
        let answer = self.rtc.sdp_api().accept_offer(sdp)?;
        Ok(proto::SessionDescription {
            r#type: "answer".to_owned(),
            sdp: answer.to_sdp_string(),
            id: offer.id,
            ..Default::default()
        })
    }

    /// Adds a video track whose id is `cid` and offers it.
    pub fn offer_video(&mut self, cid: &str) -> Option<(Mid, proto::SessionDescription)> {
        let mut changes = self.rtc.sdp_api();
        let mid = changes.add_media(
            MediaKind::Video,
            Direction::SendOnly,
            Some("synthetic".to_owned()),
            Some(cid.to_owned()),
            None,
        );
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        let offer = proto::SessionDescription {
            r#type: "offer".to_owned(),
            sdp: offer.to_sdp_string(),
            id: 1,
            ..Default::default()
        };
        Some((mid, offer))
    }

    /// Takes the server's answer to the pending offer.
    pub fn accept(&mut self, answer: &proto::SessionDescription) -> Result<(), ConnectionError> {
        let sdp = SdpAnswer::from_sdp_string(&answer.sdp)
            .map_err(|_| ConnectionError::Malformed("answer"))?;
        if let Some(pending) = self.pending.take() {
            self.rtc.sdp_api().accept_answer(pending, sdp)?;
        }
        Ok(())
    }

    /// Takes a trickled candidate (an `RTCIceCandidateInit` in JSON).
    pub fn add_candidate(&mut self, init: &str) -> Result<(), ConnectionError> {
        let malformed = || ConnectionError::Malformed("candidate");
        let init: serde_json::Value = serde_json::from_str(init).map_err(|_| malformed())?;
        let line = init
            .get("candidate")
            .and_then(|value| value.as_str())
            .unwrap_or_default();
        // The end of the candidates is an empty line; TCP ones are of no use to a UDP socket.
        if line.is_empty() || !line.to_ascii_lowercase().contains(" udp ") {
            return Ok(());
        }
        let candidate = Candidate::from_sdp_string(line).map_err(|_| malformed())?;
        self.rtc.add_remote_candidate(candidate);
        Ok(())
    }

    /// Sends one packet of the track on `mid`.
    pub fn write(&mut self, mid: Mid, packet: VideoPacket) {
        let sent_at = now();
        let Some(pt) = self
            .rtc
            .media(mid)
            .and_then(|media| media.remote_pts().first().copied())
        else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            let rtp = RtpWrite::new(
                pt,
                packet.sequence.into(),
                packet.timestamp,
                sent_at,
                packet.payload,
            )
            .marker(packet.marker)
            .nackable(true);
            stream.write_rtp(rtp);
        }
    }

    /// Sends what is due and waits for the next thing that happens. Safe to drop between two calls.
    pub async fn next(&mut self) -> Result<Happened, ConnectionError> {
        loop {
            let deadline = match self.rtc.poll_output()? {
                Output::Timeout(deadline) => deadline,
                Output::Transmit(transmit) => {
                    // A full socket buffer is a lost packet, as on any network.
                    let _ = self
                        .socket
                        .try_send_to(&transmit.contents, transmit.destination);
                    continue;
                }
                Output::Event(event) => match happened(event) {
                    Some(happened) => return Ok(happened),
                    None => continue,
                },
            };
            tokio::select! {
                () = sleep_until(deadline.into()) => {
                    self.rtc.handle_input(Input::Timeout(now()))?;
                }
                arrived = self.socket.recv_from(&mut self.buffer) => {
                    let (length, source) = arrived?;
                    let received =
                        Receive::new(Protocol::Udp, source, self.local, &self.buffer[..length]);
                    if let Ok(received) = received {
                        self.rtc.handle_input(Input::Receive(now(), received))?;
                    }
                }
            }
        }
    }
}

/// Tokio's clock, which the timers follow.
fn now() -> Instant {
    time::Instant::now().into_std()
}

fn happened(event: Event) -> Option<Happened> {
    match event {
        Event::Connected => Some(Happened::Connected),
        Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
            Some(Happened::Disconnected)
        }
        Event::RtpPacket(packet) => Some(Happened::Rtp(Box::new(packet))),
        Event::KeyframeRequest(_) => Some(Happened::KeyframeAsked),
        _ => None,
    }
}
