//! Two connections and the wire between them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec as Format;
use str0m::media::{Mid, Pt, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output as RtcOutput, Rtc, RtcConfig};

use crate::forward::{Codec, DownPacket};
use crate::peer::{
    AnswerPlan, Description, DownRtp, DownTrackId, LocalCandidate, Output, Peer, PeerConfig,
    PeerEvent, PeerId, PeerRole,
};
use crate::peer::{Datagram, Route, Transport};

pub(super) const SERVER: &str = "127.0.0.1:7882";
pub(super) const CLIENT: &str = "127.0.0.1:50000";

/// Who sent a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Server,
    Client,
}

/// Decides which datagrams are lost.
type Loss = Box<dyn FnMut(From, &[u8]) -> bool>;

pub(super) struct Pair {
    pub(super) peer: Peer,
    pub(super) client: Rtc,
    pub(super) now: Instant,
    pub(super) events: Vec<PeerEvent>,
    pub(super) client_events: Vec<Event>,
    /// Whether a datagram is lost on the way.
    pub(super) lose: Loss,
    offer_id: u32,
}

pub(super) fn config() -> PeerConfig {
    PeerConfig::new(vec![LocalCandidate::Udp(address(SERVER))])
}

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

impl Pair {
    pub(super) fn new(role: PeerRole) -> Self {
        Self::with(role, &config())
    }

    pub(super) fn with(role: PeerRole, config: &PeerConfig) -> Self {
        let now = Instant::now();
        let mut client = RtcConfig::new()
            .set_rtp_mode(true)
            .enable_opus(true, true)
            .set_sctp_max_message_size(262_144)
            .build(now);
        client.add_local_candidate(Candidate::host(address(CLIENT), "udp").unwrap());
        Self {
            peer: Peer::new(
                role,
                PeerId {
                    shard: 1,
                    number: 7,
                },
                config,
                now,
            ),
            client,
            now,
            events: Vec::new(),
            client_events: Vec::new(),
            lose: Box::new(|_, _| false),
            offer_id: 0,
        }
    }

