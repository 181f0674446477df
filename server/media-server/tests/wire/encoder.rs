//! A WHIP encoder without a picture: offers a microphone and a camera, connects, and may restart ICE.

use std::{net::SocketAddr, time::Instant};

use str0m::{
    Candidate, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind},
    net::{Protocol, Receive},
};
use tokio::{
    net::UdpSocket,
    task::JoinHandle,
    time::{Duration, timeout},
};

pub struct Encoder {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
}

impl Encoder {
    /// With its offer.
    pub async fn new() -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let mut rtc = RtcConfig::new().build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        let encoder = Self {
            rtc,
            socket,
            address,
            pending: Some(pending),
        };
        (encoder, offer.to_sdp_string())
    }

    /// Connects, and stays until it is dropped: the task ends when the server hangs up.
    pub fn run(mut self, answer: &str) -> JoinHandle<()> {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        tokio::spawn(async move {
            while self.rtc.is_alive() {
                self.step().await;
            }
        })
    }

    async fn step(&mut self) {
        match self.rtc.poll_output().unwrap() {
            Output::Transmit(transmit) => {
                let sent = self
                    .socket
                    .send_to(&transmit.contents, transmit.destination);
                sent.await.unwrap();
            }
            Output::Event(_) => {}
            Output::Timeout(at) => {
                let wait = at.saturating_duration_since(Instant::now());
                let mut buffer = vec![0; 2000];
                let heard = timeout(
                    wait.max(Duration::from_millis(1)),
                    self.socket.recv_from(&mut buffer),
                );
                let input = match heard.await {
                    Ok(heard) => {
                        let (length, source) = heard.unwrap();
                        let datagram = &buffer[..length];
                        let receive = Receive::new(Protocol::Udp, source, self.address, datagram);
                        let Ok(receive) = receive else { return };
                        Input::Receive(Instant::now(), receive)
                    }
                    Err(_) => Input::Timeout(Instant::now()),
                };
                self.rtc.handle_input(input).unwrap();
            }
        }
    }
}
