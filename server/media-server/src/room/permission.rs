//! What participants may do, changed while they are here: by themselves, by publishers, by the API.

use std::collections::HashMap;

use livekit_protocol as proto;
use proto::request_response::{Reason, Request};

use super::Room;
use super::broadcast::Broadcast;
use crate::config::TooLong;
use crate::ground::{Now, RoomError};
use crate::participant::{Participant, ParticipantKey, TrackPermissions};

impl Room {
    /// `updateMetadata`: a client changes its own name, metadata or attributes.
    pub(super) fn client_updates_itself(
        &mut self,
        key: ParticipantKey,
        request: &proto::UpdateParticipantMetadata,
        now: Now,
    ) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let checked = self.check_claims(key, &request.name, &request.metadata, &request.attributes);
        let (reason, message) = match checked {
            _ if !participant.permission().can_update_metadata => (
                Reason::NotAllowed,
                "does not have permission to update own metadata",
            ),
            Ok(()) => (Reason::Ok, ""),
            Err(RoomError::TooLong(TooLong::Name)) => {
                (Reason::LimitExceeded, "exceeds name length limit")
            }
            Err(RoomError::TooLong(TooLong::Attributes)) => {
                (Reason::LimitExceeded, "exceeds attributes size limit")
            }
            Err(_) => (Reason::LimitExceeded, "exceeds metadata size limit"),
        };
        if reason == Reason::Ok {
            self.update_claims(
                key,
                &request.name,
                &request.metadata,
                &request.attributes,
                now,
            );
        }
        let answer = Request::UpdateMetadata(request.clone());
        self.answer_request(key, request.request_id, reason, message, answer);
    }

    /// Whether a participant's name, metadata and attributes stay within the limits once they are changed.
    pub(crate) fn check_claims(
        &self,
        key: ParticipantKey,
        name: &str,
        metadata: &str,
        attributes: &HashMap<String, String>,
    ) -> Result<(), RoomError> {
        let participant = self.roster.get(key).ok_or(RoomError::ParticipantNotFound)?;
        let limit = &self.shared.settings.limit;
        limit.check_name(name)?;
        limit.check_metadata(metadata)?;
        limit.check_attributes(&participant.claims.attributes, attributes)?;
        Ok(())
    }

    /// Changes what is not empty; an attribute without value is deleted.
    pub(crate) fn update_claims(
        &mut self,
        key: ParticipantKey,
        name: &str,
        metadata: &str,
        attributes: &HashMap<String, String>,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let before = participant.claims.clone();
        let claims = &mut participant.claims;
        if !name.is_empty() {
            name.clone_into(&mut claims.name);
        }
        if !metadata.is_empty() {
            metadata.clone_into(&mut claims.metadata);
        }
        for (attribute, value) in attributes {
            if value.is_empty() {
                claims.attributes.remove(attribute);
            } else {
                claims.attributes.insert(attribute.clone(), value.clone());
            }
        }
        if *claims == before {
            return;
        }
        participant.touch();
        self.broadcast(
            key,
            Broadcast {
                to_self: true,
                immediate: true,
            },
            now,
        );
        self.send_refresh_token(key, now);
    }

    /// Replaces what a participant may do, and takes away what it may not do any more.
    pub(crate) fn set_permission(
        &mut self,
        key: ParticipantKey,
        permission: &proto::ParticipantPermission,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.permission() == *permission {
            return;
        }
        let was_hidden = participant.is_hidden();
        participant
            .claims
            .video
            .get_or_insert_default()
            .update_from_permission(permission);
        participant.touch();
        let forbidden: Vec<_> = participant
            .tracks
            .iter()
            .filter(|sid| {
                self.media
                    .tracks
                    .get(*sid)
                    .is_some_and(|track| !participant.can_publish_source(track.info.source()))
            })
            .cloned()
            .collect();
        let mut announced = std::mem::take(&mut participant.announced);
        announced.retain(|track| participant.can_publish_source(track.info.source()));
        participant.announced = announced;
        let publishes = participant.can_publish() && participant.is_publisher();
        participant.set_publisher(publishes);
        let can_subscribe = participant.can_subscribe();
        for sid in forbidden {
            self.unpublish(&sid, now);
        }
        if can_subscribe {
            self.restore_subscriptions(key, now);
        } else {
            self.suspend_subscriptions(key, now);
        }
        self.broadcast(
            key,
            Broadcast {
                to_self: true,
                immediate: true,
            },
            now,
        );
        let is_hidden = self.roster.get(key).is_some_and(Participant::is_hidden);
        if is_hidden && !was_hidden {
            self.tell_hidden(key, now);
        }
        self.send_refresh_token(key, now);
        self.room_changed(now);
    }

    /// Somebody who becomes hidden leaves as far as the others can tell.
    fn tell_hidden(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let mut info = participant.info(Vec::new());
        info.state = proto::participant_info::State::Disconnected.into();
        let identity = participant.identity.clone();
        self.broadcast_info(&identity, info, true, false, Some(key), now);
    }

    /// `subscriptionPermission`: who may have the publisher's tracks.
    pub(super) fn update_track_permissions(
        &mut self,
        key: ParticipantKey,
        message: &proto::SubscriptionPermission,
        now: Now,
    ) {
        let parsed = TrackPermissions::parse(message, |sid| {
            let key = self.roster.by_sid(sid)?;
            Some(self.roster.get(key)?.identity.clone())
        });
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        match parsed {
            Ok(permissions) => participant.track_permissions = permissions,
            Err(error) => {
                tracing::info!(participant = %participant.sid, %error, "permission ignored");
                return;
            }
        }
        let tracks = participant.tracks.clone();
        for sid in tracks {
            self.recheck_subscribers(&sid, now);
        }
    }
}
