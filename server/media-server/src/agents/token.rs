//! The token that an agent joins with (protocol `agent/token.go`).

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use livekit_wire::{
    ApiKeys, Claims, VideoGrants,
    proto::{AvailabilityResponse, ParticipantPermission},
    token::{SignError, sign},
};

use crate::ground::AGENT_NAME_ATTRIBUTE;

const LIFE: Duration = Duration::from_hours(1);

/// Who sends the agent, and where to.
pub struct Sender<'a> {
    /// The key that the worker came with: it signs for its agents.
    pub api_key: &'a str,
    /// What its agents may do.
    pub permissions: &'a ParticipantPermission,
    /// What it registered as.
    pub agent_name: &'a str,
    /// The room.
    pub room: &'a str,
}

/// A token for the agent that a worker describes in its answer.
pub fn of_agent(
    keys: &ApiKeys,
    sender: &Sender<'_>,
    answer: &AvailabilityResponse,
    now: SystemTime,
) -> Result<String, SignError> {
    let permissions = sender.permissions;
    let mut attributes = attributes(&answer.participant_attributes);
    attributes.insert(
        AGENT_NAME_ATTRIBUTE.to_owned(),
        sender.agent_name.to_owned(),
    );
    let claims = Claims {
        identity: answer.participant_identity.clone(),
        name: answer.participant_name.clone(),
        kind: "agent".to_owned(),
        metadata: answer.participant_metadata.clone(),
        attributes,
        video: Some(VideoGrants {
            room_join: true,
            agent: true,
            room: sender.room.to_owned(),
            can_subscribe: Some(permissions.can_subscribe),
            can_publish: Some(permissions.can_publish),
            can_publish_data: Some(permissions.can_publish_data),
            hidden: permissions.hidden,
            can_update_own_metadata: Some(permissions.can_update_metadata),
            can_subscribe_metrics: Some(permissions.can_subscribe_metrics),
            ..VideoGrants::default()
        }),
        ..Claims::default()
    };
    let (first_key, first_secret) = keys.first();
    let (api_key, secret) = match keys.secret(sender.api_key) {
        Some(secret) => (sender.api_key, secret),
        None => (first_key, first_secret),
    };
    sign(&claims, api_key, secret, now, LIFE)
}

fn attributes(given: &HashMap<String, String>) -> BTreeMap<String, String> {
    let pairs = given.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use livekit_wire::{proto::participant_info::Kind, token::verify};

    use super::*;

    #[test]
    fn an_agent_may_what_its_worker_asked_for_in_one_room_for_an_hour() {
        let keys = ApiKeys::one("key".to_owned(), "secret".into());
        let permissions = ParticipantPermission {
            can_subscribe: true,
            hidden: true,
            ..ParticipantPermission::default()
        };
        let sender = Sender {
            api_key: "key",
            permissions: &permissions,
            agent_name: "helper",
            room: "room",
        };
        let answer = AvailabilityResponse {
            participant_identity: "agent-1".to_owned(),
            participant_attributes: [(AGENT_NAME_ATTRIBUTE.to_owned(), "other".to_owned())].into(),
            ..AvailabilityResponse::default()
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let token = verify(&of_agent(&keys, &sender, &answer, now).unwrap(), &keys, now).unwrap();
        assert_eq!(token.expires_at, now + Duration::from_hours(1));
        let claims = token.claims;
        assert_eq!(claims.participant_kind(), Kind::Agent);
        assert_eq!(claims.attributes[AGENT_NAME_ATTRIBUTE], "helper");
        let video = claims.video.unwrap();
        assert!(video.room_join && video.agent && video.hidden && video.can_subscribe());
        assert!(!video.can_publish() && !video.can_publish_data());
        assert_eq!(video.room, "room");
    }
}
