//! Offers and answers: one offer of ours at a time, what is wanted meanwhile goes into the next.

use std::collections::HashSet;

use livekit_protocol as proto;
use str0m::{
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::{ChannelConfig, Reliability},
    media::{Direction, MediaKind, Mid, Rid, Simulcast, SimulcastLayer},
};

use super::{
    Connection, ConnectionError,
    description::{candidates_of, tracks_of},
    streams::{mid_extension, take_new_streams, with_mid_extension, without_mid_extension},
    write::layer_name,
};

/// Something to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The data channels that every client has.
    Data,
    /// An m-line on which the server may send.
    Receive(MediaKind),
    /// An m-line for a track of ours.
    Send {
        cid: String,
        kind: MediaKind,
        layers: u8,
    },
    /// Nothing more is sent on an m-line.
    Stop(Mid),
    /// New ICE credentials.
    Restart,
    /// The server only wants to answer again.
    Again,
}

/// Where offer and answer stand.
#[derive(Default)]
pub(super) struct Negotiation {
    wanted: Vec<Change>,
    /// The offer that is not answered yet, and what it was for.
    open: Option<(u32, SdpPendingOffer, Vec<Change>)>,
    offers: u32,
    /// The m-lines on which the server may send.
    receiving: Vec<Mid>,
    /// Those on which it does.
    busy: HashSet<Mid>,
    /// Those on which it ever did.
    played: HashSet<Mid>,
    /// The id of the MID's header extension.
    pub(super) mid_extension: Option<u8>,
}

impl Negotiation {
    /// Once given it keeps its id, also where a later description does not name it.
    fn learn_mid_extension(&mut self, sdp: &str) {
        self.mid_extension = self.mid_extension.or_else(|| mid_extension(sdp));
    }

    fn playing(&mut self, description: &proto::SessionDescription) {
        let tracks = tracks_of(description);
        self.busy = tracks.keys().map(|mid| Mid::from(mid.as_str())).collect();
        self.played.extend(&self.busy);
    }
}

/// An offer to send.
pub(crate) struct Offer {
    pub description: proto::SessionDescription,
    /// The m-lines of tracks of ours, by `cid`.
    pub sending: Vec<(String, Mid)>,
}

impl Connection {
    /// Puts a change into the next offer.
    pub fn want(&mut self, change: Change) {
        let wanted = &mut self.negotiation.wanted;
        if !matches!(change, Change::Again | Change::Restart) || !wanted.contains(&change) {
            wanted.push(change);
        }
    }

    /// Forgets an offer whose answer will not come, and restarts ICE with the next.
    pub fn restart(&mut self) {
        if let Some((_, _, changes)) = self.negotiation.open.take() {
            self.negotiation.wanted.splice(0..0, changes);
        }
        self.want(Change::Restart);
    }

    /// The next offer, if one is due and may be made.
    pub fn offer(&mut self) -> Option<Offer> {
        if self.negotiation.open.is_some() || self.negotiation.wanted.is_empty() {
            return None;
        }
        let wanted = std::mem::take(&mut self.negotiation.wanted);
        let mut sending = Vec::new();
        let mut changes = self.rtc.sdp_api();
        for change in &wanted {
            match change {
                Change::Data => {
                    changes.add_channel("_reliable".to_owned());
                    changes.add_channel_with_config(ChannelConfig {
                        label: "_lossy".to_owned(),
                        ordered: false,
                        reliability: Reliability::MaxRetransmits { retransmits: 0 },
                        ..Default::default()
                    });
                }
                Change::Receive(kind) => {
                    let mid = changes.add_media(*kind, Direction::RecvOnly, None, None, None);
                    self.negotiation.receiving.push(mid);
                }
                Change::Send { cid, kind, layers } => {
                    let simulcast = (*layers > 1).then(|| Simulcast {
                        send: (0..*layers)
                            .map(|layer| SimulcastLayer::new(layer_name(layer)))
                            .collect(),
                        recv: Vec::new(),
                    });
                    let stream = Some("local".to_owned());
                    let track = Some(cid.clone());
                    let mid =
                        changes.add_media(*kind, Direction::SendOnly, stream, track, simulcast);
                    sending.push((cid.clone(), mid));
                }
                Change::Stop(mid) => changes.set_direction(*mid, Direction::Inactive),
                Change::Restart => {
                    changes.ice_restart(true);
                }
                // str0m offers only changes: one that is taken back at once is none for the server.
                Change::Again => {
                    let Negotiation {
                        receiving, busy, ..
                    } = &mut self.negotiation;
                    if let Some(free) = receiving.iter().find(|mid| !busy.contains(mid)) {
                        changes.set_direction(*free, Direction::Inactive);
                        changes.set_direction(*free, Direction::RecvOnly);
                    } else {
                        let kind = MediaKind::Audio;
                        receiving.push(changes.add_media(
                            kind,
                            Direction::RecvOnly,
                            None,
                            None,
                            None,
                        ));
                    }
                }
            }
        }
        let (offer, pending) = changes.apply()?;
        let sdp = offer.to_sdp_string();
        self.negotiation.learn_mid_extension(&sdp);
        self.negotiation.offers += 1;
        let id = self.negotiation.offers;
        self.negotiation.open = Some((id, pending, wanted));
        Some(Offer {
            description: proto::SessionDescription {
                r#type: "offer".to_owned(),
                sdp,
                id,
                ..Default::default()
            },
            sending,
        })
    }

    /// Takes the server's answer; one to an older offer counts for nothing, and false says so.
    pub async fn accept(
        &mut self,
        answer: &proto::SessionDescription,
    ) -> Result<bool, ConnectionError> {
        let Some((id, pending, changes)) = self.negotiation.open.take() else {
            return Ok(false);
        };
        // Old servers do not repeat the id.
        if answer.id != 0 && answer.id != id {
            self.negotiation.open = Some((id, pending, changes));
            return Ok(false);
        }
        let (sdp, streams) = take_new_streams(&answer.sdp, &self.negotiation.played);
        let sdp =
            SdpAnswer::from_sdp_string(&sdp).map_err(|_| ConnectionError::Malformed("answer"))?;
        self.learn(&candidates_of(&answer.sdp)).await;
        self.rtc.sdp_api().accept_answer(pending, sdp)?;
        self.introduce(&streams)?;
        self.negotiation.playing(answer);
        Ok(true)
    }

    /// Answers the server's offer.
    pub async fn answer(
        &mut self,
        offer: &proto::SessionDescription,
    ) -> Result<proto::SessionDescription, ConnectionError> {
        let (sdp, streams) = take_new_streams(&offer.sdp, &self.negotiation.played);
        let sdp = with_mid_extension(&sdp);
        self.negotiation.learn_mid_extension(&sdp);
        let sdp =
            SdpOffer::from_sdp_string(&sdp).map_err(|_| ConnectionError::Malformed("offer"))?;
        self.learn(&candidates_of(&offer.sdp)).await;
        let answer = self.rtc.sdp_api().accept_offer(sdp)?;
        self.introduce(&streams)?;
        self.negotiation.playing(offer);
        let mut answer = answer.to_sdp_string();
        if mid_extension(&offer.sdp).is_none() {
            answer = without_mid_extension(&answer);
        }
        Ok(proto::SessionDescription {
            r#type: "answer".to_owned(),
            sdp: answer,
            id: offer.id,
            ..Default::default()
        })
    }
}

/// The stream of a layer in str0m's words.
pub(super) fn rid(layer: u8, layers: u8) -> Option<Rid> {
    (layers > 1).then(|| Rid::from(layer_name(layer)))
}
