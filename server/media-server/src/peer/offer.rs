//! Offering down tracks to a dual-mode client on the subscriber connection, one offer at a time.

use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, Mid};

use super::codec::PayloadTypes;
use super::down::Slot;
use super::error::NegotiationError;
use super::event::DataChannel;
use super::plan::{Description, PeerRole};
use super::sdp::Sdp;
use super::{Peer, data, reshape};

/// An offer the client has not answered yet.
#[derive(Debug)]
pub(super) struct Outstanding {
    pending: SdpPendingOffer,
    id: u32,
    /// New local ICE password under the ufrag we announced, when the offer restarts ICE.
    restart: Option<str0m::IceCreds>,
}

impl Peer {
    /// The next offer of a subscriber connection: new down tracks, ended ones, an ICE restart. `None` when nothing
    /// changed or an offer is still unanswered. The very first one opens the data channels.
    pub fn create_offer(&mut self, now: Instant) -> Option<Description> {
        if self.role != PeerRole::Subscriber || self.closed || self.outstanding.is_some() {
            return None;
        }
        self.advance(now);
        let reused = self.reuse_slots();

        let mut changes = self.rtc.sdp_api();
        let is_first = self.next_offer == 1;
        if is_first {
            for channel in DataChannel::ALL {
                changes.add_channel_with_config(data::config(channel));
            }
        }
        for mid in reused {
            // A track that takes over while the m-line still sends changes no direction, and needs an offer all the same.
            changes.set_direction(mid, Direction::Inactive);
            changes.set_direction(mid, Direction::SendOnly);
        }
        for slot in &self.down.slots {
            if self.down.is_free(slot.mid) {
                changes.set_direction(slot.mid, Direction::Inactive);
            }
        }
        let mut added = Vec::new();
        for track in self
            .down
            .tracks
            .iter_mut()
            .filter(|track| track.is_waiting())
        {
            let mid = changes.add_media(
                track.spec.kind,
                Direction::SendOnly,
                Some(track.spec.stream_id.clone()),
                Some(track.spec.track_sid.clone()),
                None,
            );
            track.mid = Some(mid);
            added.push(Slot {
                mid,
                kind: track.spec.kind,
                used: true,
            });
        }
        let restart = self.restart.then(|| changes.ice_restart(true));
        let applied = changes.apply();
        self.requested = false;
        self.down.slots.extend(added);
        let (offer, pending) = applied?;

        self.restart = false;
        self.payload_types = PayloadTypes::of(self.rtc.codec_config());
        let mut sdp = Sdp::parse(&offer.to_sdp_string()).ok()?;
        let restart = restart.map(|credentials| {
            let ufrag = self.id.ufrag_from(&credentials.ufrag);
            sdp.replace_ufrag(&credentials.ufrag, &ufrag);
            str0m::IceCreds {
                ufrag,
                pass: credentials.pass,
            }
        });
        sdp.forget_stream_names();
        for section in sdp.sections.iter_mut().filter(|section| section.is_media()) {
            let track = section
                .mid()
                .map(Mid::from)
                .and_then(|mid| self.down.by_mid(mid));
            reshape::sender(section, track.map(|track| &track.spec), &self.payload_types);
        }
        let id = self.next_offer;
        self.next_offer += 1;
        self.outstanding = Some(Outstanding {
            pending,
            id,
            restart,
        });
        self.liveness.described(now);
        self.pump();
        Some(Description {
            sdp: sdp.to_string(),
            id,
            mid_to_track_id: self.down.mid_to_track_id(),
        })
    }

    /// Takes the client's answer to the outstanding offer. An answer to an older one is [`NegotiationError::Stale`].
    pub fn handle_answer(
        &mut self,
        answer: &Description,
        now: Instant,
    ) -> Result<(), NegotiationError> {
        if self.role != PeerRole::Subscriber {
            return Err(NegotiationError::WrongRole);
        }
        if self.closed {
            return Err(NegotiationError::Closed);
        }
        let stale = |outstanding: &mut Outstanding| answer.id == 0 || answer.id == outstanding.id;
        let mut parsed = Sdp::parse(&answer.sdp)?;
        super::answer::check(&parsed)?;
        for section in &mut parsed.sections {
            section.retain(|line| {
                !line.starts_with("a=candidate:") || reshape::is_usable_candidate(line)
            });
        }
        let accepted = SdpAnswer::from_sdp_string(&parsed.to_string())
            .map_err(|error| NegotiationError::Malformed(error.to_string()))?;
        let outstanding = self
            .outstanding
            .take_if(stale)
            .ok_or(NegotiationError::Stale)?;

        self.advance(now);
        self.guarded(|rtc| rtc.sdp_api().accept_answer(outstanding.pending, accepted))?;
        self.data.described(&parsed);
        if let Some(credentials) = outstanding.restart {
            self.rtc.direct_api().set_local_ice_credentials(credentials);
        }
        self.payload_types = PayloadTypes::of(self.rtc.codec_config());
        self.start_down_tracks();
        self.want_negotiation();
        self.pump();
        Ok(())
    }

    /// Gives m-lines without a track to waiting tracks of the kind.
    fn reuse_slots(&mut self) -> Vec<Mid> {
        let mut reused = Vec::new();
        if !self.reuse_sections {
            return reused;
        }
        for index in 0..self.down.tracks.len() {
            let track = &self.down.tracks[index];
            if !track.is_waiting() {
                continue;
            }
            let Some(mid) = self.down.free_slot(track.spec.kind) else {
                continue;
            };
            self.down.tracks[index].mid = Some(mid);
            self.take_slot(mid);
            reused.push(mid);
        }
        reused
    }
}
