//! What the room's API asks of it (service/roommanager.go).

use std::collections::HashMap;

use livekit_protocol as proto;
use livekit_wire::{Identity, TrackSid};
use proto::DataPacket;
use proto::data_packet::Value;
use proto::signal_response::Message;

use super::permission::check_limits;
use super::{Room, timers};
use crate::engine::{EngineError, Now, RoomAction};
use crate::participant::{CloseReason, ParticipantKey};

/// Bytes of a nonce, if there is one.
const NONCE_LENGTH: usize = 16;

impl Room {
    /// Does what the API asks and answers it.
    pub fn act(&mut self, action: RoomAction, now: Now) {
        // A caller that has gone away needs no answer.
        match action {
            RoomAction::Exists { reply } => drop(reply.send(Ok(()))),
            RoomAction::Create { reply, .. } => drop(reply.send(Ok(self.info()))),
            RoomAction::Delete { reply } => {
                self.close(CloseReason::RoomDeleted, now);
                drop(reply.send(Ok(())));
            }
            RoomAction::ListParticipants { reply } => {
                let infos = self
                    .participants
                    .values()
                    .map(|found| self.participant_info(found))
                    .collect();
                drop(reply.send(Ok(infos)));
            }
            RoomAction::GetParticipant { identity, reply } => {
                drop(reply.send(self.find(&identity).and_then(|key| self.info_of(key))));
            }
            RoomAction::RemoveParticipant {
                identity, reply, ..
            } => {
                let removed = self.find(&identity).map(|key| {
                    self.remove(key, CloseReason::Removed, now);
                });
                drop(reply.send(removed));
            }
            RoomAction::MutePublishedTrack {
                identity,
                track_sid,
                muted,
                reply,
            } => {
                drop(reply.send(self.mute_published_track(&identity, &track_sid, muted, now)));
            }
            RoomAction::UpdateParticipant {
                identity,
                request,
                reply,
            } => {
                drop(reply.send(self.update_participant(&identity, &request, now)));
            }
            RoomAction::UpdateSubscriptions {
                identity,
                request,
                reply,
            } => {
                let updated = self.find(&identity).map(|key| {
                    self.update_subscriptions(
                        key,
                        &request.track_sids,
                        &request.participant_tracks,
                        request.subscribe,
                        now,
                    );
                });
                drop(reply.send(updated));
            }
            RoomAction::SendData { request, reply } => {
                drop(reply.send(self.send_api_data(*request, now)));
            }
            RoomAction::UpdateMetadata { metadata, reply } => {
                drop(reply.send(self.update_metadata(metadata)));
            }
            RoomAction::PerformRpc { request, reply } => self.perform_rpc(*request, reply, now),
        }
    }

    fn find(&self, identity: &Identity) -> Result<ParticipantKey, EngineError> {
        self.by_identity
            .get(identity)
            .copied()
            .ok_or(EngineError::ParticipantNotFound)
    }

    fn info_of(&self, key: ParticipantKey) -> Result<proto::ParticipantInfo, EngineError> {
        self.participants
            .get(&key)
            .map(|participant| self.participant_info(participant))
            .ok_or(EngineError::ParticipantNotFound)
    }

    fn mute_published_track(
        &mut self,
        identity: &Identity,
        sid: &TrackSid,
        muted: bool,
        now: Now,
    ) -> Result<proto::TrackInfo, EngineError> {
        let key = self.find(identity)?;
        if !muted && !self.shared.settings.room.enable_remote_unmute {
            return Err(EngineError::RemoteUnmuteDisabled);
        }
        let info = self
            .set_muted(key, sid.as_str(), muted, now)
            .ok_or(EngineError::TrackNotFound)?;
        if let Some(participant) = self.participants.get_mut(&key) {
            // The client stops (or starts) its own capture.
            participant.send(Message::Mute(proto::MuteTrackRequest {
                sid: sid.as_str().to_owned(),
                muted,
            }));
        }
        Ok(info)
    }

    fn update_participant(
        &mut self,
        identity: &Identity,
        request: &proto::UpdateParticipantRequest,
        now: Now,
    ) -> Result<proto::ParticipantInfo, EngineError> {
        let key = self.find(identity)?;
        let participant = self
            .participants
            .get(&key)
            .ok_or(EngineError::ParticipantNotFound)?;
        let attributes: HashMap<_, _> = request.attributes.clone();
        check_limits(
            &self.shared.settings.limits,
            participant,
            &request.name,
            &request.metadata,
            &attributes,
        )?;
        self.update_claims(key, &request.name, &request.metadata, &attributes, now);
        if let Some(permission) = &request.permission {
            self.set_permission(key, permission, now);
        }
        self.info_of(key)
    }

    #[expect(deprecated, reason = "older SDKs still name sids")]
    fn send_api_data(
        &mut self,
        request: proto::SendDataRequest,
        now: Now,
    ) -> Result<(), EngineError> {
        if !request.nonce.is_empty() && request.nonce.len() != NONCE_LENGTH {
            return Err(EngineError::InvalidNonce(request.nonce.len()));
        }
        if self.seen_nonces.has(&request.nonce) {
            return Ok(());
        }
        let nonce = request.nonce.clone();
        let packet = DataPacket {
            kind: request.kind,
            destination_identities: request.destination_identities.clone(),
            value: Some(Value::User(proto::UserPacket {
                payload: request.data,
                destination_sids: request.destination_sids,
                destination_identities: request.destination_identities,
                topic: request.topic,
                nonce: request.nonce,
                ..proto::UserPacket::default()
            })),
            ..DataPacket::default()
        };
        self.refuse_api_packet(&packet)?;
        self.seen_nonces.add(nonce);
        self.fan_out(None, packet, now);
        Ok(())
    }

    fn update_metadata(&mut self, metadata: String) -> Result<proto::Room, EngineError> {
        let most = self.shared.settings.limits.max_metadata_size;
        if most > 0 && metadata.len() > most {
            return Err(EngineError::MetadataTooLong);
        }
        self.metadata = metadata;
        self.send_room_update();
        Ok(self.info())
    }

    /// Tells everybody about the room.
    pub(super) fn send_room_update(&mut self) {
        let update = proto::RoomUpdate {
            room: Some(self.info()),
        };
        for participant in self.participants.values_mut() {
            participant.send(Message::RoomUpdate(update.clone()));
        }
    }

    /// Counts changed: everybody is told soon.
    pub(super) fn room_changed(&mut self, now: Now) {
        let due = self
            .timers
            .room_update
            .get_or_insert(now.instant + timers::ROOM_UPDATE);
        let due = *due;
        self.wake_at(due);
    }
}