    /// The client offers what it has changed; the server answers with the plan.
    pub(super) fn offer(
        &mut self,
        plan: &AnswerPlan,
        change: impl FnOnce(&mut str0m::change::SdpApi<'_>),
    ) -> Description {
        let mut changes = self.client.sdp_api();
        change(&mut changes);
        let (offer, pending) = changes.apply().expect("an offer");
        self.finish_offer(plan, &offer, pending)
    }

    fn finish_offer(
        &mut self,
        plan: &AnswerPlan,
        offer: &SdpOffer,
        pending: SdpPendingOffer,
    ) -> Description {
        self.offer_id += 1;
        let offer = Description {
            sdp: offer.to_sdp_string(),
            id: self.offer_id,
            ..Description::default()
        };
        let answer = self.peer.handle_offer(&offer, plan, self.now).unwrap();
        let parsed = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
        self.client
            .sdp_api()
            .accept_answer(pending, parsed)
            .unwrap();
        self.settle();
        answer
    }

    /// The server offers; the client answers.
    pub(super) fn accept_offer(&mut self) -> Description {
        self.accept_offer_after(|_| {})
    }

    /// The same, and something happens before the answer comes.
    pub(super) fn accept_offer_after(&mut self, meanwhile: impl FnOnce(&mut Peer)) -> Description {
        let offer = self.peer.create_offer(self.now).expect("an offer");
        meanwhile(&mut self.peer);
        let parsed = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
        let answer = self.client.sdp_api().accept_offer(parsed).unwrap();
        let answer = Description {
            sdp: answer.to_sdp_string(),
            id: offer.id,
            ..Description::default()
        };
        self.peer.handle_answer(&answer, self.now).unwrap();
        self.settle();
        offer
    }

    /// Delivers what is on the wire until nothing moves, without time passing.
    pub(super) fn settle(&mut self) {
        loop {
            let mut moved = false;
            loop {
                match self.peer.poll_output(self.now) {
                    Output::Event(event) => self.events.push(event),
                    Output::Transmit(transmit) => {
                        moved = true;
                        let contents: &[u8] = &transmit.contents;
                        if (self.lose)(From::Server, contents) {
                            continue;
                        }
                        let receive = Receive::new(
                            Protocol::Udp,
                            transmit.source,
                            transmit.destination,
                            contents,
                        )
                        .unwrap();
                        self.client
                            .handle_input(Input::Receive(self.now, receive))
                            .unwrap();
                        self.drain_client();
                    }
                    Output::Timeout(_) => break,
                }
            }
            moved |= self.drain_client();
            if !moved {
                return;
            }
        }
    }

    /// Delivers what the client has to send; whether there was anything.
    fn drain_client(&mut self) -> bool {
        let mut datagrams = Vec::new();
        loop {
            match self.client.poll_output().unwrap() {
                RtcOutput::Event(event) => self.client_events.push(event),
                RtcOutput::Transmit(transmit) => {
                    let payload: Vec<u8> = transmit.contents.to_vec();
                    if (self.lose)(From::Client, &payload) {
                        continue;
                    }
                    let route = Route {
                        transport: Transport::Udp,
                        local: transmit.destination,
                        remote: transmit.source,
                    };
                    datagrams.push(Datagram {
                        route,
                        payload,
                        received: self.now,
                    });
                }
                RtcOutput::Timeout(_) => break,
            }
        }
        for datagram in &datagrams {
            self.peer.handle_datagram(datagram, self.now);
        }
        !datagrams.is_empty()
    }

    /// Lets time pass in small steps.
    pub(super) fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.now += Duration::from_millis(5);
            self.peer.handle_timeout(self.now);
            self.client.handle_input(Input::Timeout(self.now)).unwrap();
            self.settle();
        }
    }

    /// Runs until both sides are up.
    pub(super) fn connect(&mut self) {
        for _ in 0..400 {
            if self
                .events
                .iter()
                .any(|event| matches!(event, PeerEvent::Connected))
                && self.client.is_connected()
            {
                return;
            }
            self.run(Duration::from_millis(10));
        }
        panic!("not connected: {:?}", self.events);
    }

    pub(super) fn client_pt(&self, format: Format) -> Pt {
        let parameters = self.client.codec_config().params();
        parameters
            .iter()
            .find(|parameters| parameters.spec().codec == format)
            .unwrap()
            .pt()
    }

    /// The client sends one packet.
    pub(super) fn client_writes(
        &mut self,
        mid: Mid,
        rid: Option<&str>,
        pt: Pt,
        seq: u64,
        payload: &[u8],
    ) {
        let mut direct = self.client.direct_api();
        let stream = direct
            .stream_tx_by_mid(mid, rid.map(Rid::from))
            .expect("a stream");
        stream.write_rtp(
            RtpWrite::new(
                pt,
                seq.into(),
                u32::try_from(seq).unwrap() * 3000,
                self.now,
                payload,
            )
            .nackable(true),
        );
        self.client.handle_input(Input::Timeout(self.now)).unwrap();
        self.settle();
    }

    /// The server sends one packet.
    pub(super) fn server_writes(
        &mut self,
        track: DownTrackId,
        codec: Codec,
        seq: u64,
        payload: &[u8],
    ) -> bool {
        self.server_writes_with(track, codec, seq, payload, &ExtensionValues::default())
    }

    pub(super) fn server_writes_with(
        &mut self,
        track: DownTrackId,
        codec: Codec,
        seq: u64,
        payload: &[u8],
        extensions: &ExtensionValues,
    ) -> bool {
        let packet = DownPacket {
            seq,
            time: u32::try_from(seq).unwrap() * 3000,
            marker: true,
            vp8_patch: None,
            switched: false,
        };
        let rtp = DownRtp {
            packet: &packet,
            payload: &payload.into(),
            codec,
            extensions,
            wallclock: self.now,
        };
        let written = self.peer.write_rtp(track, &rtp);
        self.settle();
        written
    }

    /// Payloads the server got for an up track's stream.
    pub(super) fn server_got(&self, stream: u8) -> Vec<Vec<u8>> {
        self.events
            .iter()
            .filter_map(|event| match event {
                PeerEvent::Rtp(rtp) if rtp.stream == stream => Some(rtp.packet.payload.to_vec()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn client_packets(&self) -> Vec<&RtpPacket> {
        self.client_events
            .iter()
            .filter_map(|event| match event {
                Event::RtpPacket(packet) => Some(packet),
                _ => None,
            })
            .collect()
    }

    pub(super) fn ready_tracks(&self) -> Vec<(DownTrackId, Vec<Codec>)> {
        self.events
            .iter()
            .filter_map(|event| match event {
                PeerEvent::DownTrackReady { track, codecs } => Some((*track, codecs.clone())),
                _ => None,
            })
            .collect()
    }

    pub(super) fn count(&self, wanted: impl Fn(&PeerEvent) -> bool) -> usize {
        self.events.iter().filter(|event| wanted(event)).count()
    }
}
