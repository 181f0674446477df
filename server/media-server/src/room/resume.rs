//! A client that lost its signal connection comes back to the same stay (rtc/room.go ResumeParticipant, onSyncState).

use livekit_protocol as proto;
use livekit_wire::{ParticipantSid, TrackSid};
use proto::signal_response::Message;

use super::Room;
use super::broadcast::update;
use super::timers::MEDIA_TIMEOUT;
use crate::ground::{JoinRequest, Joined, Now, Resume, SignalMode};
use crate::participant::{ParticipantKey, SignalConnection};
use crate::peer::DataChannel;

impl Room {
    /// Whether the client means this stay; very old clients do not say.
    pub(super) fn may_resume(&self, key: ParticipantKey, resume: &Resume) -> bool {
        self.roster.get(key).is_some_and(|participant| {
            resume
                .participant_sid
                .as_ref()
                .is_none_or(|sid| *sid == participant.sid)
        })
    }

    pub(super) fn resume(
        &mut self,
        key: ParticipantKey,
        signal: SignalConnection,
        request: &JoinRequest,
        now: Now,
    ) -> Joined {
        let session = signal.session();
        let server_info = self.shared.settings.node.server_info();
        let ice_servers = self.shared.settings.ice_servers.clone();
        let everybody = self.everybody(key, true);
        let room = self.info();
        let departed = self.departed_since(key);
        let drop_at_once = self.simulations.drops_signal_on_resume(key, now, true);
        let drop_after = self.simulations.drops_signal_on_resume(key, now, false);
        let Some(participant) = self.roster.get_mut(key) else {
            return Joined {
                participant: ParticipantSid::from_wire(String::new()),
                session,
            };
        };
        tracing::info!(
            room = %self.name, identity = %participant.identity, participant = %participant.sid,
            reason = ?request.reconnect.as_ref().map(|resume| resume.reason), "participant resumes"
        );
        participant.signal.close();
        participant.signal = signal;
        participant.give_up_at = None;
        participant.farewell_by = None;
        participant.negotiation.forgive();
        if let Some(link) = &mut participant.subscriber {
            link.connection.forget_offer();
        }
        let joined = Joined {
            participant: participant.sid.clone(),
            session,
        };
        if drop_at_once {
            participant.signal.close();
            return joined;
        }
        participant.send(Message::Reconnect(proto::ReconnectResponse {
            ice_servers: ice_servers(participant.sid.as_str()),
            client_configuration: None,
            server_info: Some(server_info),
            last_message_seq: participant.reliable.last(),
        }));
        // Whoever left meanwhile is told first: it may be here again by the same name.
        for chunk in departed.into_iter().chain(everybody) {
            participant.send(update(chunk));
        }
        let has_media = participant.has_media();
        participant.send(Message::RoomUpdate(proto::RoomUpdate { room: Some(room) }));
        if !has_media {
            self.give_up_after(key, MEDIA_TIMEOUT, now);
        }
        self.restart_ice(key, now);
        self.send_refresh_token(key, now);
        if let Some(state) = &request.sync_state {
            self.sync_state(key, state, now);
        }
        if let Some(offer) = &request.publisher_offer {
            self.handle_offer(key, offer, now);
        }
        if drop_after && let Some(participant) = self.roster.get_mut(key) {
            participant.signal.close();
        }
        joined
    }

    /// The server restarts ICE where it offers; elsewhere the client does.
    pub(super) fn restart_ice(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.mode == SignalMode::Dual
            && let Some(link) = &mut participant.subscriber
        {
            link.connection.ice_restart();
            let peer = link.id;
            participant.negotiation.force(now.instant);
            self.mark_dirty(peer);
            self.wake_at(now.instant);
        }
    }

    /// The client's view of the session: what it publishes must be known here, what it wants is taken over, and what it
    /// missed is sent again.
    pub(super) fn sync_state(&mut self, key: ParticipantKey, state: &proto::SyncState, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let known = |sid: &str| {
            participant.tracks.iter().any(|track| track.as_str() == sid)
                || participant
                    .announced
                    .iter()
                    .any(|track| track.info.sid == sid)
        };
        let all_known = state.publish_tracks.iter().all(|published| {
            published
                .track
                .as_ref()
                .is_some_and(|track| known(&track.sid))
        });
        if !all_known || !state.publish_data_tracks.is_empty() {
            tracing::info!(participant = %participant.sid, "client publishes tracks unknown here");
            self.demand_full_reconnect(key, now);
            return;
        }
        let disabled = proto::UpdateTrackSettings {
            disabled: true,
            ..proto::UpdateTrackSettings::default()
        };
        for sid in &state.track_sids_disabled {
            let sid = TrackSid::from_wire(sid.clone());
            self.set_track_settings(key, &sid, disabled.clone(), now);
        }
        if let Some(wishes) = &state.subscription {
            self.update_subscriptions(
                key,
                &wishes.track_sids,
                &wishes.participant_tracks,
                wishes.subscribe,
                now,
            );
        }
        self.replay_data(key, &state.datachannel_receive_states, now);
    }

    fn replay_data(
        &mut self,
        key: ParticipantKey,
        states: &[proto::DataChannelReceiveState],
        now: Now,
    ) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let missed: Vec<_> = self
            .data_cache
            .iter(now.instant)
            .filter(|packet| {
                states.iter().any(|state| {
                    state.publisher_sid == packet.publisher.as_str()
                        && packet.sequence > state.last_seq
                })
            })
            .filter(|packet| packet.is_for(participant))
            .map(|packet| packet.bytes.clone())
            .collect();
        for bytes in missed {
            self.send_data_to(None, key, DataChannel::Reliable, &bytes, now);
        }
    }
}
