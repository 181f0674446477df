//! What peer connections tell the room.

use livekit_protocol as proto;
use proto::participant_info::State;

use super::Room;
use super::broadcast::Broadcast;
use super::timers::FAREWELL;
use crate::ground::Now;
use crate::participant::{CloseReason, ParticipantKey, Target};
use crate::peer::{self, PeerEvent, PeerId};

impl Room {
    pub(super) fn handle_peer_event(&mut self, peer: PeerId, event: PeerEvent, now: Now) {
        let Some((key, target)) = self.links.owner(peer) else {
            return;
        };
        match event {
            PeerEvent::Rtp(rtp) => self.forward_rtp(key, &rtp, now),
            PeerEvent::Data { channel, payload } => self.handle_data(key, channel, &payload, now),
            PeerEvent::KeyframeRequested(track) => self.keyframe_requested(key, track, now),
            PeerEvent::SenderReport(report) => self.sender_report(key, report, now),
            PeerEvent::UpTrack(track) => self.up_track(key, &track, now),
            PeerEvent::UpTrackGone(track) => self.up_track_gone(key, track, now),
            PeerEvent::DownTrackReady { track, codecs } => {
                self.down_track_ready(key, track, &codecs, now);
            }
            PeerEvent::DownTrackRefused(track) => self.down_track_refused(key, track, now),
            PeerEvent::DownTrackReport(report) => self.down_track_report(key, report),
            PeerEvent::UpTrackReport(report) => self.up_track_report(key, report),
            PeerEvent::BandwidthEstimate(bps) => self.bandwidth_estimate(key, bps),
            PeerEvent::StreamPaused { track, .. } => self.layers_changed(key, track, now),
            PeerEvent::NegotiationNeeded => self.request_negotiation(key, now),
            PeerEvent::DataChannelOpen(_) => {}
            PeerEvent::IceConnected => self.ice_connected(key, target),
            PeerEvent::IceDisconnected => self.ice_disconnected(key, target),
            PeerEvent::IceFailed => self.transport_failed(key, now),
            PeerEvent::Connected => self.connected(key, target, now),
            PeerEvent::Closed(reason) => self.peer_closed(key, target, reason, now),
        }
    }

    fn ice_connected(&mut self, key: ParticipantKey, target: Target) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.link(target).ice_connected = true;
        // Whoever is connected again needs no second thought.
        participant.give_up_at = None;
    }

    fn ice_disconnected(&mut self, key: ParticipantKey, target: Target) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.link(target).ice_connected = false;
        tracing::debug!(participant = %participant.sid, ?target, "ICE lost its path");
    }

    fn connected(&mut self, key: ParticipantKey, target: Target, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.link(target).connected = true;
        let primary = if participant.subscriber_primary() {
            Target::Subscriber
        } else {
            Target::Publisher
        };
        if target != primary || !participant.advance(State::Active) {
            return;
        }
        tracing::info!(
            room = %self.name, identity = %participant.identity, participant = %participant.sid,
            "participant is active"
        );
        self.subscribe_to_existing(key, now);
        self.broadcast(key, Broadcast::default(), now);
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let info = self.participant_info(participant);
        self.tell_participant("participant_joined", info, now);
        self.tell_published(key, now);
        self.room_changed(now);
    }

    fn peer_closed(
        &mut self,
        key: ParticipantKey,
        target: Target,
        reason: peer::CloseReason,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        tracing::info!(
            participant = %participant.sid, ?target, ?reason, "peer connection is over"
        );
        participant.link(target).ice_connected = false;
        match reason {
            // The client hung up; without a signal connection nobody is left.
            peer::CloseReason::Remote
                if !participant.signal.is_open() || !participant.comes_back() =>
            {
                self.remove(key, CloseReason::ConnectionTimeout, now);
            }
            // SDKs close media first and say `leave` then, or the datagram overtakes it.
            peer::CloseReason::Remote => {
                let farewell_by = now.instant + FAREWELL;
                participant.farewell_by = Some(farewell_by);
                self.wake_at(farewell_by);
            }
            peer::CloseReason::Handshake => self.transport_failed(key, now),
        }
    }
}
